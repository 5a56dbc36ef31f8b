"""The rows of a list of cases, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from touchstone.kernel.text import Text
from touchstone.process.course import outcome_title
from touchstone.process.deployment import deployment
from touchstone.process.listing import CaseLine
from touchstone.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as its row shows it; instants in microseconds."""

    id: str
    number: str
    business: Text
    steps: tuple[Text, ...]
    unit: Text
    amount: Any
    state: str
    outcome: Text | None
    started_at: int
    ended_at: int | None
    due_at: int | None
    urgency: str


def rows_of(lines: tuple[CaseLine, ...], visitor: Visitor, now_us: int) -> tuple[CaseRow, ...]:
    """Rows in the order of the lines."""
    return tuple(_row(line, visitor, now_us) for line in lines)


def _row(line: CaseLine, visitor: Visitor, now_us: int) -> CaseRow:
    procedure = deployment(line.content, line.procedure).procedure
    place = visitor.directory.units.get(line.unit)
    late = line.is_late or (line.due_at is not None and line.due_at <= now_us)
    return CaseRow(
        id=line.id,
        number=line.number,
        business=procedure.title,
        steps=tuple(procedure.steps[element].title for element in line.steps),
        unit=place.name if place else Text(line.unit, line.unit),
        amount=line.variables.get("amount"),
        state=line.state,
        outcome=outcome_title(line.content, line.procedure, line.outcome) if line.outcome else None,
        started_at=line.started_at,
        ended_at=line.ended_at,
        due_at=line.due_at,
        urgency="breached" if late else "running",
    )
