"""One indicator's page: its value, its months, its break-downs, and what the measurement rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from touchstone.journal.projections import Values
from touchstone.kernel.refusal import refuse
from touchstone.measures.queries.scopes import (
    INSTITUTION,
    KINDS,
    Scope,
    check_scope,
    combined,
    in_order,
    is_combined,
    narrowing,
    scope_of,
)
from touchstone.measures.queries.stored import (
    latest_day,
    measured_periods,
    month_ends,
    rows_of_day,
    rows_of_series,
)
from touchstone.measures.queries.sums import check_kept, row_of, rows_within, sums
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
        parts: ``unit``, ``channel``, ``product`` -> values by part within the rest of the scope, as
            far as it is broken down; the id of a part narrows to both.
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
        Refusal: ``measures.no_such_indicator``, ``measures.items_not_kept``.
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
    mine, days, months = _series(standard, indicator, chosen, scope, rows)
    missing = unmeasured(scope, "no_data" if rows else "not_run")
    return IndicatorPage(
        about,
        chosen,
        scope_of(scope, standard),
        value_of(mine, standard) if mine else missing,
        trend(days),
        trend(months),
        {name: _parts(rows, name, scope, standard) for name in about.scope},
        pinned(mine) if mine else None,
        periods,
    )


def _series(
    standard: Catalogue, indicator: str, period: str, scope: str, rows: list[Values]
) -> tuple[Values | None, list[Values], list[Values]]:
    """Of the scope: the measurement on the day of ``rows``, the period's days, the months up to it."""
    if not rows:
        return None, [], []
    first, last = f"{period}-01", rows[0]["as_of"]
    if not is_combined(scope):
        mine = next((row for row in rows if row["scope"] == scope), None)
        months = month_ends(indicator, scope, last, _MONTHS)
        return mine, rows_of_series(indicator, scope, first, last), months
    whole = rows_of_series(indicator, INSTITUTION, first, last)
    check_kept(whole[-1:], period)
    ends = month_ends(indicator, INSTITUTION, last, _MONTHS)
    days = rows_within(standard, whole, scope)
    months = rows_within(standard, ends, scope, month_ends=True)
    return (days[-1] if days and days[-1]["as_of"] == last else None), days, months


def _parts(rows: list[Values], name: str, scope: str, standard: Catalogue) -> tuple[Part, ...]:
    """The parts by unit, channel or product within whatever else the scope narrows to."""
    others = combined(
        *(f"{kind}:{value}" for kind, value in narrowing(scope).items() if kind not in KINDS[name])
    )
    if others == INSTITUTION:
        found = {row["scope"]: row for row in rows if row["scope"].partition(":")[0] in KINDS[name]}
    else:
        found = _within(rows, name, others, standard)
    scopes = in_order(scope_of(identity, standard) for identity in found)
    return tuple(
        Part(replace(one, id=combined(others, one.id)), value_of(found[one.id], standard))
        for one in scopes
    )


def _within(rows: list[Values], name: str, others: str, standard: Catalogue) -> dict[str, Values]:
    whole = next((row for row in rows if row["scope"] == INSTITUTION), None)
    if whole is None:
        return {}
    check_kept([whole], whole["period"])
    return {
        f"{kind}:{part}": row_of(whole, combined(others, f"{kind}:{part}"), count)
        for kind in KINDS[name]
        for part, count in sums(
            standard, [whole["indicator"]], whole["period"], whole["as_of"], others, by=kind
        ).items()
        if count.denominator
    }
