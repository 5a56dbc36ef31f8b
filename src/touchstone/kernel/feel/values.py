"""The values of FEEL: numbers are Decimal, texts str, nothing is None, days-time durations timedelta."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from typing import Any

ARITHMETIC = Context(prec=34)
"""Decimal128, as DMN asks."""


class Type(Enum):
    """What a name holds; a text given for a number, date or duration is read as one."""

    ANY = "any"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"
    DAYS_DURATION = "days and time duration"
    YEARS_DURATION = "years and months duration"
    LIST = "list"
    CONTEXT = "context"


ANY, NUMBER, STRING, BOOLEAN = Type.ANY, Type.NUMBER, Type.STRING, Type.BOOLEAN
DATE, TIME, DATE_TIME = Type.DATE, Type.TIME, Type.DATE_TIME
DAYS_DURATION, YEARS_DURATION = Type.DAYS_DURATION, Type.YEARS_DURATION
LIST, CONTEXT = Type.LIST, Type.CONTEXT


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, counted in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open to that side."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A host function that expressions may call.

    Attributes:
        name: as written in the text, spaces allowed.
        call: pure; gets the arguments as FEEL values, returns one or None.
        least, most: how many arguments it takes.
        needs_now: whether ``call`` gets the evaluation's instant first.
    """

    name: str
    call: Callable[..., Any]
    least: int
    most: int
    needs_now: bool = False


class FeelError(Exception):
    """An evaluation step that has no value; it becomes null with a problem, and never leaves here."""


_DAYS = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?", re.ASCII)
_YEARS = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)


def read_duration(text: str) -> dt.timedelta | YearsMonths | None:
    """An ISO 8601 duration of days and time, or of years and months; None when it is neither."""
    found = _YEARS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return YearsMonths(-months if found[1] else months)
    found = _DAYS.fullmatch(text)
    if not found or not any(found[part] for part in (2, 3, 4, 5)):
        return None
    try:
        value = dt.timedelta(
            days=int(found[2] or 0),
            hours=int(found[3] or 0),
            minutes=int(found[4] or 0),
            seconds=int(found[5] or 0),
            microseconds=int((found[6] or "").ljust(6, "0")[:6] or 0),
        )
    except OverflowError:
        return None
    return -value if found[1] else value


def read_date(text: str) -> dt.date | None:
    """``2026-03-02``, else None."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def read_date_time(text: str) -> dt.datetime | None:
    """An ISO date and time, or a date as its midnight; else None."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> dt.time | None:
    """``09:30:00``, with an offset or without; else None."""
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        return None


def read_number(text: str) -> Decimal | None:
    """A decimal number, else None."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return ARITHMETIC.plus(value) if value.is_finite() else None


_READERS: dict[Type, Callable[[str], Any]] = {
    NUMBER: read_number,
    DATE: read_date,
    TIME: read_time,
    DATE_TIME: read_date_time,
    DAYS_DURATION: read_duration,
    YEARS_DURATION: read_duration,
}


def take_in(value: Any, declared: Type) -> Any:
    """A host value as a FEEL value.

    Raises:
        FeelError: a float, which is not exact, or a text that is not of the declared type.
    """
    kind = type(value)
    if kind is int:
        return Decimal(value)
    if kind is str:
        reader = _READERS.get(declared)
        if reader is None:
            return value
        read = reader(value)
        if read is None:
            raise FeelError(f"{value[:40]!r} is not a {declared.value}")
        return read
    if value is None or kind in _KNOWN:
        return value
    if kind is list or kind is tuple:
        return [take_in(item, ANY) for item in value]
    if isinstance(value, dict):
        return {key: take_in(item, ANY) for key, item in value.items()}
    raise FeelError(f"a {kind.__name__} is not a FEEL value")


_KNOWN = frozenset({bool, Decimal, dt.date, dt.datetime, dt.time, dt.timedelta, YearsMonths, Range})
_COMPARABLE = (Decimal, str, dt.datetime, dt.date, dt.time, dt.timedelta, YearsMonths)


def kind_of(value: Any) -> str:
    """The FEEL kind of a value; two values of different kinds do not compare."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, Decimal):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dt.datetime):
        return "date and time"
    return type(value).__name__


def equal(left: Any, right: Any) -> bool | None:
    """FEEL equality: null where the kinds differ and neither is null."""
    if left is None or right is None:
        return left is right
    if kind_of(left) != kind_of(right):
        return None
    try:
        return bool(left == right)
    except TypeError:
        return None


def less(left: Any, right: Any) -> bool | None:
    """FEEL ``<``: null where the two do not compare."""
    if kind_of(left) != kind_of(right) or not isinstance(left, _COMPARABLE):
        return None
    try:
        return bool(left < right)
    except TypeError:
        return None


def contains(test: Any, value: Any) -> bool | None:
    """Whether ``value`` lies in ``test``: a range, a list of tests, or an equal value."""
    if isinstance(test, Range):
        above = True if test.low is None else _above(test.low, value, test.low_included)
        below = True if test.high is None else _above(value, test.high, test.high_included)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True
    if isinstance(test, list):
        results = [contains(item, value) for item in test]
        return True if True in results else (None if None in results else False)
    return equal(test, value)


def _above(low: Any, value: Any, included: bool) -> bool | None:
    smaller = less(low, value)
    if smaller is False and included:
        return equal(low, value)
    return smaller
