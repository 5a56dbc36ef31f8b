"""Stored measurements as they stand: the rows that every page of indicators begins with."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.measures.folds import LIVENESS, MEASUREMENTS


def last_measured_day(until: dt.date | None = None) -> dt.date | None:
    """The latest day, not after ``until``, as of which anything was measured."""
    last = until.isoformat() if until else "9999-12-31"
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(as_of) FROM measures_liveness WHERE as_of <= %s", (last,))
        found = cursor.fetchone()
    return dt.date.fromisoformat(found[0]) if found and found[0] else None


def rows_of_scope(scope: str, first: str, last: str) -> list[Values]:
    """Every measurement of ``scope`` as of the days from ``first`` to ``last``, day by day."""
    return _rows("scope = %s AND as_of >= %s AND as_of <= %s", (scope, first, last))


def rows_of_day(indicator: str, as_of: str) -> list[Values]:
    """The measurements of one indicator as of one day, by scope."""
    return _rows("indicator = %s AND as_of = %s", (indicator, as_of))


def latest_day(indicator: str, period: str, until: str | None = None) -> str | None:
    """The latest day of ``period``, not after ``until``, as of which the indicator was measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(as_of) FROM measures_measurement WHERE indicator = %s AND scope = %s"
            " AND as_of >= %s AND as_of <= %s",
            (indicator, "institution", f"{period}-01", until or f"{period}-31"),
        )
        found = cursor.fetchone()
    return str(found[0]) if found and found[0] else None


def liveness_row(until: str, first: str = "") -> Values | None:
    """What the clauses had shown as of the latest measured day between the two."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{LIVENESS.select} WHERE as_of <= %s AND as_of >= %s ORDER BY as_of DESC LIMIT 1",
            (until, first),
        )
        found = cursor.fetchone()
    return LIVENESS.decode(found) if found else None


def measured_periods() -> tuple[str, ...]:
    """Months with a measurement, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT period FROM measures_liveness ORDER BY period DESC")
        return tuple(str(row[0]) for row in cursor.fetchall())


def _rows(where: str, values: tuple[str, ...]) -> list[Values]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{MEASUREMENTS.select} WHERE {where} ORDER BY as_of, indicator, scope", values
        )
        return [MEASUREMENTS.decode(row) for row in cursor.fetchall()]


def scopes_of_day(as_of: str) -> tuple[str, ...]:
    """Every scope that something was measured for as of the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT scope FROM measures_measurement WHERE as_of = %s ORDER BY scope",
            (as_of,),
        )
        return tuple(str(row[0]) for row in cursor.fetchall())


def month_ends(indicator: str, scope: str, until: str, months: int) -> list[Values]:
    """The last measurement of each of the latest ``months`` months up to a day, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{MEASUREMENTS.select} WHERE indicator = %s AND scope = %s AND as_of IN"
            " (SELECT max(as_of) FROM measures_measurement WHERE indicator = %s AND scope = %s"
            " AND as_of <= %s GROUP BY period) ORDER BY as_of DESC LIMIT %s",
            (indicator, scope, indicator, scope, until, months),
        )
        return [MEASUREMENTS.decode(row) for row in cursor.fetchall()][::-1]


def year_rows(year: str, until: str) -> list[Values]:
    """The institution's last measurement of each indicator and month of ``year`` up to a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{MEASUREMENTS.select} WHERE scope = 'institution' AND (indicator, as_of) IN"
            " (SELECT indicator, max(as_of) FROM measures_measurement WHERE scope = 'institution'"
            " AND as_of >= %s AND as_of <= %s GROUP BY indicator, period)"
            " ORDER BY indicator, as_of",
            (f"{year}-01-01", until),
        )
        return [MEASUREMENTS.decode(row) for row in cursor.fetchall()]


def rows_of_series(indicator: str, scope: str, first: str, last: str) -> list[Values]:
    """The measurements of one indicator and scope as of the days from ``first`` to ``last``."""
    return _rows(
        "indicator = %s AND scope = %s AND as_of >= %s AND as_of <= %s",
        (indicator, scope, first, last),
    )


def latest_rows(indicators: list[str], period: str, until: str) -> dict[str, Values]:
    """The institution's latest measurement of each indicator in the period, up to a day."""
    found: dict[str, Values] = {}
    for indicator in indicators:
        for row in rows_of_series(indicator, "institution", f"{period}-01", until):
            found[indicator] = row
    return found
