"""Reads over the journal for people's pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import connection

from touchstone.journal.reading import rows


def journal_size() -> tuple[int, int]:
    """Number of events and of streams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT stream) FROM journal_event")
        found = cursor.fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def size_between(since: int, until: int) -> int:
    """Events recorded from one instant and before another, microseconds since the epoch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM journal_event WHERE recorded_at >= %s AND recorded_at < %s",
            (since, until),
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows, acts and facts of the journal.

    Attributes:
        events: rows.
        acts: acts; an act writes one row per stream it touches, and cases dominate.
        facts: kind -> how many.
    """

    events: int
    acts: int
    facts: dict[str, int]


def act_and_fact_counts() -> Counts:
    """Count everything recorded so far."""
    facts: Counter[str] = Counter()
    events = 0
    for row in rows():
        events += 1
        facts.update(recorded.kind for recorded in row.recorded())
    return Counts(events, events, dict(facts))
