"""The values of FEEL and how they compare: numbers are Decimal, texts str, nothing is None.

Dates, times and durations are those of ``temporal``; lists and contexts are ``list`` and ``dict``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.reading import (
    ARITHMETIC,
    read_date,
    read_date_time,
    read_duration,
    read_number,
    read_time,
    temporal_text,
)
from touchstone.kernel.feel.temporal import (
    FarDate,
    FarDateTime,
    FineTime,
    LongDuration,
    YearsMonths,
)
from touchstone.kernel.feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    LIST,
    NUMBER,
    STRING,
    TIME,
    YEARS_DURATION,
    Type,
)

__all__ = [
    "ANY",
    "ARITHMETIC",
    "BOOLEAN",
    "CONTEXT",
    "DATE",
    "DATE_TIME",
    "DAYS_DURATION",
    "LIST",
    "NUMBER",
    "STRING",
    "TIME",
    "YEARS_DURATION",
    "FeelError",
    "Function",
    "FunctionValue",
    "Range",
    "Type",
    "YearsMonths",
    "read_date",
    "read_date_time",
    "read_duration",
    "read_instant",
    "read_number",
    "read_time",
    "take_in",
    "temporal_text",
]


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of ordered values.

    Attributes:
        low, high: the ends; None is an end without a value.
        low_included, high_included: whether an end belongs to it.
        operator: for ``(< 5)``, ``(>= 5)``, ``(= 5)`` and ``(!= 5)`` the operator; their open side is
            without bound, while an end that was written as null makes every test null.
    """

    low: Any
    high: Any
    low_included: bool
    high_included: bool
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A host function that expressions may call.

    Attributes:
        name: as written in the text, spaces allowed.
        call: pure; gets the arguments as FEEL values, returns one or None.
        least, most: how many arguments it takes.
        needs_now: whether ``call`` gets the evaluation's instant first.
        signatures: the names of its parameters, one tuple for each way to call it by name.
        kinds: the kind that a parameter must be of when it is given by name.
        needs_run: whether ``call`` gets the evaluation first.
    """

    name: str
    call: Callable[..., Any]
    least: int
    most: int
    needs_now: bool = False
    signatures: tuple[tuple[str, ...], ...] = ()
    needs_run: bool = False
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function as a value.

    Attributes:
        parameters: their names.
        types: their types; arguments are coerced to them, and one that cannot be makes the result null.
        call: gets the run and the arguments in order.
        result: the type of what it gives, a value not of it becomes null; None where it is not known.
        name: for messages.
        least: how many arguments it needs; all of them when None.
        variadic: whether it takes any number of arguments beyond its parameters.
    """

    parameters: tuple[str, ...]
    types: tuple[Type, ...]
    call: Callable[..., Any]
    result: Type | None = None
    name: str = ""
    least: int | None = None
    variadic: bool = False


class FeelError(Exception):
    """An evaluation step that has no value; it becomes null with a problem, and never leaves here."""

    def __init__(self, english: str, chinese: str = "") -> None:
        super().__init__(english)
        self.chinese = chinese or english


class Exhausted(Exception):
    """The evaluation asks for more than its limits; ends the whole run."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


def read_instant(text: str) -> Any:
    """A date and time of the house's data, whose seconds may be left out."""
    found = read_date_time(text)
    if found is not None:
        return found
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


_READERS: dict[Type, Callable[[str], Any]] = {
    NUMBER: read_number,
    DATE: read_date,
    TIME: read_time,
    DATE_TIME: read_instant,
    DAYS_DURATION: read_duration,
    YEARS_DURATION: read_duration,
}
PLAIN = frozenset(
    {
        bool,
        Decimal,
        dt.date,
        dt.datetime,
        dt.time,
        dt.timedelta,
        YearsMonths,
        Range,
        FunctionValue,
        FarDate,
        FarDateTime,
        FineTime,
        LongDuration,
    }
)


_PLAIN_OR_TEXT = PLAIN | {str}


def plain_kinds(declared: Type) -> frozenset[type]:
    """The kinds of host values that are FEEL values as they are where ``declared`` is asked for."""
    return PLAIN if declared in _READERS else _PLAIN_OR_TEXT


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
            raise FeelError(
                f"{value[:40]!r} is not a {declared.value}", f"{value[:40]!r}不是{declared.value}"
            )
        return read
    if value is None or kind in PLAIN:
        return value
    if kind is list or kind is tuple:
        return [take_in(item, ANY) for item in value]
    if isinstance(value, dict):
        return {key: take_in(item, ANY) for key, item in value.items()}
    raise FeelError(f"a {kind.__name__} is not a FEEL value", f"{kind.__name__}不是FEEL的值")


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    dt.date: "date",
    FarDate: "date",
    dt.datetime: "date and time",
    FarDateTime: "date and time",
    dt.time: "time",
    FineTime: "time",
    dt.timedelta: "days and time duration",
    LongDuration: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    FunctionValue: "function",
    list: "list",
    dict: "context",
}
_PLAIN = frozenset({bool, Decimal, str, dt.date, dt.timedelta, FarDate, LongDuration, YearsMonths})
_ORDERED = frozenset({Decimal, str, dt.date, dt.timedelta, LongDuration, YearsMonths})


def kind_of(value: Any) -> str:
    """The FEEL kind of a value; two values of different kinds do not compare."""
    return _KINDS.get(type(value)) or type(value).__name__


def equal(left: Any, right: Any) -> bool | None:
    """FEEL equality: null where the kinds differ and neither is null."""
    kind = type(left)
    if kind is type(right) and kind in _PLAIN:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    name = kind_of(left)
    if name != kind_of(right):
        return None
    if name == "list":
        return _equal_lists(left, right)
    if name == "context":
        return _equal_contexts(left, right)
    if name == "date and time":
        return _equal_moments(left, right)
    if name == "time":
        return _equal_times(left, right)
    if name == "range":
        return _equal_ranges(left, right)
    return bool(left == right)


def _equal_lists(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(
        equal(one, other) is True for one, other in zip(left, right, strict=True)
    )


def _equal_contexts(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(
        equal(value, right[key]) is True for key, value in left.items()
    )


def _equal_moments(left: Any, right: Any) -> bool | None:
    """By the second: DMN counts a date and time in whole seconds when it asks for equality."""
    if (moments.zone_of(left) is None) != (moments.zone_of(right) is None):
        return None
    return moments.instant(left) // moments.SECOND == moments.instant(right) // moments.SECOND


def _time_keys(left: Any, right: Any) -> tuple[int, int] | None:
    """Two times on one scale; None where only one is local or named zones differ."""
    first, second = moments.clock(left), moments.clock(right)
    if left.tzinfo == right.tzinfo:
        return first, second
    one, other = moments.time_offset(left), moments.time_offset(right)
    return None if one is None or other is None else (first - one, second - other)


def _equal_times(left: Any, right: Any) -> bool | None:
    keys = _time_keys(left, right)
    return None if keys is None else keys[0] // moments.SECOND == keys[1] // moments.SECOND


def _equal_ranges(left: Range, right: Range) -> bool:
    ends = ("low_included", "high_included", "operator")
    return (
        all(getattr(left, end) == getattr(right, end) for end in ends)
        and equal(left.low, right.low) is True
        and equal(left.high, right.high) is True
    )


def less(left: Any, right: Any) -> bool | None:
    """FEEL ``<``: null where the two do not compare; what has no zone is taken to be in the other's."""
    kind = type(left)
    if kind is type(right) and kind in _ORDERED:
        return bool(left < right)
    name = kind_of(left)
    if name != kind_of(right):
        return None
    if name == "date and time":
        if (moments.zone_of(left) is None) != (moments.zone_of(right) is None):
            return moments.wall(left) < moments.wall(right)
        if type(left) is dt.datetime is type(right) and type(left.tzinfo) is not ZoneInfo:
            return left < right
        return moments.instant(left) < moments.instant(right)
    if name == "time":
        if (left.tzinfo is None) != (right.tzinfo is None):
            return moments.clock(left) < moments.clock(right)
        keys = _time_keys(left, right)
        return None if keys is None else keys[0] < keys[1]
    if name == "date":
        return moments.days_of(left) < moments.days_of(right)
    if name == "days and time duration":
        return moments.nanoseconds_of(left) < moments.nanoseconds_of(right)
    return None


def contains(test: Any, value: Any) -> bool | None:
    """Whether ``value`` lies in ``test``: a range, a list of tests, or an equal value."""
    if isinstance(test, Range):
        return equal(test, value) if isinstance(value, Range) else in_range(test, value)
    if isinstance(test, list):
        if isinstance(value, list) and equal(test, value):
            return True
        return any(contains(item, value) is True for item in test)
    return equal(test, value)


def in_range(test: Range, value: Any) -> bool | None:
    """Whether a range includes a value."""
    if test.operator in ("=", "!="):
        same = equal(test.low, value)
        return same if test.operator == "=" or same is None else not same
    above = below = None
    if test.low is not None:
        above = _above(test.low, value, test.low_included)
    elif test.operator in ("<", "<="):
        above = True
    if above is False:
        return False
    if test.high is not None:
        below = _above(value, test.high, test.high_included)
    elif test.operator in (">", ">="):
        below = True
    return below if above is True or below is False else None


def _above(low: Any, value: Any, included: bool) -> bool | None:
    smaller = less(low, value)
    if smaller is False and included:
        return equal(low, value)
    return smaller
