"""From one kind to another: numbers, strings, dates, times, durations, and ``not``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.builtins.arguments import (
    boolean,
    day_of,
    define,
    number,
    single,
    strictly_whole,
    text,
)
from touchstone.kernel.feel.conformity import text_of
from touchstone.kernel.feel.reading import (
    read_date,
    read_date_time,
    read_duration,
    read_number,
    read_time,
    temporal_text,
    zone_named,
    zone_of_seconds,
)
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.temporal import DATE_TIMES, DAYS, TIMES, YearsMonths, is_date
from touchstone.kernel.feel.values import FeelError, equal, kind_of

_MIDNIGHT = dt.time(tzinfo=dt.UTC)


def _some(value: Any, given: Any, wanted: str) -> Any:
    if value is None:
        shown = repr(given[:40]) if isinstance(given, str) else "this"
        raise FeelError(f"{shown} is no {wanted}", f"{shown}不是{wanted}")
    return value


def _not(value: Any) -> bool | None:
    return None if value is None else not boolean(value)


def _string(run: Run, value: Any) -> str | None:
    if type(value) is list or type(value) is dict:
        run.charge(run.weight(value))
    return None if value is None else text_of(value)


def _number(value: Any, grouping: Any = None, decimal: Any = None) -> Any:
    source = text(value)
    groups = None if grouping is None else text(grouping)
    point = "." if decimal is None else text(decimal)
    if groups not in (None, " ", ",", ".") or point not in (".", ",") or groups == point:
        raise FeelError("these separators are not allowed", "不允许使用这样的分隔符")
    if groups is not None:
        source = source.replace(groups, "")
    if point == ",":
        if "." in source:
            raise FeelError("this is no number", "这不是数字")
        source = source.replace(",", ".")
    return _some(read_number(source), text(value), "number")


def _numeric_date(year: Any, month: Any, day: Any) -> Any:
    parts = strictly_whole(year), strictly_whole(month), strictly_whole(day)
    return _some(moments.make_date(*parts), None, "date")


def _date(*arguments: Any) -> Any:
    if len(arguments) == 3:
        return _numeric_date(*arguments)
    if len(arguments) != 1:
        raise FeelError("a date has one or three parts", "日期需要一个或三个参数")
    value = single(arguments[0])
    if isinstance(value, DATE_TIMES):
        return moments.date_part(value)
    return value if is_date(value) else _some(read_date(text(value)), value, "date")


def _numeric_time(hour: Any, minute: Any, second: Any, zone: Any) -> Any:
    seconds = number(second)
    whole = int(seconds)
    fraction = int((seconds - whole) * moments.SECOND)
    found = moments.make_time(
        strictly_whole(hour), strictly_whole(minute), whole, fraction, _zone(zone)
    )
    return _some(found, None, "time")


def _zone(value: Any) -> dt.tzinfo | None:
    """The zone of an offset or of a name; none of null."""
    value = single(value)
    if value is None:
        return None
    if isinstance(value, str):
        found = zone_named(value)
    elif isinstance(value, DAYS):
        found = zone_of_seconds(moments.nanoseconds_of(value) // moments.SECOND)
    else:
        raise FeelError(f"a {kind_of(value)} is no offset", f"{kind_of(value)}不是时差")
    return _some(found, value, "time zone")  # type: ignore[no-any-return]


def _time(*arguments: Any) -> Any:
    if len(arguments) in (3, 4):
        hour, minute, second, *zone = arguments
        return _numeric_time(hour, minute, second, zone[0] if zone else None)
    if len(arguments) != 1:
        raise FeelError("a time has one, three or four parts", "时间需要一个、三个或四个参数")
    value = single(arguments[0])
    if isinstance(value, DATE_TIMES):
        return moments.time_part(value)
    if is_date(value):
        return _MIDNIGHT
    return value if isinstance(value, TIMES) else _some(read_time(text(value)), value, "time")


def _date_time(*arguments: Any) -> Any:
    if len(arguments) >= 6:
        year, month, day, hour, minute, second, *zone = arguments
        time = _numeric_time(hour, minute, second, zone[0] if zone else None)
        return moments.make_date_time(_numeric_date(year, month, day), time)
    if len(arguments) == 2:
        day, time = single(arguments[0]), single(arguments[1])
        if not (is_date(day) or isinstance(day, DATE_TIMES)) or not isinstance(time, TIMES):
            raise FeelError("a date and a time are needed", "此处需要日期与时间")
        return moments.make_date_time(_date(day), time)
    if len(arguments) != 1:
        raise FeelError("a date and time has no such parts", "日期时间不能有这样的参数")
    value = single(arguments[0])
    if isinstance(value, DATE_TIMES):
        return value
    if is_date(value):
        return moments.make_date_time(value, _MIDNIGHT)
    return _some(read_date_time(text(value)), value, "date and time")


def _duration(value: Any) -> Any:
    value = single(value)
    if isinstance(value, (*DAYS, YearsMonths)):
        return value
    return _some(read_duration(text(value)), value, "duration")


def _years_and_months(start: Any, end: Any) -> YearsMonths:
    first, last = day_of(start), day_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonths(months)


def _is(left: Any, right: Any) -> bool:
    if kind_of(left) != kind_of(right):
        return False
    shown = temporal_text(left)
    return equal(left, right) is True if shown is None else shown == temporal_text(right)


FUNCTIONS = (
    define("not", _not, "negand"),
    define("string", _string, "from", run=True),
    define("number", _number, "from, grouping separator?, decimal separator?"),
    define("date", _date, "from", "year, month, day"),
    define("time", _time, "from", "hour, minute, second, offset?"),
    define(
        "date and time",
        _date_time,
        "from",
        "date, time",
        "year, month, day, hour, minute, second, offset?",
        "year, month, day, hour, minute, second, timezone?",
    ),
    define("duration", _duration, "from"),
    define("years and months duration", _years_and_months, "from, to"),
    define("is", _is, "value1, value2"),
)
