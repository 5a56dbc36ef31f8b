"""What an indicator counted: the very cases and entries behind its numerator and denominator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from touchstone.identity.queries import directory
from touchstone.kernel.text import Text
from touchstone.measures.computing import compute, month_until, ruler
from touchstone.measures.counting import Count, Counted, Item
from touchstone.measures.itemising import COLUMNS, in_order, values_of
from touchstone.measures.keeping import HistoryKeeper
from touchstone.measures.places import branches_of
from touchstone.measures.queries.scopes import INSTITUTION, check_scope, narrowing
from touchstone.measures.queries.stored import latest_day, rows_of_day
from touchstone.measures.queries.sums import (
    counts_nothing,
    is_distinct,
    kept_days,
    sums,
    template_of,
    where_of,
)
from touchstone.measures.reasons import REASONS
from touchstone.packs.catalogue import catalogue
from touchstone.process.queries import case_numbers

Side = Literal["denominator", "numerator", "missed", "excluded"]
Row = tuple[str | int | None, ...]
_SIDES: dict[Side, str] = {
    "denominator": "is_judged AND (denominator <> 0 OR numerator <> 0)",
    "numerator": "is_judged AND numerator <> 0",
    "missed": "is_judged AND denominator <> 0 AND numerator = 0",
    "excluded": "NOT is_judged",
}
# One item for each subject of a side, where subjects count and not occurrences: among which items,
# and what must hold of all of the subject's.
_EACH: dict[Side, tuple[str, str]] = {
    "denominator": ("is_judged AND denominator <> 0", "1 = 1"),
    "numerator": ("is_judged AND numerator <> 0", "1 = 1"),
    "missed": ("is_judged", "below = 1 AND above = 0"),
    "excluded": ("1 = 1", "below = 0 AND unknown = 1"),
}
_FIRST = (
    "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY subject ORDER BY at, what, id) AS place,"
    " max(CASE WHEN is_judged AND numerator <> 0 THEN 1 ELSE 0 END) OVER s AS above,"
    " max(CASE WHEN is_judged AND denominator <> 0 THEN 1 ELSE 0 END) OVER s AS below,"
    " max(CASE WHEN is_judged THEN 0 ELSE 1 END) OVER s AS unknown"
    " FROM measures_counted WHERE {where} WINDOW s AS (PARTITION BY subject)) AS each_one"
    " WHERE place = 1 AND {whole}"
)
MAX_SIZE = 200
# What a subject adds above and below the line are two items of its own: what it missed is known by both.
_IN_TWO = frozenset({"ratio_of_counts"})


@dataclass(frozen=True, slots=True)
class CountedItem:
    """One thing counted.

    Attributes:
        subject: id of what is counted: a case, an entry, a customer, a clause, a table.
        case: id of the case it comes from, with its number; None where it comes from none.
        stream, position: the row of the journal that decided it; position 0: no single row.
        what: the clock, control, step, register or rule it is about.
        numerator, denominator: what it adds to either.
    """

    subject: str
    case: str | None
    number: str | None
    unit: str | None
    channel: str | None
    product: str | None
    stream: str
    position: int
    at: int
    what: str
    numerator: int
    denominator: int
    reason: str
    why: Text


@dataclass(frozen=True, slots=True)
class CountedPage:
    """A page of items, and the sums over all of them.

    Attributes:
        rows: how many items there are on this side.
        count: numerator, denominator and excluded of the scope; the stored measurement's.
    """

    indicator: str
    as_of: dt.date
    scope: str
    side: Side
    watermark: int
    items: tuple[CountedItem, ...]
    rows: int
    count: Count


def counted_page(
    indicator: str,
    period: str,
    scope: str = INSTITUTION,
    *,
    side: Side = "denominator",
    page: int = 1,
    size: int = 50,
    as_of: dt.date | None = None,
) -> CountedPage | None:
    """The items of a measurement, by time; None where there is no measurement.

    ``as_of`` asks for them as they stood on an earlier day. Of a day whose items are not kept they are
    counted again from the journal as far as the measurement's checkpoint covers it.

    Raises:
        Refusal: ``measures.no_such_scope``.
    """
    check_scope(scope)
    page, size = max(1, page), min(max(1, size), MAX_SIZE)
    day = latest_day(indicator, period, as_of.isoformat() if as_of else None)
    if day is None:
        return None
    rows = rows_of_day(indicator, day)
    whole = next(row for row in rows if row["scope"] == INSTITUTION)
    first, last = kept_days([indicator], period).get(indicator, ("9999", ""))
    if first <= day <= last or counts_nothing(whole):
        watermark = max(row["watermark"] for row in rows)
        return _from_rows(indicator, period, scope, side, page, size, day, watermark)
    return _again(indicator, day, scope, side, page, size)


def recount(indicator: str, as_of: dt.date) -> Counted | None:
    """The items of a stored measurement, counted again from the journal; None: no source."""
    rows = rows_of_day(indicator, as_of.isoformat())
    assert rows, f"{indicator} was not measured as of {as_of}"
    latest = max(rows, key=lambda row: row["watermark"])
    history = HistoryKeeper().at(latest["watermark"], latest["counted_until"])
    known = ruler(rows[0]["standard"])
    return compute(history, month_until(as_of), known, None).counted.get(indicator)


def _from_rows(
    indicator: str,
    period: str,
    scope: str,
    side: Side,
    page: int,
    size: int,
    day: str,
    watermark: int,
) -> CountedPage:
    counts = sums(catalogue(), [indicator], period, day, scope)
    where, values = where_of([indicator], period, day, scope)
    chosen = f"{where} AND {_SIDES[side]}"
    if _is_by_subject(indicator, side):
        among, whole = _EACH[side]
        chosen = f"id IN ({_FIRST.format(where=f'{where} AND {among}', whole=whole)})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM measures_counted WHERE {chosen}", values)
        rows = cursor.fetchone() or (0,)
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM measures_counted WHERE {chosen}"
            " ORDER BY at, subject, what, id LIMIT %s OFFSET %s",
            [*values, size, (page - 1) * size],
        )
        items = _items(cursor.fetchall())
    as_of, count = dt.date.fromisoformat(day), counts.get(indicator, Count(0, 0, 0))
    return CountedPage(indicator, as_of, scope, side, watermark, items, int(rows[0]), count)


def _is_by_subject(indicator: str, side: Side) -> bool:
    """Whether a side lists each subject once."""
    return is_distinct(catalogue(), indicator) or (
        side == "missed" and template_of(catalogue(), indicator) in _IN_TWO
    )


def _again(
    indicator: str, day: str, scope: str, side: Side, page: int, size: int
) -> CountedPage | None:
    as_of = dt.date.fromisoformat(day)
    counted = recount(indicator, as_of)
    if counted is None:
        return None
    branches = branches_of(directory())
    wanted = [(COLUMNS.index(kind), name) for kind, name in narrowing(scope).items()]
    here = [
        (item, row)
        for item in in_order(counted)
        for row in [values_of(item, branches)]
        if all(row[place] == name for place, name in wanted)
    ]
    part = Counted(tuple(item for item, _ in here), counted.is_distinct)
    if _is_by_subject(indicator, side):
        chosen = list(_one_each(here, side))
    else:
        chosen = [row for item, row in here if _on_side(item, side)]
    watermark = max(row["watermark"] for row in rows_of_day(indicator, day))
    start = (page - 1) * size
    items = _items(chosen[start : start + size])
    return CountedPage(indicator, as_of, scope, side, watermark, items, len(chosen), part.total())


def _on_side(item: Item, side: Side) -> bool:
    if side == "excluded" or not item.is_judged:
        return side == "excluded" and not item.is_judged
    if side == "numerator":
        return item.numerator != 0
    if side == "missed":
        return bool(item.denominator) and item.numerator == 0
    return bool(item.denominator or item.numerator)


def _one_each(here: Sequence[tuple[Item, Row]], side: Side) -> Iterator[Row]:
    """The first item of each subject of a side."""
    above = {item.subject for item, _ in here if item.is_judged and item.numerator}
    below = {item.subject for item, _ in here if item.is_judged and item.denominator}
    unknown = {item.subject for item, _ in here if not item.is_judged}
    wanted = {
        "denominator": below,
        "numerator": above,
        "missed": below - above,
        "excluded": unknown - below,
    }[side]
    seen: set[str] = set()
    for item, row in here:
        fits = item.denominator if side == "denominator" else item.numerator or side != "numerator"
        is_kept = (item.is_judged and bool(fits)) or side == "excluded"
        if item.subject in wanted and item.subject not in seen and is_kept:
            seen.add(item.subject)
            yield row


def _items(rows: Iterable[Sequence[Any]]) -> tuple[CountedItem, ...]:
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    cases = {
        row["stream"].removeprefix("case:") for row in found if row["stream"].startswith("case:")
    }
    numbers = case_numbers(cases)
    return tuple(_item(row, numbers) for row in found)


def _item(row: dict[str, Any], numbers: dict[str, str]) -> CountedItem:
    is_case = row["stream"].startswith("case:")
    case = row["stream"].removeprefix("case:") if is_case else None
    return CountedItem(
        row["subject"],
        case,
        numbers.get(case) if case else None,
        row["unit"],
        row["channel"],
        row["product"],
        row["stream"],
        row["position"],
        row["at"],
        row["what"],
        row["numerator"],
        row["denominator"],
        row["reason"],
        REASONS[row["reason"]],
    )
