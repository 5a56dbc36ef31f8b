"""Half-filled forms: sealed, kept for some days for who wrote them, gone with the act. A delivery table.

Every save is a new row and takes the earlier ones away, so of two tabs that save at once one finds
the other's version and is told so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.vault.actions import open_aside, seal_aside

_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far, as ``kernel.forms.Parsed.typed`` gives it.

    Attributes:
        version: to be handed back when it is saved again.
    """

    typed: Mapping[str, Any]
    version: int
    saved_at: dt.datetime


def write_draft(
    unit: UnitOfWork, subject: str, place: str, typed: Mapping[str, Any], version: int
) -> int:
    """Keep what the actor typed at ``place``; the new version.

    Raises:
        Refusal: ``process.draft_changed``, ``process.draft_too_large``.
    """
    person = unit.context.actor
    if len(canonical_text(typed)) > _MOST_BYTES:
        raise refuse("process.draft_too_large", "草稿内容过大", "The draft is too large")
    found = _row(unit, person, place)
    current = found[0] if found else 0
    if version != current:
        raise refuse(
            "process.draft_changed",
            "草稿已在另一窗口中改动，本次未保存",
            "The draft was changed in another window; this one was not saved",
            remedy_zh="请先载入最新草稿，再合并您的改动",
            remedy_en="Load the newest draft first, then add your changes",
        )
    expires = unit.now + dt.timedelta(days=settings.DRAFT_DAYS)
    unit.execute(
        "INSERT INTO process_draft (person, place, version, sealed, saved_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (
            person,
            place,
            current + 1,
            seal_aside(unit, subject, typed, _bound(person, place)),
            unit.now_us,
            to_microseconds(expires),
        ),
    )
    unit.execute(
        "DELETE FROM process_draft WHERE person = %s AND place = %s AND version <= %s",
        (person, place, current),
    )
    return current + 1


def read_draft(unit: UnitOfWork, subject: str, place: str) -> Draft | None:
    """The actor's draft at ``place``; None where there is none that opens."""
    person = unit.context.actor
    found = _row(unit, person, place)
    if not found or found[3] <= unit.now_us:
        return None
    version, sealed, saved_at, _ = found
    typed = open_aside(unit, subject, bytes(sealed), _bound(person, place))
    return None if typed is None else Draft(typed, version, from_microseconds(saved_at))


def remove_draft(unit: UnitOfWork, place: str) -> None:
    """Take the actor's draft at ``place`` away, as part of an act."""
    unit.execute(
        "DELETE FROM process_draft WHERE person = %s AND place = %s", (unit.context.actor, place)
    )


def remove_expired(unit: UnitOfWork) -> int:
    """Take away what has run out; how many."""
    found = unit.read("SELECT count(*) FROM process_draft WHERE expires_at <= %s", (unit.now_us,))
    unit.execute("DELETE FROM process_draft WHERE expires_at <= %s", (unit.now_us,))
    return int(found[0][0])


def begun_by(person: str, now: dt.datetime) -> tuple[tuple[str, str, dt.datetime], ...]:
    """Cases the person has begun to fill in but not begun: procedure, unit, when it was kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, saved_at FROM process_draft WHERE person = %s AND expires_at > %s"
            " ORDER BY saved_at DESC",
            (person, to_microseconds(now)),
        )
        rows = list(cursor.fetchall())
    found = []
    for place, saved_at in rows:
        kind, _, rest = place.partition(":")
        procedure, _, where = rest.partition("@")
        if kind == "start":
            found.append((procedure, where.partition("/")[0], from_microseconds(saved_at)))
    return tuple(found)


def place_of_task(task: str) -> str:
    """Where the draft of a task lies."""
    return f"task:{task}"


def place_of_start(procedure: str, unit: str, customer: str | None) -> str:
    """Where the draft of a case that is not begun lies."""
    return f"start:{procedure}@{unit}/{customer or ''}"


def _row(unit: UnitOfWork, person: str, place: str) -> tuple[Any, ...] | None:
    rows = unit.read(
        "SELECT version, sealed, saved_at, expires_at FROM process_draft"
        " WHERE person = %s AND place = %s ORDER BY version DESC LIMIT 1",
        (person, place),
    )
    return rows[0] if rows else None


def _bound(person: str, place: str) -> str:
    return f"draft/{person}/{place}"
