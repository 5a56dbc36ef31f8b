"""Addresses of the procedures."""

from django.urls import path

from touchstone.web.procedures import views

urlpatterns = [
    path("", views.procedures, name="procedures"),
    path("<slug:slug>/", views.procedure, name="procedure"),
]
