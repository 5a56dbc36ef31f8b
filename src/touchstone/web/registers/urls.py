"""Addresses of registers."""

from django.urls import path

from touchstone.web.registers import views

urlpatterns = [
    path("", views.registers, name="registers"),
    path("entries/<slug:identity>/", views.entry_page, name="entry"),
    path("entries/<slug:identity>/confirm/", views.confirm, name="entry_confirm"),
    path("entries/<slug:identity>/correct/", views.correct, name="entry_correct"),
    path("entries/<slug:identity>/void/", views.void, name="entry_void"),
    path("entries/<slug:identity>/show/", views.show, name="entry_show"),
    path("<slug:name>/", views.register, name="register"),
    path("<slug:name>/enter/", views.enter, name="register_enter"),
]
