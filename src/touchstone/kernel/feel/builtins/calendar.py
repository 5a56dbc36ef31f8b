"""The calendar: today and now, the day of the week, the week of the year."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.builtins.arguments import day_of, define
from touchstone.kernel.feel.properties import weekday
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.values import FeelError

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _first_of(year: int) -> int:
    """The number of the first of January."""
    return moments.days_of(
        dt.date(year, 1, 1) if 1 <= year <= 9999 else moments.FarDate(year, 1, 1)
    )


def _day_of_year(value: Any) -> Decimal:
    day = day_of(value)
    return Decimal(moments.days_of(day) - _first_of(day.year) + 1)


def _week_of_year(value: Any) -> Decimal:
    """By ISO 8601: the week belongs to the year its Thursday lies in."""
    day = day_of(value)
    thursday = moments.date_of_days(moments.days_of(day) - weekday(day) + 4)
    if thursday is None:
        raise FeelError("the date is out of range", "日期超出范围")
    return Decimal((moments.days_of(thursday) - _first_of(thursday.year)) // 7 + 1)


def _now(run: Run) -> Any:
    return run.now


def _today(run: Run) -> Any:
    return run.now.date()


FUNCTIONS = (
    define("now", _now, "", run=True),
    define("today", _today, "", run=True),
    define("day of year", _day_of_year, "date"),
    define("day of week", lambda value: _DAYS[weekday(day_of(value)) - 1], "date"),
    define("month of year", lambda value: _MONTHS[day_of(value).month - 1], "date"),
    define("week of year", _week_of_year, "date"),
)
