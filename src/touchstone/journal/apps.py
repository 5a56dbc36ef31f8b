"""Registration of the journal."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The append-only event log."""

    name = "touchstone.journal"
    label = "journal"
