"""The items that every measurement counted, for drill-down on any measured day and for combined scopes.

Kept as rows because a month of one indicator is thousands of items of which a page shows fifty; the
database filters, adds up and pages them. An item is written once and stands until a later measurement
counts it otherwise. Nothing is known only here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from touchstone.measures.computing import Computed
from touchstone.measures.counting import Counted, Item
from touchstone.measures.queries.stored import latest_day

COLUMNS = (
    "subject",
    "stream",
    "unit",
    "branch",
    "channel",
    "product",
    "what",
    "position",
    "at",
    "numerator",
    "denominator",
    "reason",
    "is_judged",
)
# A boolean equals the number that SQLite gives for it, and hashes like it.
Row = tuple[str | int | None, ...]
_INSERT = (
    f"INSERT INTO measures_counted (indicator, period, as_of, last, {', '.join(COLUMNS)})"
    f" VALUES ({', '.join(['%s'] * (4 + len(COLUMNS)))})"
)
_MANY = 500


def keep_items(computed: Computed, as_of: dt.date, branches: Mapping[str, str]) -> None:
    """Keep the items of every computed indicator as they stand on the measured day.

    Where a day is measured again after later ones, what was kept of the later ones goes: they are then
    counted from the journal when somebody asks.
    """
    period, day = computed.period.name, as_of.isoformat()
    before = (as_of - dt.timedelta(days=1)).isoformat()
    with transaction.atomic(), connection.cursor() as cursor:
        for indicator, counted in sorted(computed.counted.items()):
            place = (indicator, period)
            cursor.execute(
                "DELETE FROM measures_counted WHERE indicator = %s AND period = %s AND as_of > %s",
                (*place, day),
            )
            previous = latest_day(indicator, period, before) or ""
            standing = _standing(cursor, place, day, previous)
            added: list[Row] = []
            for row in rows_of(counted, branches) if counted else ():
                known = standing.get(row)
                if known:
                    known.pop()
                else:
                    added.append(row)
            _close(cursor, place, day, previous, (one for ids in standing.values() for one in ids))
            cursor.executemany(_INSERT, [(*place, day, day, *row) for row in added])


def _standing(
    cursor: Any, place: tuple[str, str], day: str, previous: str
) -> dict[Row, list[tuple[int, str]]]:
    """Items of the measured day before or of an earlier measuring of this one; all now last to it."""
    where = "indicator = %s AND period = %s AND last >= %s"
    cursor.execute(
        f"SELECT id, as_of, {', '.join(COLUMNS)} FROM measures_counted WHERE {where}",
        (*place, previous or day),
    )
    found: dict[Row, list[tuple[int, str]]] = {}
    for identity, since, *row in cursor.fetchall():
        found.setdefault(tuple(row), []).append((identity, since))
    cursor.execute(
        f"UPDATE measures_counted SET last = %s WHERE {where}", (day, *place, previous or day)
    )
    return found


def _close(
    cursor: Any,
    place: tuple[str, str],
    day: str,
    previous: str,
    gone: Iterable[tuple[int, str]],
) -> None:
    """End what the day no longer counts, at the measured day before."""
    ended: list[int] = []
    for identity, since in gone:
        if since == day:
            cursor.execute("DELETE FROM measures_counted WHERE id = %s", (identity,))
        else:
            ended.append(identity)
    for start in range(0, len(ended), _MANY):
        part = ended[start : start + _MANY]
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"UPDATE measures_counted SET last = %s WHERE id IN ({marks})", (previous, *part)
        )


def rows_of(counted: Counted, branches: Mapping[str, str]) -> Iterator[Row]:
    """The items in order, as rows of ``COLUMNS``."""
    return (values_of(item, branches) for item in in_order(counted))


def in_order(counted: Counted) -> Iterator[Item]:
    """The items as a page lists them: by time, the same on every machine."""
    return iter(sorted(counted.items, key=lambda item: (item.at, item.subject, item.what)))


def values_of(item: Item, branches: Mapping[str, str]) -> Row:
    """An item as a row of ``COLUMNS``."""
    origin = item.origin
    return (
        item.subject,
        origin.stream,
        origin.unit,
        branches.get(origin.unit) if origin.unit else None,
        origin.channel,
        origin.product,
        item.what,
        item.position,
        item.at,
        item.numerator,
        item.denominator,
        item.reason,
        item.is_judged,
    )
