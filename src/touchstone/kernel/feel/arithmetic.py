"""``+ - * / **`` over numbers, texts, dates, times and durations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.reading import ARITHMETIC
from touchstone.kernel.feel.temporal import DATE_TIMES, DAYS, TIMES, YearsMonths, is_date
from touchstone.kernel.feel.values import FeelError, kind_of


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    return ARITHMETIC.power(base, exponent) if base or exponent else Decimal(1)


NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": _power,
}
_MAX_MONTHS = 12 * 10**12


def compute(operator: str, left: Any, right: Any) -> Any:
    """The value of ``left operator right`` where not both are numbers.

    Raises:
        FeelError: the two do not go together, or the result is out of range.
    """
    if operator in ("+", "-") and type(right) is dt.timedelta and _fixed(left):
        with suppress(OverflowError):
            return left + right if operator == "+" else left - right
    if operator == "+":
        return _plus(left, right)
    if operator == "-":
        return _minus(left, right)
    return _scaled(operator, left, right)


def _fixed(value: Any) -> bool:
    """Whether the standard library moves the value by a timedelta as FEEL does."""
    kind = type(value)
    if kind is dt.datetime:
        return value.tzinfo is None or type(value.tzinfo) is dt.timezone
    return kind is dt.timedelta or kind is dt.date


def negate(value: Any) -> Any:
    """``-value``.

    Raises:
        FeelError: it has no opposite.
    """
    if isinstance(value, Decimal):
        return ARITHMETIC.minus(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    if isinstance(value, DAYS):
        return moments.make_days(-moments.nanoseconds_of(value))
    raise FeelError(f"-{kind_of(value)} has no value", f"{kind_of(value)}不能取负")


def _there(value: Any) -> Any:
    if value is None:
        raise FeelError("the result is out of range", "结果超出范围")
    return value


def _no(operator: str, left: Any, right: Any) -> FeelError:
    words = {"+": "do not add", "-": "do not subtract"}
    first, second = kind_of(left), kind_of(right)
    english = f"{first} and {second} {words.get(operator, f'have no {operator}')}"
    return FeelError(english, f"{first}与{second}不能进行{operator}运算")


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return _months(left.months + right.months)
    if isinstance(left, DAYS) and isinstance(right, DAYS):
        return moments.make_days(moments.nanoseconds_of(left) + moments.nanoseconds_of(right))
    if isinstance(left, (*DAYS, YearsMonths)):
        left, right = right, left
    return _later(left, right, 1)


def _minus(left: Any, right: Any) -> Any:
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return _months(left.months - right.months)
    if isinstance(left, DAYS) and isinstance(right, DAYS):
        return moments.make_days(moments.nanoseconds_of(left) - moments.nanoseconds_of(right))
    if isinstance(right, (*DAYS, YearsMonths)):
        return _later(left, right, -1)
    return _between(left, right)


def _later(start: Any, duration: Any, sign: int) -> Any:
    """A date, time, or date and time moved by a duration."""
    operator = "+" if sign > 0 else "-"
    if isinstance(duration, YearsMonths):
        months = sign * duration.months
        if is_date(start):
            return _there(moments.add_months(start, months))
        if isinstance(start, DATE_TIMES):
            day = _there(moments.add_months(moments.date_part(start), months))
            return moments.make_date_time(day, moments.time_part(start))
        raise _no(operator, start, duration)
    if not isinstance(duration, DAYS):
        raise _no(operator, start, duration)
    length = sign * moments.nanoseconds_of(duration)
    if is_date(start):
        return _there(moments.date_of_days(moments.days_of(start) + length // moments.DAY))
    if isinstance(start, DATE_TIMES):
        return _there(moments.shift(start, length))
    if isinstance(start, TIMES):
        return moments.time_of_clock(moments.clock(start) + length, start.tzinfo)
    raise _no(operator, start, duration)


def _between(left: Any, right: Any) -> Any:
    """The duration from ``right`` to ``left``; a date beside a date and time is its midnight in UTC."""
    if type(left) is dt.datetime is type(right) and _fixed(left) and _fixed(right):
        if (left.tzinfo is None) != (right.tzinfo is None):
            raise FeelError("only one of the two has a time zone", "两者只有一个带时区")
        return left - right
    if is_date(left) and is_date(right):
        return moments.make_days((moments.days_of(left) - moments.days_of(right)) * moments.DAY)
    if isinstance(left, TIMES) and isinstance(right, TIMES):
        first, second = moments.time_offset(left), moments.time_offset(right)
        if left.tzinfo != right.tzinfo and (first is None or second is None):
            raise _no("-", left, right)
        length = moments.clock(left) - moments.clock(right) - (first or 0) + (second or 0)
        return moments.make_days(length)
    if isinstance(left, DATE_TIMES) or isinstance(right, DATE_TIMES):
        one, other = _moment(left, right), _moment(right, left)
        if (moments.zone_of(one) is None) != (moments.zone_of(other) is None):
            raise FeelError("only one of the two has a time zone", "两者只有一个带时区")
        return moments.make_days(moments.instant(one) - moments.instant(other))
    raise _no("-", left, right)


def _moment(value: Any, other: Any) -> Any:
    if isinstance(value, DATE_TIMES):
        return value
    if is_date(value):
        return moments.make_date_time(value, dt.time(tzinfo=dt.UTC))
    raise _no("-", value, other)


def _months(months: int) -> YearsMonths:
    if abs(months) > _MAX_MONTHS:
        raise FeelError("the duration is out of range", "时长超出范围")
    return YearsMonths(months)


def _scaled(operator: str, left: Any, right: Any) -> Any:
    if operator == "*" and isinstance(left, Decimal):
        left, right = right, left
    if operator in ("*", "/") and isinstance(right, Decimal):
        if isinstance(left, YearsMonths):
            return _months(int(NUMBERS[operator](Decimal(left.months), right)))
        if isinstance(left, DAYS):
            length = NUMBERS[operator](Decimal(moments.nanoseconds_of(left)), right)
            if abs(length) > 10**30:
                raise FeelError("the duration is out of range", "时长超出范围")
            return moments.make_days(int(length))
    if operator == "/" and isinstance(left, DAYS) and isinstance(right, DAYS):
        first, second = moments.nanoseconds_of(left), moments.nanoseconds_of(right)
        return ARITHMETIC.divide(Decimal(first), Decimal(second))
    if operator == "/" and isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return ARITHMETIC.divide(Decimal(left.months), Decimal(right.months))
    raise _no(operator, left, right)
