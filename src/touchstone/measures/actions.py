"""Measuring: the board computed once, what was found recorded, and the counted items kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.checkpoint import covering_checkpoint
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.measures.clause_metrics import describe
from touchstone.measures.computing import Computed, Ruler, compute, measured, month_until, ruler
from touchstone.measures.folds import (
    LIVENESS,
    LIVENESS_STREAM,
    MEASURED,
    MEASUREMENTS,
    SHOWN,
    indicator_stream,
)
from touchstone.measures.indicators import Definition, Measurement
from touchstone.measures.itemising import keep_items
from touchstone.measures.keeping import HistoryKeeper
from touchstone.measures.places import branches_of
from touchstone.measures.queries.live import agreement
from touchstone.measures.queries.stored import last_measured_day
from touchstone.packs.catalogue import catalogue

# A worker that was away measures at most so many of the days it missed.
_CATCH_UP = 31
# Where a value comes from; that alone does not make it another one.
_PINS = frozenset({"standard", "watermark", "counted_until"})


@dataclass(frozen=True, slots=True)
class MeasuredNow:
    """What one measuring wrote.

    Attributes:
        watermark: the checkpoint that covers what was counted.
        recorded: values that were new or had changed.
        unchanged: values that stood as they are.
    """

    as_of: dt.date
    watermark: int
    recorded: int
    unchanged: int


def measure_now(
    context: ActContext,
    as_of: dt.date,
    *,
    keeper: HistoryKeeper | None = None,
    with_records: bool = True,
) -> MeasuredNow:
    """Measure every indicator and every clause in the month of ``as_of`` up to that day.

    A value equal to the one recorded for that day is not written again. ``keeper`` is handed from
    day to day, so that each event is read once. ``with_records`` verifies and replays the journal,
    for the indicator of the record; without it that indicator is not measured. The
    counted items are kept for drill-down.

    Raises:
        Refusal: ``measures.day_to_come``, ``measures.no_standard``, ``identity.not_permitted``.
    """
    today = day_of(context.clock.now())
    people = directory()
    require(people, context.actor, "measures.measure", today)
    if as_of > today:
        raise refuse(
            "measures.day_to_come",
            f"{as_of} 尚未到来，不能测量",
            f"{as_of} has yet to come and cannot be measured",
            remedy_zh="请选择今天或以前的日期",
            remedy_en="Choose today or an earlier day",
        )
    known = ruler(catalogue().version)
    if not known.version:
        raise refuse(
            "measures.no_standard",
            "尚未应用任何标准，没有可测量的指标",
            "No standard is in force, so there is nothing to measure",
            remedy_zh="先应用标准包",
            remedy_en="Apply a standard pack first",
        )
    period = month_until(as_of)
    until = min(to_microseconds(context.clock.now()), period.window.end)
    watermark = covering_checkpoint(context.clock).number
    history = (keeper or HistoryKeeper()).at(watermark, until)
    agreed = agreement() if with_records else None
    computed = compute(history, period, known, agreed)
    pins = {"standard": known.version, "watermark": watermark, "counted_until": until}
    branches = branches_of(people)
    recorded = unchanged = 0
    for definition in known.definitions:
        if definition.id not in computed.counted:
            continue
        values = measured(definition, computed, known, branches)
        facts = [_fact(item, definition, as_of, pins) for item in values]
        written = _record_values(context, definition, as_of, facts)
        recorded += written
        unchanged += len(facts) - written
    _record_liveness(context, as_of, computed, known, watermark)
    keep_items(computed, as_of, branches)
    return MeasuredNow(as_of, watermark, recorded, unchanged)


def measure_ended_days(context: ActContext) -> tuple[MeasuredNow, ...]:
    """Measure the days that have ended since the last measured one, for the worker.

    Of many missed days only the latest are measured; before the first measuring, yesterday alone.
    """
    yesterday = day_of(context.clock.now()) - dt.timedelta(days=1)
    last = last_measured_day()
    if (last is not None and last >= yesterday) or not catalogue().version:
        return ()
    missed = min((yesterday - last).days if last else 1, _CATCH_UP)
    keeper = HistoryKeeper()
    return tuple(
        measure_now(
            context,
            day,
            keeper=keeper,
            with_records=day == yesterday,
        )
        for day in (yesterday - dt.timedelta(days=back) for back in reversed(range(missed)))
    )


def _fact(
    item: Measurement, definition: Definition, as_of: dt.date, pins: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "indicator": item.id,
        "as_of": as_of.isoformat(),
        "scope": item.scope,
        "period": item.period,
        "numerator": item.numerator,
        "denominator": item.denominator,
        "excluded": item.excluded,
        "value": None if item.value is None else format(round(item.value, 9).normalize(), "f"),
        "status": item.status,
        "unit": item.unit,
        "direction": item.direction,
        "lines": {name: format(line.normalize(), "f") for name, line in item.lines.items()},
        "clauses": list(definition.clauses),
        "definition": item.definition,
        **pins,
    }


def _differs(stored: Values | None, fact: Mapping[str, Any]) -> bool:
    """Whether a value is another one; that more events are covered alone does not make it so."""
    return stored is None or any(
        stored[name] != fact[name] for name in MEASURED if name not in _PINS
    )


def _record_values(
    context: ActContext, definition: Definition, as_of: dt.date, facts: list[dict[str, Any]]
) -> int:
    day = as_of.isoformat()

    def work(unit: UnitOfWork) -> int:
        stored = {
            row["scope"]: row
            for row in _rows(unit, "indicator = %s AND as_of = %s", definition.id, day)
        }
        for scope, row in stored.items():
            unit.know_row(MEASUREMENTS.table, (definition.id, day, scope), row)
        written: list[Fact] = []
        for fact in facts:
            if _differs(stored.get(fact["scope"]), fact):
                unit.know_absent(MEASUREMENTS.table, (definition.id, day, fact["scope"]))
                written.append(Fact("measures.measured", fact))
        for scope in sorted(stored.keys() - {fact["scope"] for fact in facts}):
            place = {"indicator": definition.id, "as_of": day, "scope": scope}
            written.append(Fact("measures.measurement_withdrawn", place))
        if written:
            unit.record(indicator_stream(definition.id), *written)
        return sum(fact.kind == "measures.measured" for fact in written)

    return perform("measures.measure", context, work)


def _rows(unit: UnitOfWork, where: str, *values: str) -> Iterable[Values]:
    sql = f"{MEASUREMENTS.select} WHERE {where}"
    return [MEASUREMENTS.decode(row) for row in unit.read(sql, values)]


def _record_liveness(
    context: ActContext, as_of: dt.date, computed: Computed, known: Ruler, watermark: int
) -> None:
    shown = computed.shown
    fact = {
        "as_of": as_of.isoformat(),
        "period": computed.period.name,
        "standard": known.version,
        "watermark": watermark,
        "clauses": {
            name: {
                "state": state.state,
                "executions": state.executions,
                "met": state.met,
                "clocks": state.clocks,
                "indicators": list(state.indicators),
                "evidence": state.evidence,
                "only_simulated": state.only_simulated,
                "period": known.clauses[name].period,
                "metric": describe(state.metric),
            }
            for name, state in sorted(computed.liveness.items())
        },
        "controls": {name: dict(shown.controls[name]) for name in sorted(shown.controls)},
        "clocks": {name: dict(shown.clocks[name]) for name in sorted(shown.clocks)},
    }

    def work(unit: UnitOfWork) -> None:
        stored = unit.row(LIVENESS.table, (fact["as_of"],))
        compared = [name for name in SHOWN if name not in _PINS]
        if stored is None or any(stored[name] != fact[name] for name in compared):
            unit.record(LIVENESS_STREAM, Fact("measures.liveness_measured", fact))

    perform("measures.measure", context, work)
