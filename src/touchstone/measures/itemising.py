"""The counted items of the latest measurement of each indicator and period, for drill-down.

Kept as rows because a month of one indicator is thousands of items of which a page shows fifty; the
database filters and pages them. Nothing is known only here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from django.db import connection, transaction

from touchstone.measures.computing import Computed
from touchstone.measures.counting import Counted, Item

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
_INSERT = (
    f"INSERT INTO measures_counted (indicator, period, as_of, watermark, {', '.join(COLUMNS)})"
    f" VALUES ({', '.join(['%s'] * (4 + len(COLUMNS)))})"
)


def keep_items(
    computed: Computed, as_of: dt.date, watermark: int, branches: Mapping[str, str]
) -> None:
    """Put the items of every computed indicator in the place of those of the period so far."""
    period = computed.period.name
    with transaction.atomic(), connection.cursor() as cursor:
        for indicator, counted in sorted(computed.counted.items()):
            cursor.execute(
                "DELETE FROM measures_counted WHERE indicator = %s AND period = %s",
                (indicator, period),
            )
            if counted is None:
                continue
            place = (indicator, period, as_of.isoformat(), watermark)
            rows = [(*place, *values_of(item, branches)) for item in in_order(counted)]
            cursor.executemany(_INSERT, rows)


def in_order(counted: Counted) -> Iterator[Item]:
    """The items as a page lists them: by time, the same on every machine."""
    return iter(sorted(counted.items, key=lambda item: (item.at, item.subject, item.what)))


def values_of(item: Item, branches: Mapping[str, str]) -> tuple[str | int | None, ...]:
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
