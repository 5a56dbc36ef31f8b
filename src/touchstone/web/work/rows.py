"""The rows of the worklist: what each task is, for whom, and when it runs out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.kernel.text import Text
from touchstone.process.deployment import deployment
from touchstone.process.queries import MatterEntry, WorklistEntry
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


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One matter beside the flow of a case: what it is about and what to do."""

    matter: str
    kind: str
    case: str
    number: str
    business: Text
    about: Text
    clause: str | None
    opened_at: int
    due_at: int | None
    is_late: bool


_MATTERS = {
    "escalation": Text("超时督办", "Overdue: what is done about it"),
    "handoff": Text("移交事项", "Handed off to you"),
    "review": Text("紧急授权复查", "Review of emergency authority"),
}


def matter_rows(
    found: Sequence[MatterEntry], visitor: Visitor, now_us: int
) -> tuple[MatterRow, ...]:
    """Matters in words, in their order."""
    cases = _cases({item.case for item in found})
    rows = []
    for item in found:
        number, slug, content, _, _ = cases[item.case]
        procedure = deployment(content, slug).procedure
        step = procedure.steps.get(item.element or "")
        kind = _MATTERS[item.kind]
        about = Text(f"{kind.zh}:{step.title.zh}", f"{kind.en}: {step.title.en}") if step else kind
        rows.append(
            MatterRow(
                item.matter,
                item.kind,
                item.case,
                number,
                procedure.title,
                about,
                item.clause,
                item.opened_at,
                item.due_at,
                item.due_at is not None and item.due_at <= now_us,
            )
        )
    return tuple(rows)


def colleagues_of(visitor: Visitor) -> tuple[tuple[str, Text], ...]:
    """Everybody who holds one of the visitor's posts at the same unit, for handing over."""
    found = {
        person: visitor.directory.persons[person].name
        for holding in visitor.holdings
        for person in visitor.directory.holders([holding.post], holding.unit, visitor.day)
        if person != visitor.actor
    }
    return tuple(sorted(found.items()))
