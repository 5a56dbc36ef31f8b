"""The built-in functions of FEEL that run today; each takes and gives FEEL values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from touchstone.kernel.feel.values import (
    ARITHMETIC,
    FeelError,
    Function,
    YearsMonths,
    equal,
    less,
    read_date,
    read_date_time,
    read_duration,
    read_number,
    read_time,
)


def _typed(value: Any, *kinds: type) -> Any:
    if isinstance(value, bool) and bool not in kinds:
        raise FeelError("a truth value does not fit here")
    if not isinstance(value, kinds):
        raise FeelError(f"{type(value).__name__} does not fit here")
    return value


def _text(value: Any) -> str:
    return str(_typed(value, str))


def _number(value: Any) -> Decimal:
    found = _typed(value, Decimal)
    assert isinstance(found, Decimal)
    return found


def _whole(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise FeelError("a whole number is needed")
    return int(number)


def _items(arguments: tuple[Any, ...]) -> list[Any]:
    if len(arguments) == 1 and isinstance(arguments[0], list):
        return arguments[0]
    return list(arguments)


def _not(value: Any) -> bool | None:
    return None if not isinstance(value, bool) else not value


def _string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _days_text(value)
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        sign = "-" if value.months < 0 else ""
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{parts or '0M'}"
    raise FeelError("this value has no text")


def _days_text(value: dt.timedelta) -> str:
    sign = "-" if value < dt.timedelta() else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    time = "".join(
        f"{part}{unit}" for part, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if part
    )
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{'T' + time if time else ''}" if days or time else "PT0S"


def _date(*arguments: Any) -> dt.date | None:
    if len(arguments) == 1:
        value = arguments[0]
        if isinstance(value, dt.datetime):
            return value.date()
        return value if isinstance(value, dt.date) else read_date(_text(value))
    try:
        return dt.date(*(_whole(part) for part in arguments))
    except ValueError:
        return None


def _date_time(*arguments: Any) -> dt.datetime | None:
    if len(arguments) == 1:
        return read_date_time(_text(arguments[0]))
    return dt.datetime.combine(_typed(arguments[0], dt.date), _typed(arguments[1], dt.time))


def _time(value: Any) -> dt.time | None:
    if isinstance(value, dt.datetime):
        return value.timetz()
    return value if isinstance(value, dt.time) else read_time(_text(value))


def _number_from(text: Any, *_: Any) -> Decimal | None:
    return read_number(_text(text))


def _substring(text: Any, start: Any, length: Any = None) -> str | None:
    source, place = _text(text), _whole(start)
    begin = place - 1 if place > 0 else len(source) + place
    if place == 0 or begin < 0:
        return None
    end = None if length is None else begin + _whole(length)
    return source[begin:end]


def _extreme(arguments: tuple[Any, ...], smaller: bool) -> Any:
    items = _items(arguments)
    if not items:
        return None
    best = items[0]
    for item in items[1:]:
        ordered = less(item, best) if smaller else less(best, item)
        if ordered is None:
            return None
        best = item if ordered else best
    return best


def _sum(*arguments: Any) -> Decimal | None:
    items = _items(arguments)
    if not items:
        return None
    total = Decimal(0)
    for item in items:
        total = ARITHMETIC.add(total, _number(item))
    return total


def _mean(*arguments: Any) -> Decimal | None:
    items = _items(arguments)
    total = _sum(*arguments)
    return None if total is None else ARITHMETIC.divide(total, Decimal(len(items)))


def _all(*arguments: Any) -> bool | None:
    items = _items(arguments)
    if False in items:
        return False
    return True if all(item is True for item in items) else None


def _any(*arguments: Any) -> bool | None:
    items = _items(arguments)
    if True in items:
        return True
    return False if all(item is False for item in items) else None


def _list_contains(items: Any, value: Any) -> bool:
    return any(equal(item, value) is True for item in _typed(items, list))


def _rounded(mode: str) -> Callable[..., Decimal]:
    def call(value: Any, scale: Any = Decimal(0)) -> Decimal:
        digits = _whole(scale)
        if abs(digits) > 6000:
            raise FeelError("the scale is out of bounds")
        return _number(value).quantize(
            Decimal(1).scaleb(-digits), rounding=mode, context=ARITHMETIC
        )

    return call


def _concatenate(*arguments: Any) -> list[Any]:
    return [item for part in arguments for item in _typed(part, list)]


def _distinct(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in _typed(items, list):
        if not any(equal(item, known) is True for known in found):
            found.append(item)
    return found


_MANY = 10_000
_ALL: tuple[Function, ...] = (
    Function("not", _not, 1, 1),
    Function("string", _string, 1, 1),
    Function("number", _number_from, 1, 3),
    Function("date", _date, 1, 3),
    Function("time", _time, 1, 1),
    Function("date and time", _date_time, 1, 2),
    Function("duration", lambda text: read_duration(_text(text)), 1, 1),
    Function("now", lambda now: now, 0, 0, needs_now=True),
    Function("today", lambda now: now.date(), 0, 0, needs_now=True),
    Function("substring", _substring, 2, 3),
    Function("string length", lambda text: Decimal(len(_text(text))), 1, 1),
    Function("upper case", lambda text: _text(text).upper(), 1, 1),
    Function("lower case", lambda text: _text(text).lower(), 1, 1),
    Function("contains", lambda text, part: _text(part) in _text(text), 2, 2),
    Function("starts with", lambda text, part: _text(text).startswith(_text(part)), 2, 2),
    Function("ends with", lambda text, part: _text(text).endswith(_text(part)), 2, 2),
    Function("list contains", _list_contains, 2, 2),
    Function("count", lambda items: Decimal(len(_typed(items, list))), 1, 1),
    Function("min", lambda *items: _extreme(items, True), 1, _MANY),
    Function("max", lambda *items: _extreme(items, False), 1, _MANY),
    Function("sum", _sum, 1, _MANY),
    Function("mean", _mean, 1, _MANY),
    Function("all", _all, 1, _MANY),
    Function("any", _any, 1, _MANY),
    Function("append", lambda items, *more: [*_typed(items, list), *more], 2, _MANY),
    Function("concatenate", _concatenate, 1, _MANY),
    Function("distinct values", _distinct, 1, 1),
    Function("reverse", lambda items: _typed(items, list)[::-1], 1, 1),
    Function("abs", lambda value: abs(_number(value)), 1, 1),
    Function("decimal", _rounded(ROUND_HALF_EVEN), 2, 2),
    Function("floor", _rounded(ROUND_FLOOR), 1, 2),
    Function("ceiling", _rounded(ROUND_CEILING), 1, 2),
    Function("round half up", _rounded(ROUND_HALF_UP), 2, 2),
)
BUILTINS: dict[str, Function] = {function.name: function for function in _ALL}
