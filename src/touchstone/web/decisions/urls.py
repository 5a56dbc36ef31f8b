"""Addresses of the decisions."""

from django.urls import path

from touchstone.web.decisions import drafts, drifting, views, what_if

urlpatterns = [
    path("", views.decisions, name="decisions"),
    path("<slug:identity>/", views.decision, name="decision"),
    path("<slug:identity>/cases/", views.cases, name="decision_cases"),
    path("<slug:identity>/versions/", views.versions, name="decision_versions"),
    path("<slug:identity>/drift/", drifting.drift, name="decision_drift"),
    path("<slug:identity>/draft/", drafts.draft, name="decision_draft"),
    path("<slug:identity>/draft/propose/", drafts.propose, name="decision_propose"),
    path("<slug:identity>/what-if/", what_if.what_if, name="decision_what_if"),
]
