"""Dates, times and durations: the standard library's where it can hold them, own classes where not.

The standard library ends at the years 1 and 9999, at microseconds and at a billion days. FEEL asks for
more (XML Schema's dates, nanoseconds), so each kind has a second class for what lies outside; the
makers below choose, and the rest of the language asks only by ``DATES``, ``TIMES`` and so on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

MAX_YEAR = 999_999_999
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
_EPOCH = 719_162  # days from 0001-01-01 to 1970-01-01
_CYCLE = 146_097  # days in 400 years


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date outside the years 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class FineTime:
    """A time finer than a microsecond."""

    hour: int
    minute: int
    second: int
    nanosecond: int
    tzinfo: dt.tzinfo | None


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A date and time that is far or fine."""

    date: AnyDate
    time: AnyTime


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, counted in months."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class LongDuration:
    """A days and time duration longer or finer than ``timedelta``."""

    nanoseconds: int


AnyDate = dt.date | FarDate
AnyTime = dt.time | FineTime
AnyDateTime = dt.datetime | FarDateTime
AnyDays = dt.timedelta | LongDuration
DATE_TIMES = (dt.datetime, FarDateTime)
TIMES = (dt.time, FineTime)
DAYS = (dt.timedelta, LongDuration)


def is_date(value: object) -> bool:
    """A date without a time; ``datetime`` is a ``date`` to Python only."""
    return isinstance(value, dt.date | FarDate) and not isinstance(value, dt.datetime)


# Dates as numbers of days (0001-01-01 is 1)


def days_of(value: AnyDate) -> int:
    """The number of a day in the proleptic Gregorian calendar."""
    if isinstance(value, dt.date):
        return value.toordinal()
    year, month = (
        (value.year - 1, value.month + 9) if value.month < 3 else (value.year, value.month - 3)
    )
    cycle, rest = divmod(year, 400)
    in_year = (153 * month + 2) // 5 + value.day - 1
    return cycle * _CYCLE + rest * 365 + rest // 4 - rest // 100 + in_year - 305


def date_of_days(number: int) -> AnyDate | None:
    """The day of a number; None beyond the years of FEEL."""
    if 1 <= number <= 3_652_059:
        return dt.date.fromordinal(number)
    cycle, day = divmod(number + 305, _CYCLE)
    rest = (day - day // 1460 + day // 36524 - day // 146096) // 365
    in_year = day - (365 * rest + rest // 4 - rest // 100)
    month = (5 * in_year + 2) // 153
    year = cycle * 400 + rest + (month > 9)
    return make_date(
        year, month + 3 if month < 10 else month - 9, in_year - (153 * month + 2) // 5 + 1
    )


def month_length(year: int, month: int) -> int:
    """The number of days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> AnyDate | None:
    """A date, or None where there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= month_length(year, month)) or abs(year) > MAX_YEAR:
        return None
    return dt.date(year, month, day) if 1 <= year <= 9999 else FarDate(year, month, day)


def add_months(day: AnyDate, months: int) -> AnyDate | None:
    """The day so many months on, or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return make_date(year, month + 1, min(day.day, month_length(year, month + 1)))


# Times


def make_time(
    hour: int, minute: int, second: int, nanosecond: int = 0, zone: dt.tzinfo | None = None
) -> AnyTime | None:
    """A time of day, or None where there is none."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    if nanosecond % 1000:
        return FineTime(hour, minute, second, nanosecond, zone)
    return dt.time(hour, minute, second, nanosecond // 1000, zone)


def nanosecond_of(value: AnyTime) -> int:
    """The part below a second."""
    return value.nanosecond if isinstance(value, FineTime) else value.microsecond * 1000


def clock(value: AnyTime) -> int:
    """Nanoseconds since midnight, by the clock on the wall."""
    whole = (value.hour * 60 + value.minute) * 60 + value.second
    return whole * SECOND + nanosecond_of(value)


def time_of_clock(nanoseconds: int, zone: dt.tzinfo | None) -> AnyTime:
    """The time so long after midnight; days are dropped."""
    seconds, rest = divmod(nanoseconds % DAY, SECOND)
    found = make_time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest, zone)
    assert found is not None
    return found


def time_offset(value: AnyTime) -> int | None:
    """The offset of a time from UTC in nanoseconds; None for a local one, or of a named zone."""
    offset = value.tzinfo.utcoffset(None) if value.tzinfo is not None else None
    return None if offset is None else offset // dt.timedelta(microseconds=1) * 1000


# Dates and times


def make_date_time(date: AnyDate, time: AnyTime) -> AnyDateTime:
    """Both together."""
    if isinstance(date, dt.date) and isinstance(time, dt.time):
        return dt.datetime.combine(date, time)
    return FarDateTime(date, time)


def date_part(value: AnyDateTime) -> AnyDate:
    """The date of a date and time."""
    return value.date() if isinstance(value, dt.datetime) else value.date


def time_part(value: AnyDateTime) -> AnyTime:
    """The time of a date and time, with its zone."""
    return value.timetz() if isinstance(value, dt.datetime) else value.time


def zone_of(value: AnyDateTime) -> dt.tzinfo | None:
    """The zone of a date and time."""
    return value.tzinfo if isinstance(value, dt.datetime) else value.time.tzinfo


def offset_of(value: AnyDateTime) -> int | None:
    """The offset from UTC in nanoseconds at that instant; None for a local one.

    A zone's rules beyond the calendar of the standard library are those of the same day in a year it has.
    """
    zone = zone_of(value)
    if zone is None:
        return None
    if not isinstance(value, dt.datetime):
        date, time = value.date, value.time
        year = date.year if 1 <= date.year <= 9999 else 2000 + date.year % 400
        value = dt.datetime(
            year, date.month, date.day, time.hour, time.minute, time.second, tzinfo=zone
        )
    offset = value.utcoffset()
    return None if offset is None else offset // dt.timedelta(microseconds=1) * 1000


def wall(value: AnyDateTime) -> int:
    """Nanoseconds since day 0 by the clock on the wall."""
    return days_of(date_part(value)) * DAY + clock(time_part(value))


def instant(value: AnyDateTime) -> int:
    """Nanoseconds since day 0 in UTC, where the value has an offset."""
    return wall(value) - (offset_of(value) or 0)


def date_time_of_wall(nanoseconds: int, zone: dt.tzinfo | None) -> AnyDateTime | None:
    """The date and time so long after day 0 by the clock on the wall."""
    days, rest = divmod(nanoseconds, DAY)
    date = date_of_days(days)
    return None if date is None else make_date_time(date, time_of_clock(rest, zone))


def shift(value: AnyDateTime, nanoseconds: int) -> AnyDateTime | None:
    """The date and time so much later; a named zone keeps its rules."""
    zone = zone_of(value)
    if not isinstance(zone, ZoneInfo):
        return date_time_of_wall(wall(value) + nanoseconds, zone)
    utc = date_time_of_wall(instant(value) + nanoseconds, dt.UTC)
    if isinstance(utc, dt.datetime):
        try:
            return utc.astimezone(zone)
        except OverflowError:
            return None
    return date_time_of_wall(wall(value) + nanoseconds, zone)


# Durations


def make_days(nanoseconds: int) -> AnyDays:
    """A days and time duration."""
    if nanoseconds % 1000 == 0 and abs(nanoseconds) < DAY * 999_999_999:
        return dt.timedelta(microseconds=nanoseconds // 1000)
    return LongDuration(nanoseconds)


def nanoseconds_of(value: AnyDays) -> int:
    """The length of a days and time duration."""
    if isinstance(value, LongDuration):
        return value.nanoseconds
    return ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1000
