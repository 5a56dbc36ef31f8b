"""The indicators and the standard's status, computed from the journal when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from touchstone.journal.checkpoint import checkpoints
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.kernel import feel
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.time import at_local, day_of, from_microseconds, to_microseconds
from touchstone.measures.alive import NORMATIVE, Liveness, liveness
from touchstone.measures.history import History, build_history
from touchstone.measures.indicators import Definition, Measurement, measure, read_definition
from touchstone.measures.templates import TEMPLATES, WHOLE, Count, Standard, Window
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.process.deployment import parameter_function
from touchstone.records.registers import register_of
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses


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
        today = self.as_of.isoformat()
        return tuple(
            clause
            for clause in self.clauses.values()
            if clause.kind in NORMATIVE and clause.exempt and clause.exempt["expires"] >= today
        )


def board(as_of: dt.date | None = None) -> Board:
    """Compute everything for the month of ``as_of``, by default that of the last event."""
    history = build_history(list(row.recorded()) for row in rows())
    day = as_of or (day_of(from_microseconds(history.last_at)) if history.cases else None)
    standard = catalogue()
    known = clauses(standard.version) if standard.version else {}
    last = checkpoints()[-1:]
    watermark = last[0].number if last else None
    if day is None:
        return Board(as_of or dt.date.min, "", watermark, (), known, {})
    window, last_day = _month(day)
    period = f"{day:%Y-%m}"
    about = _standard(standard, known)
    numbers = parameters(standard.version)
    definitions = [
        read_definition(identity, item.data)
        for identity, item in sorted(standard.objects("indicator").items())
    ]
    measured = [
        item
        for definition in definitions
        if definition.measure["template"] not in WHOLE
        for item in _scopes(definition, history, window, period, last_day, about, numbers)
    ]

    def whole(template: str, count: Count | None) -> None:
        measured.extend(
            measure(
                definition,
                count,
                scope="institution",
                period=period,
                day=last_day,
                parameters=numbers,
            )
            for definition in definitions
            if definition.measure["template"] == template
        )

    whole("record_share", _records())
    served = {definition.id: definition.clauses for definition in definitions}
    binding = [clause.id for clause in known.values() if clause.kind in NORMATIVE]
    procedures = list(about.procedures.values())
    alive = liveness(binding, history, window, measured, served, procedures)
    made = Board(day, period, watermark, (), known, alive)
    exempt = {clause.id for clause in made.exempted()}
    counted = [state for clause, state in alive.items() if clause not in exempt]
    whole("alive_share", Count(sum(state.is_alive for state in counted), len(counted)))
    measured.sort(key=lambda item: (item.id, item.scope != "institution", item.scope))
    return Board(day, period, watermark, tuple(measured), known, alive)


def _scopes(
    definition: Definition,
    history: History,
    window: Window,
    period: str,
    day: dt.date,
    about: Standard,
    numbers: Mapping[str, Parameter],
) -> list[Measurement]:
    template = TEMPLATES[definition.measure["template"]]

    def one(part: History, scope: str) -> Measurement:
        count = template(part, definition.measure, window, about)
        return measure(definition, count, scope=scope, period=period, day=day, parameters=numbers)

    found = [one(history, "institution")]
    if definition.measure["template"] != "standard_coverage":
        parts = [one(history.of_unit(unit), f"unit:{unit}") for unit in history.units()]
        found += [item for item in parts if item.denominator]
    return found


def _month(day: dt.date) -> tuple[Window, dt.date]:
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    start, end = (to_microseconds(at_local(item, dt.time())) for item in (first, following))
    return Window(start, end), following - dt.timedelta(days=1)


def _standard(standard: Catalogue, known: Mapping[str, Clause]) -> Standard:
    procedures = {slug: item.data for slug, item in standard.objects("procedure").items()}
    functions = {"parameter": parameter_function(parameters(standard.version))}

    @lru_cache(maxsize=256)
    def compiled(text: str) -> feel.Expression:
        names = dict.fromkeys(("fact", "variables", "case"), feel.CONTEXT)
        found = feel.compile(text, names=names, functions=functions)
        assert isinstance(found, feel.Expression), found
        return found

    registers = {name: register_of(standard, name) for name in standard.objects("register")}

    @lru_cache(maxsize=256)
    def compiled_entry(register: str, text: str) -> feel.Expression:
        names = registers[register].form.variables()
        found = feel.compile(text, names=names, functions=functions)
        assert isinstance(found, feel.Expression), found
        return found

    slugs = {data["id"]: slug for slug, data in procedures.items()}
    return Standard(slugs, procedures, frozenset(known), compiled, registers, compiled_entry)


def _records() -> Count:
    """Rows of all projections that the journal gives, over all of them; none where it is broken."""
    tables = replay().values()
    total = sum(table.rows for table in tables)
    agreeing = total - sum(table.differences for table in tables)
    return Count(max(0, agreeing) if verify().ok else 0, total)


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
