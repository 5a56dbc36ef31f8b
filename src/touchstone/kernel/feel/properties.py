"""``value.name``: members of contexts, and the parts of dates, times, durations and ranges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.temporal import DATE_TIMES, DAYS, TIMES, YearsMonths, is_date
from touchstone.kernel.feel.values import FeelError, Range, kind_of


def property_of(value: Any, name: str) -> Any:
    """A part of a value.

    Raises:
        FeelError: it has none of that name.
    """
    if isinstance(value, dict):
        return value.get(name)
    parts = _parts_of(value)
    part = parts.get(name) if parts else None
    if part is None:
        raise FeelError(f"a {kind_of(value)} has no {name}", f"{kind_of(value)}没有{name}")
    return part(value)


def _parts_of(value: Any) -> dict[str, Callable[[Any], Any]] | None:
    if isinstance(value, DATE_TIMES):
        return _OF_DATE_TIME
    if is_date(value):
        return _OF_DATE
    if isinstance(value, TIMES):
        return _OF_TIME
    if isinstance(value, DAYS):
        return _OF_DAYS
    if isinstance(value, YearsMonths):
        return _OF_YEARS
    return _OF_RANGE if isinstance(value, Range) else None


def weekday(value: Any) -> int:
    """Monday is 1."""
    return (moments.days_of(value) - 1) % 7 + 1


def _offset(nanoseconds: int | None) -> Any:
    return None if nanoseconds is None else moments.make_days(nanoseconds)


def _zone_name(zone: dt.tzinfo | None) -> str | None:
    return zone.key if isinstance(zone, ZoneInfo) else None


def _signed(whole: int, size: int, limit: int | None) -> Decimal:
    part = abs(whole) // size
    part = part % limit if limit else part
    return Decimal(-part if whole < 0 else part)


def _of_days(size: int, limit: int | None) -> Callable[[Any], Decimal]:
    return lambda value: _signed(moments.nanoseconds_of(value), size * moments.SECOND, limit)


def _number(name: str) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(getattr(value, name))


def _with_fraction(seconds: int, nanoseconds: int) -> Decimal:
    if not nanoseconds:
        return Decimal(seconds)
    return (Decimal(seconds * moments.SECOND + nanoseconds) / moments.SECOND).normalize()


def _seconds(length: int) -> Decimal:
    found = _with_fraction(*divmod(abs(length) % (60 * moments.SECOND), moments.SECOND))
    return -found if length < 0 and found else found


_OF_DATE: dict[str, Callable[[Any], Any]] = {
    "year": _number("year"),
    "month": _number("month"),
    "day": _number("day"),
    "weekday": lambda value: Decimal(weekday(value)),
}
_OF_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": _number("hour"),
    "minute": _number("minute"),
    "second": lambda value: _with_fraction(value.second, moments.nanosecond_of(value)),
    "time offset": lambda value: _offset(moments.time_offset(value)),
    "timezone": lambda value: _zone_name(value.tzinfo),
}


def _of_part(part: Callable[[Any], Any], own: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: own(part(value))


_OF_DATE_TIME: dict[str, Callable[[Any], Any]] = {
    **{name: _of_part(moments.date_part, own) for name, own in _OF_DATE.items()},
    **{name: _of_part(moments.time_part, own) for name, own in _OF_TIME.items()},
    "time offset": lambda value: _offset(moments.offset_of(value)),
}
_OF_DAYS: dict[str, Callable[[Any], Any]] = {
    "days": _of_days(86_400, None),
    "hours": _of_days(3_600, 24),
    "minutes": _of_days(60, 60),
    "seconds": lambda value: _seconds(moments.nanoseconds_of(value)),
}
_OF_YEARS: dict[str, Callable[[Any], Any]] = {
    "years": lambda value: _signed(value.months, 12, None),
    "months": lambda value: _signed(value.months, 1, 12),
}
_OF_RANGE: dict[str, Callable[[Any], Any]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_included,
    "end included": lambda value: value.high_included,
}
