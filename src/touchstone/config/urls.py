"""Addresses of the house."""

from django.urls import path

from touchstone.web import views

urlpatterns = [path("", views.home, name="home"), path("healthz", views.healthz, name="healthz")]
