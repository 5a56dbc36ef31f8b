"""Reads of sittings and certificates; frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.people.courses import Course
from touchstone.people.examining import ItemStatistics, item_statistics
from touchstone.people.folds import SITTINGS

OF_PERSON = f"{SITTINGS.select} WHERE course = %s AND person = %s ORDER BY begun_at, id"


@dataclass(frozen=True)
class Sitting:
    """One sitting; ``right`` and ``score`` are there once it has ended.

    Attributes:
        answers: question -> letters chosen.
        score: 0 to 100; a sitting that lapsed has 0.
        valid_until: the last day of the certificate, where it was passed.
        content: version of the standard that the paper was drawn from.
    """

    id: str
    person: str
    course: str
    unit: str
    attempt: int
    paper: tuple[str, ...]
    content: int
    begun_at: int
    due_at: int
    state: str
    answers: Mapping[str, Sequence[str]]
    right: frozenset[str]
    score: int | None
    is_passed: bool
    valid_until: dt.date | None
    ended_at: int | None
    is_round_over: bool


@dataclass(frozen=True)
class Standing:
    """Where a person stands with a course.

    Attributes:
        certified_until: last day of the latest certificate; None where there was none.
        used: attempts used up in the round that runs.
        open: the sitting that has begun and not ended.
    """

    certified_until: dt.date | None
    used: int
    open: Sitting | None
    sittings: tuple[Sitting, ...]

    def is_certified(self, day: dt.date) -> bool:
        """Whether a certificate is valid on ``day``."""
        return self.certified_until is not None and day <= self.certified_until


def to_sitting(row: Values) -> Sitting:
    """A row of the table as a frozen value."""
    until = row["valid_until"]
    return Sitting(
        row["id"],
        row["person"],
        row["course"],
        row["unit"],
        row["attempt"],
        tuple(row["paper"]),
        row["content"],
        row["begun_at"],
        row["due_at"],
        row["state"],
        dict(row["answers"]),
        frozenset(row["correct"]),
        row["score"],
        bool(row["is_passed"]),
        dt.date.fromisoformat(until) if until else None,
        row["ended_at"],
        bool(row["is_round_over"]),
    )


def standing_of(sittings: Sequence[Sitting]) -> Standing:
    """What one person's sittings of one course, in their order, amount to."""
    until, used, open_ = None, 0, None
    for item in sittings:
        used += 1
        if item.is_passed:
            until = item.valid_until
        if item.is_passed or item.is_round_over:
            used = 0
        open_ = item if item.state == "open" else None
    return Standing(until, used, open_, tuple(sittings))


def _rows(sql: str, params: Sequence[str]) -> tuple[Sitting, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return tuple(to_sitting(SITTINGS.decode(row)) for row in cursor.fetchall())


def standing(course: str, person: str) -> Standing:
    """Where ``person`` stands with ``course``."""
    return standing_of(_rows(OF_PERSON, (course, person)))


def sitting(identity: str) -> Sitting | None:
    """One sitting."""
    found = _rows(f"{SITTINGS.select} WHERE id = %s", (identity,))
    return found[0] if found else None


def standings(course: str) -> Mapping[str, Standing]:
    """Everybody who ever sat the exam of ``course``: person -> where he stands."""
    found: dict[str, list[Sitting]] = {}
    for item in _rows(f"{SITTINGS.select} WHERE course = %s ORDER BY begun_at, id", (course,)):
        found.setdefault(item.person, []).append(item)
    return {person: standing_of(items) for person, items in sorted(found.items())}


def statistics(course: Course) -> tuple[ItemStatistics, ...]:
    """What the papers handed in so far say about the questions of ``course``."""
    done = _rows(f"{SITTINGS.select} WHERE course = %s AND state = 'handed_in'", (course.id,))
    return item_statistics((item.paper, item.right, item.score or 0) for item in done)
