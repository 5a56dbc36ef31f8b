"""The rows of the worklist: what each task is, for whom, and when it runs out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.kernel.text import Text
from touchstone.process.deployment import deployment
from touchstone.process.queries import WorklistEntry
from touchstone.web.visitor import Visitor

_SOON = 0.2


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One task as its row shows it; instants in microseconds.

    Attributes:
        urgency: ``breached``, ``warned``, ``running`` or ``no_clock``.
    """

    task: str
    case: str
    number: str
    procedure: str
    business: Text
    step: Text
    unit: Text
    state: str
    opened_at: int
    due_at: int | None
    urgency: str
    amount: int | None
    channel: str | None


def rows_of(entries: Sequence[WorklistEntry], visitor: Visitor, now_us: int) -> tuple[WorkRow, ...]:
    """Rows in the order of the entries."""
    cases = _cases({entry.case for entry in entries})
    found = []
    for entry in entries:
        number, slug, content, unit, variables = cases[entry.case]
        procedure = deployment(content, slug).procedure
        place = visitor.directory.units.get(unit)
        found.append(
            WorkRow(
                task=entry.task,
                case=entry.case,
                number=number,
                procedure=slug,
                business=procedure.title,
                step=procedure.steps[entry.element].title,
                unit=place.name if place else Text(unit, unit),
                state=entry.state,
                opened_at=entry.opened_at,
                due_at=entry.due_at,
                urgency=_urgency(entry, now_us),
                amount=variables.get("amount")
                if isinstance(variables.get("amount"), int)
                else None,
                channel=variables.get("channel"),
            )
        )
    return tuple(found)


def _urgency(entry: WorklistEntry, now_us: int) -> str:
    if entry.due_at is None:
        return "no_clock"
    if entry.due_at <= now_us:
        return "breached"
    whole = entry.due_at - entry.opened_at
    return "warned" if entry.due_at - now_us < whole * _SOON else "running"


def _cases(ids: Iterable[str]) -> dict[str, tuple[str, str, int, str, dict[str, Any]]]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, number, procedure, content, unit, engine FROM process_case WHERE id IN ({marks})",
            wanted,
        )
        return {
            row[0]: (row[1], row[2], row[3], row[4], json.loads(row[5])["vars"])
            for row in cursor.fetchall()
        }


def colleagues_of(visitor: Visitor) -> tuple[tuple[str, Text], ...]:
    """Everybody who holds one of the visitor's posts at the same unit, for handing over."""
    found = {
        person: visitor.directory.persons[person].name
        for holding in visitor.holdings
        for person in visitor.directory.holders([holding.post], holding.unit, visitor.day)
        if person != visitor.actor
    }
    return tuple(sorted(found.items()))
