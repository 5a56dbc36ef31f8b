"""Reads over the journal for people's pages."""

from __future__ import annotations

from django.db import connection


def journal_size() -> tuple[int, int]:
    """Number of events and of streams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT stream) FROM journal_event")
        found = cursor.fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)
