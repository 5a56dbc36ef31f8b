"""Texts as dates, times, durations and numbers, and these as text: the forms of XML Schema and FEEL."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from touchstone.kernel.feel.temporal import (
    DAYS,
    SECOND,
    AnyDate,
    AnyDateTime,
    AnyDays,
    AnyTime,
    FarDate,
    FarDateTime,
    FineTime,
    YearsMonths,
    date_of_days,
    date_part,
    days_of,
    make_date,
    make_date_time,
    make_days,
    make_time,
    nanosecond_of,
    nanoseconds_of,
    time_part,
)

ARITHMETIC = Context(
    prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
"""Decimal128, as DMN asks: 34 digits, rounded half to even."""

_DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)"
_TIME = (
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+/-]{1,64})?"
)
_READ_DATE = re.compile(_DATE, re.ASCII)
_READ_TIME = re.compile(_TIME, re.ASCII)
_READ_DATE_TIME = re.compile(f"{_DATE}T{_TIME}", re.ASCII)
_DAYS = re.compile(
    r"(-)?P(?:(\d{1,18})D)?(?:T(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{0,18}))?S)?)?",
    re.ASCII,
)
_YEARS = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)
_FARTHEST_OFFSET = 14 * 3600


@lru_cache(maxsize=256)
def zone_named(name: str) -> dt.tzinfo | None:
    """A zone of the IANA database, else None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of_seconds(seconds: int) -> dt.tzinfo | None:
    """The zone at a fixed offset, else None where no place on Earth has it."""
    if abs(seconds) > _FARTHEST_OFFSET:
        return None
    return dt.timezone(dt.timedelta(seconds=seconds)) if seconds else dt.UTC


def _zone(text: str | None) -> tuple[bool, dt.tzinfo | None]:
    if text is None:
        return True, None
    if text in ("Z", "z"):
        return True, dt.UTC
    if text[0] == "@":
        zone = zone_named(text[1:])
        return zone is not None, zone
    hours, minutes, *rest = (int(part) for part in text[1:].split(":"))
    if minutes > 59 or (rest and rest[0] > 59):
        return False, None
    seconds = hours * 3600 + minutes * 60 + (rest[0] if rest else 0)
    zone = zone_of_seconds(-seconds if text[0] == "-" else seconds)
    return zone is not None, zone


def read_duration(text: str) -> AnyDays | YearsMonths | None:
    """An ISO 8601 duration of days and time, or of years and months; None when it is neither."""
    found = _YEARS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return YearsMonths(-months if found[1] else months)
    found = _DAYS.fullmatch(text)
    if not found or text.endswith("T") or not any(found[part] for part in (2, 3, 4, 5)):
        return None
    days, hours, minutes, seconds = (int(found[part] or 0) for part in (2, 3, 4, 5))
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    value = whole * SECOND + int((found[6] or "").ljust(9, "0")[:9])
    return make_days(-value if found[1] else value)


def read_date(text: str) -> AnyDate | None:
    """``2026-03-02``, else None."""
    found = _READ_DATE.fullmatch(text)
    return _date(found) if found else None


def _date(found: re.Match[str]) -> AnyDate | None:
    return make_date(int(found[1]), int(found[2]), int(found[3]))


def _time(found: re.Match[str], first: int) -> AnyTime | None:
    known, zone = _zone(found[first + 4])
    if not known:
        return None
    hour, minute, second = (int(found[first + part]) for part in range(3))
    fraction = int((found[first + 3] or "").ljust(9, "0")[:9])
    if hour == 24 and not minute and not second and not fraction:
        hour = 0
    return make_time(hour, minute, second, fraction, zone)


def read_time(text: str) -> AnyTime | None:
    """``09:30:00``, with an offset, a zone's name or neither; else None."""
    found = _READ_TIME.fullmatch(text)
    return _time(found, 1) if found else None


def read_date_time(text: str) -> AnyDateTime | None:
    """A date and time, or a date as its midnight; else None. The hour 24 is the end of the day."""
    found = _READ_DATE_TIME.fullmatch(text)
    if found is None:
        day = read_date(text)
        return None if day is None else make_date_time(day, dt.time())
    date, time = _date(found), _time(found, 4)
    if date is None or time is None:
        return None
    if found[4] == "24":
        date = date_of_days(days_of(date) + 1)
    return None if date is None else make_date_time(date, time)


def read_number(text: str) -> Decimal | None:
    """A decimal number, else None."""
    text = text.strip()
    if len(text) > 10_000 or not _NUMBER.fullmatch(text):
        return None
    try:
        return ARITHMETIC.create_decimal(text)
    except (InvalidOperation, Overflow):
        return None


# Values as text


def number_text(value: Decimal) -> str:
    """A number without an exponent."""
    return format(value, "f") if value else format(abs(value), "f")


def date_text(value: AnyDate) -> str:
    """``2026-03-02``; years beyond four digits as they are."""
    if isinstance(value, FarDate):
        sign = "-" if value.year < 0 else ""
        return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"
    return value.isoformat()


def zone_text(zone: dt.tzinfo | None) -> str:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``; nothing for none."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None)
    if offset is None:
        return ""
    seconds = int(offset.total_seconds())
    if not seconds:
        return "Z"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    rest = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{rest}"


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def time_text(value: AnyTime) -> str:
    """``09:30:00`` with fraction and zone where it has them."""
    clock = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return clock + _fraction(nanosecond_of(value)) + zone_text(value.tzinfo)


def date_time_text(value: AnyDateTime) -> str:
    """Date, ``T`` and time."""
    return f"{date_text(date_part(value))}T{time_text(time_part(value))}"


def days_text(value: AnyDays) -> str:
    """``P1DT2H3M4.5S``."""
    length = nanoseconds_of(value)
    sign = "-" if length < 0 else ""
    whole, rest = divmod(abs(length), SECOND)
    days, seconds = divmod(whole, 86_400)
    parts = [(seconds // 3600, "H"), (seconds // 60 % 60, "M")]
    time = "".join(f"{part}{unit}" for part, unit in parts if part)
    if seconds % 60 or rest:
        time += f"{seconds % 60}{_fraction(rest)}S"
    if not days and not time:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


def years_text(value: YearsMonths) -> str:
    """``P1Y2M``."""
    years, months = divmod(abs(value.months), 12)
    sign = "-" if value.months < 0 else ""
    parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{sign}P{parts or '0M'}"


def temporal_text(value: Any) -> str | None:
    """The text of a date, time or duration; None when it is none of them."""
    if isinstance(value, dt.datetime | FarDateTime):
        return date_time_text(value)
    if isinstance(value, dt.date | FarDate):
        return date_text(value)
    if isinstance(value, dt.time | FineTime):
        return time_text(value)
    if isinstance(value, DAYS):
        return days_text(value)
    return years_text(value) if isinstance(value, YearsMonths) else None
