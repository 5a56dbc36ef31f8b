"""The database as a command finds it: made on first use, brought up to date."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock


def ready_database() -> None:
    """Make the folder and the tables where they are missing."""
    Path(settings.DATA).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)


def context_of(actor: str) -> ActContext:
    """The context of an act from the command line."""
    return ActContext(actor, SystemClock(), SystemChance())


def sqlite_without_sync() -> bool:
    """On SQLite, stop waiting for the disk on this connection; whether it did."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    return True
