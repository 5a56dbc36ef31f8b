"""Addresses of my work."""

from django.urls import path

from touchstone.web.work import views

urlpatterns = [
    path("", views.work, name="work"),
    path("waiting/", views.waiting, name="work_waiting"),
    path("claim/", views.claim, name="claim_tasks"),
    path("hand-over/", views.hand_over, name="hand_over_tasks"),
]
