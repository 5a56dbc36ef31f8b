"""The board: every indicator of a period for one scope, from what was measured and stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from touchstone.journal.projections import Values
from touchstone.measures.queries.scopes import (
    INSTITUTION,
    KINDS,
    Scope,
    check_scope,
    in_order,
    is_combined,
    narrowing,
    scope_of,
)
from touchstone.measures.queries.stored import (
    liveness_row,
    measured_periods,
    rows_of_scope,
    scopes_of_day,
)
from touchstone.measures.queries.sums import check_kept, rows_within
from touchstone.measures.queries.values import (
    Point,
    Value,
    Words,
    trend,
    unmeasured,
    value_of,
    words,
)
from touchstone.packs.catalogue import Catalogue, catalogue


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator on the board.

    Attributes:
        trend: the period's value as it stood from day to day.
    """

    words: Words
    value: Value
    trend: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The board of a period and scope.

    Attributes:
        as_of: the latest measured day of the period; None where nothing was measured.
        rows: by id; indicators that are not broken down by the scope's kind are left out.
        scopes: everything that some indicator of the day is broken down by.
        periods: months with measurements, the latest first.
    """

    period: str
    as_of: dt.date | None
    watermark: int | None
    scope: Scope
    rows: tuple[Row, ...]
    scopes: tuple[Scope, ...]
    periods: tuple[str, ...]

    def by_theme(self) -> Mapping[str, tuple[Row, ...]]:
        """Theme -> its rows."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.words.theme, []).append(row)
        return {theme: tuple(rows) for theme, rows in sorted(found.items())}


def board_page(
    period: str | None = None, scope: str = INSTITUTION, *, as_of: dt.date | None = None
) -> BoardPage:
    """The board of ``period``, by default the latest measured one, as it stood on ``as_of``."""
    check_scope(scope)
    periods = measured_periods()
    until = as_of.isoformat() if as_of else "9999-12-31"
    chosen = period or next((item for item in periods if f"{item}-01" <= until), "")
    last = min(until, f"{chosen}-31")
    shown = liveness_row(last, f"{chosen}-01") if chosen else None
    standard = catalogue(shown["standard"]) if shown else catalogue()
    first = f"{chosen}-01"
    whole = rows_of_scope(INSTITUTION, first, last) if chosen else []
    if is_combined(scope):
        rows = _combined(standard, scope, chosen, whole)
    elif scope == INSTITUTION or not chosen:
        rows = whole
    else:
        rows = rows_of_scope(scope, first, last)
    return BoardPage(
        chosen,
        dt.date.fromisoformat(shown["as_of"]) if shown else None,
        shown["watermark"] if shown else None,
        scope_of(scope, standard),
        tuple(_rows(standard, scope, rows, _latest(whole))),
        tuple(scopes_on(shown["as_of"], standard)) if shown else (),
        periods,
    )


def scopes_on(as_of: str, standard: Catalogue) -> list[Scope]:
    """Every scope measured as of the day, the institution first."""
    found = [scope_of(item, standard) for item in scopes_of_day(as_of)]
    whole = [item for item in found if item.kind == INSTITUTION]
    return whole + in_order(item for item in found if item.kind != INSTITUTION)


def _combined(
    standard: Catalogue, scope: str, period: str, whole: Iterable[Values]
) -> list[Values]:
    """Rows of a combined scope, added up from the items as they stood each day.

    Raises:
        Refusal: ``measures.items_not_kept``.
    """
    known = list(whole)
    latest = {row["indicator"]: row for row in known}
    check_kept(latest.values(), period)
    return rows_within(standard, known, scope)


def _latest(rows: Iterable[Values]) -> dict[str, str]:
    """Indicator -> the last day as of which it was measured at all."""
    return {row["indicator"]: row["as_of"] for row in rows}


def _rows(
    standard: Catalogue, scope: str, rows: list[Values], latest: Mapping[str, str]
) -> Iterable[Row]:
    series: dict[str, list[Values]] = {}
    for row in rows:
        series.setdefault(row["indicator"], []).append(row)
    asked = narrowing(scope).keys()
    for identity in sorted(standard.objects("indicator")):
        about = words(standard, identity)
        assert about is not None
        broken_down = {item for name in about.scope for item in KINDS[name]}
        if not asked <= broken_down:
            continue
        known = series.get(identity, [])
        if identity not in latest:
            value = unmeasured(scope, "not_run")
        elif known and known[-1]["as_of"] == latest[identity]:
            value = value_of(known[-1], standard)
        else:
            value = unmeasured(scope, "no_data")
        yield Row(about, value, trend(known))
