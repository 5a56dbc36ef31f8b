"""Addresses of the counter intake."""

from django.urls import path

from touchstone.web.intake import views

urlpatterns = [
    path("", views.choose, name="intake"),
    path("<slug:slug>/", views.begin, name="begin"),
    path("<slug:slug>/customer/", views.find, name="intake_find"),
    path("<slug:slug>/register/", views.enrol, name="intake_register"),
    path("receipts/<slug:case>/", views.receipt, name="receipt"),
]
