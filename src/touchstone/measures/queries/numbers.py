"""Reports that set the sources' numbers beside today's values, and the year's targets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.measures.queries.scopes import INSTITUTION
from touchstone.measures.queries.stored import last_measured_day, year_rows
from touchstone.measures.queries.values import (
    Value,
    Words,
    distance,
    unmeasured,
    value_of,
    words,
)
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses

HARD_NUMBERS = "hard-numbers"
BOARD_TOP = "board-top"
# Only what was counted once each may be added up over the months.
_ADDED_UP = frozenset(
    {
        "on_time_share",
        "control_share",
        "order_share",
        "conforming_share",
        "distinct_people_share",
        "count",
        "ratio_of_counts",
    }
)
_SCALE = {"percent": Decimal(100), "permyriad": Decimal(10_000), "ppm": Decimal(1_000_000)}


@dataclass(frozen=True, slots=True)
class ParameterToday:
    """The parameter that holds a number: its value on the day as written, and its unit."""

    id: str
    title: Text
    unit: str
    value: Any
    provisional: bool


@dataclass(frozen=True, slots=True)
class ReportNumber:
    """One number that the sources demand.

    Attributes:
        demand: the number in words, as the sources state it.
        clause: None where the clause is not in the standard yet; ``clause_id`` is always there.
        awaits_indicator: the indicator that will measure it, where none does yet.
    """

    title: Text
    demand: Text
    clause_id: str
    clause: Clause | None
    sources: tuple[str, ...]
    parameter: ParameterToday | None
    indicator: Words | None
    awaits_indicator: str | None
    value: Value


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report of numbers against the latest values up to a day."""

    id: str
    title: Text
    purpose: Text
    as_of: dt.date | None
    numbers: tuple[ReportNumber, ...]

    @property
    def measured(self) -> int:
        """How many numbers have a value today."""
        return sum(number.value.value is not None for number in self.numbers)


@dataclass(frozen=True, slots=True)
class AnnualTarget:
    """An indicator against the target of its year.

    Attributes:
        target: in force on the year's last day.
        year_to_date: over the months so far, where months may be added up; else the latest value.
        is_added_up: whether it is the former.
        distance: how far ``year_to_date`` is from the target in the good direction.
    """

    words: Words
    year: int
    target: Decimal | None
    year_to_date: Decimal | None
    numerator: int | None
    n: int | None
    is_added_up: bool
    distance: Decimal | None
    months: int


def report_page(report: str = HARD_NUMBERS, *, as_of: dt.date | None = None) -> ReportPage:
    """The numbers of a report against the latest values measured up to ``as_of``.

    Raises:
        Refusal: ``measures.no_such_report``.
    """
    standard = catalogue()
    found = standard.get("report", report)
    if found is None:
        raise refuse(
            "measures.no_such_report",
            f"现行标准中没有报告「{report}」",
            f"The standard in force has no report “{report}”",
        )
    day = as_of or last_measured_day()
    latest = {row["indicator"]: row for row in _rows_of_year(day)} if day else {}
    raw = found.data
    return ReportPage(
        report,
        Text.from_mapping(raw["title"]),
        Text.from_mapping(raw["purpose"]),
        day,
        tuple(_number(item, standard, latest, day) for item in raw["numbers"]),
    )


def annual_targets(*, as_of: dt.date | None = None) -> tuple[AnnualTarget, ...]:
    """Every indicator of the standard in force against the target of the year of ``as_of``."""
    standard = catalogue()
    day = as_of or last_measured_day()
    if day is None:
        return ()
    by_indicator: dict[str, list[Values]] = {}
    for row in _rows_of_year(day):
        by_indicator.setdefault(row["indicator"], []).append(row)
    found = []
    for identity in sorted(standard.objects("indicator")):
        about = words(standard, identity)
        assert about is not None
        found.append(_annual(about, standard, by_indicator.get(identity, []), day))
    return tuple(found)


def _rows_of_year(day: dt.date) -> list[Values]:
    return year_rows(f"{day.year}", day.isoformat())


def _number(
    raw: Any, standard: Catalogue, latest: dict[str, Values], day: dt.date | None
) -> ReportNumber:
    indicator = raw.get("indicator")
    row = latest.get(indicator) if indicator else None
    status = "not_run" if indicator else "not_measured_yet"
    return ReportNumber(
        Text.from_mapping(raw["title"]),
        Text.from_mapping(raw["demand"]),
        raw["clause"],
        clauses(standard.version).get(raw["clause"]),
        tuple(raw["sources"]),
        _parameter(raw.get("parameter"), standard, day),
        words(standard, indicator) if indicator else None,
        (raw.get("awaits") or {}).get("indicator"),
        value_of(row, standard) if row else unmeasured(INSTITUTION, status),
    )


def _parameter(
    identity: str | None, standard: Catalogue, day: dt.date | None
) -> ParameterToday | None:
    found = parameters(standard.version).get(identity) if identity else None
    if found is None:
        return None
    dated = [value for value in found.values if day is None or value.from_day <= day]
    current = dated[-1] if dated else None
    return ParameterToday(
        found.id,
        found.title,
        found.unit,
        current.value if current else None,
        bool(current and current.provisional),
    )


def _annual(about: Words, standard: Catalogue, rows: list[Values], day: dt.date) -> AnnualTarget:
    raw = standard.objects("indicator")[about.id].data
    last_day = dt.date(day.year, 12, 31)
    parameter = parameters(standard.version).get(raw.get("target", ""))
    target = parameter.value_on(last_day) if parameter else None
    if target is not None:
        target = Decimal(target) / _SCALE.get(about.unit, Decimal(1))
    with_value = [row for row in rows if row["value"] is not None]
    is_added_up = raw["measure"]["template"] in _ADDED_UP
    counted = with_value if is_added_up else with_value[-1:]
    numerator = sum(row["numerator"] for row in counted) if counted else None
    n = sum(row["denominator"] for row in counted) if counted else None
    value: Decimal | None = None
    if numerator is not None and about.unit == "count":
        value = Decimal(numerator)
    elif numerator is not None and n:
        value = Decimal(numerator) / Decimal(n)
    return AnnualTarget(
        about,
        day.year,
        target,
        value,
        numerator,
        n,
        is_added_up,
        distance(value, target, about.direction),
        len(with_value),
    )
