"""Addresses of the journal."""

from django.urls import path

from touchstone.web.journal import views

urlpatterns = [
    path("", views.journal, name="journal"),
    path("looks/", views.looks, name="journal_looks"),
    path("verify/", views.verify, name="journal_verify"),
    path("verify/begin/", views.begin_verify, name="journal_verify_begin"),
    path("verify/advance/", views.advance_verify, name="journal_verify_advance"),
    path("export/", views.export, name="journal_export"),
    path("export/download/", views.download, name="journal_download"),
    path("event/<path:stream>/<int:position>/", views.event, name="journal_event"),
]
