"""Addresses of oversight."""

from django.urls import path

from touchstone.web.oversight import views

urlpatterns = [
    path("", views.matters, name="oversight"),
    path("held/", views.held, name="oversight_held"),
    path("held/release/", views.release, name="release_hold"),
    path("overdue/", views.overdue, name="oversight_overdue"),
    path("incidents/", views.incidents, name="oversight_incidents"),
    path("incidents/retry/", views.retry, name="retry_incident"),
    path("later/", views.later, name="oversight_later"),
    path("matters/<str:identity>/", views.matter, name="matter"),
    path("matters/<str:identity>/close/", views.close, name="close_matter"),
]
