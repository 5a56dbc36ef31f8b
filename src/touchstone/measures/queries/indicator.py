"""One indicator's page: its value, its months, its break-downs, and what the measurement rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.journal.projections import Values
from touchstone.kernel.refusal import refuse
from touchstone.measures.queries.scopes import (
    INSTITUTION,
    KINDS,
    Scope,
    check_scope,
    in_order,
    scope_of,
)
from touchstone.measures.queries.stored import (
    latest_day,
    measured_periods,
    month_ends,
    rows_of_day,
    rows_of_series,
)
from touchstone.measures.queries.values import (
    Pinned,
    Point,
    Value,
    Words,
    pinned,
    trend,
    unmeasured,
    value_of,
    words,
)
from touchstone.packs.catalogue import Catalogue, catalogue

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Part:
    """The value of one part of a break-down."""

    scope: Scope
    value: Value


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """Everything a page of one indicator shows.

    Attributes:
        days: the period's value as it stood from day to day; ``months`` the last of each month.
        parts: ``unit``, ``channel``, ``product`` -> values by part, as far as it is broken down.
        pinned: what the measurement rests on; None where there is none.
    """

    words: Words
    period: str
    scope: Scope
    value: Value
    days: tuple[Point, ...]
    months: tuple[Point, ...]
    parts: Mapping[str, tuple[Part, ...]]
    pinned: Pinned | None
    periods: tuple[str, ...]


def indicator_page(
    indicator: str,
    period: str | None = None,
    scope: str = INSTITUTION,
    *,
    as_of: dt.date | None = None,
) -> IndicatorPage:
    """The page of an indicator for a period, by default the latest measured one, and a scope.

    Raises:
        Refusal: ``measures.no_such_indicator``.
    """
    check_scope(scope)
    periods = measured_periods()
    until = as_of.isoformat() if as_of else "9999-12-31"
    chosen = period or next((item for item in periods if f"{item}-01" <= until), "")
    day = latest_day(indicator, chosen, min(until, f"{chosen}-31")) if chosen else None
    rows = rows_of_day(indicator, day) if day else []
    standard = catalogue(rows[0]["standard"]) if rows else catalogue()
    about = words(standard, indicator)
    if about is None:
        raise refuse(
            "measures.no_such_indicator",
            f"现行标准中没有指标 {indicator}",
            f"The standard in force has no indicator {indicator}",
        )
    mine = next((row for row in rows if row["scope"] == scope), None)
    missing = unmeasured(scope, "no_data" if rows else "not_run")
    return IndicatorPage(
        about,
        chosen,
        scope_of(scope, standard),
        value_of(mine, standard) if mine else missing,
        trend(rows_of_series(indicator, scope, f"{chosen}-01", day)) if day else (),
        trend(month_ends(indicator, scope, day, _MONTHS)) if day else (),
        {name: _parts(rows, KINDS[name], standard) for name in about.scope},
        pinned(mine) if mine else None,
        periods,
    )


def _parts(rows: list[Values], kinds: tuple[str, ...], standard: Catalogue) -> tuple[Part, ...]:
    found = {row["scope"]: row for row in rows if row["scope"].partition(":")[0] in kinds}
    scopes = in_order(scope_of(identity, standard) for identity in found)
    return tuple(Part(scope, value_of(found[scope.id], standard)) for scope in scopes)
