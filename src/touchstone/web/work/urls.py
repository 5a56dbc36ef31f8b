"""Addresses of my work."""

from django.urls import path

from touchstone.web.work import views

urlpatterns = [path("", views.work, name="work"), path("claim/", views.claim, name="claim_tasks")]
