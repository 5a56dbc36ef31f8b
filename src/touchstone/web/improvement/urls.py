"""Addresses of findings."""

from django.urls import path

from touchstone.web.improvement import views

urlpatterns = [
    path("", views.findings_page, name="findings"),
    path("xray/", views.self_check, name="xray"),
    path("ledger.xlsx", views.ledger, name="findings_ledger"),
    path("<str:identity>/", views.finding_page, name="finding"),
    path("<str:identity>/repair/", views.begin_repair, name="finding_repair"),
]
