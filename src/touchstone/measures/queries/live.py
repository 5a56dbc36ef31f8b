"""The indicators and the standard's status, computed from the whole journal when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.journal.checkpoint import checkpoints
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.kernel.time import day_of, from_microseconds
from touchstone.measures.alive import Liveness
from touchstone.measures.computing import (
    Agreement,
    compute,
    exempted,
    measured,
    month_of,
    ruler,
)
from touchstone.measures.history import build_history
from touchstone.measures.indicators import Measurement
from touchstone.measures.queries.stored import last_measured_day
from touchstone.packs.catalogue import catalogue
from touchstone.standard.queries import Clause

_UNITS = ("unit",)


@dataclass(frozen=True)
class Board:
    """Every indicator of a period, and how alive each clause is.

    Attributes:
        watermark: number of the last checkpoint, None before the first.
    """

    as_of: dt.date
    period: str
    watermark: int | None
    measurements: tuple[Measurement, ...]
    clauses: Mapping[str, Clause]
    liveness: Mapping[str, Liveness]

    def exempted(self) -> tuple[Clause, ...]:
        """Normative clauses with a stated exemption that has not expired."""
        return exempted(self.clauses, self.as_of)


def board_now(as_of: dt.date | None = None) -> Board:
    """Compute everything for the month of ``as_of``, by default that of the last measured day.

    Where nothing was measured yet, that of the last event.
    """
    history = build_history(list(row.recorded()) for row in rows())
    lived = day_of(from_microseconds(history.last_at)) if history.cases else None
    day = as_of or last_measured_day() or lived
    known = ruler(catalogue().version)
    last = checkpoints()[-1:]
    watermark = last[0].number if last else None
    if day is None:
        return Board(as_of or dt.date.min, "", watermark, (), known.clauses, {})
    period = month_of(day)
    found = compute(history, period, known, agreement())
    values = [
        item
        for definition in known.definitions
        for item in measured(
            definition, found, known, kinds=_UNITS if "unit" in definition.scope else ()
        )
    ]
    return Board(day, period.name, watermark, tuple(values), known.clauses, found.liveness)


def agreement() -> Agreement:
    """Rows that the journal gives, and rows altogether, by table; none agrees where it is broken."""
    is_whole = verify().ok
    return {
        name: (max(0, table.rows - table.differences) if is_whole else 0, table.rows)
        for name, table in replay().items()
    }


def as_number(value: Decimal | None) -> float | None:
    """A value for JSON."""
    return None if value is None else float(round(value, 6))


def describe(item: Measurement) -> dict[str, Any]:
    """A measurement as ``indicators --json`` gives it."""
    return {
        "id": item.id,
        "scope": item.scope,
        "period": item.period,
        "numerator": item.numerator,
        "denominator": item.denominator,
        "value": as_number(item.value),
        "unit": item.unit,
        "target": as_number(item.target),
        "direction": item.direction,
        "status": item.status,
        "regulatory_limit": as_number(item.regulatory_limit),
        "definition": item.definition,
    }
