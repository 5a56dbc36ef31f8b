"""Addresses of the monthly report."""

from django.urls import path

from touchstone.web.reports import views

urlpatterns = [
    path("", views.reports, name="reports"),
    path("<str:period>/", views.report, name="report"),
    path("<str:period>/report.<str:kind>", views.report_file, name="report_file"),
]
