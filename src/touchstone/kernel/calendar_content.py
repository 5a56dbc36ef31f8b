"""Calendars as people write them: a pack's YAML, or the JSON of the holiday-cn project.

Returns problems and raises nothing. The YAML form::

    id: cn
    year: 2026
    status: official            # or provisional, until the notice is out
    source: the notice
    days:
      - {from: 2026-01-01, to: 2026-01-03, off: true, name: {zh: 元旦, en: New Year's Day}}
      - {on: 2026-01-04, work: true, name: {zh: …, en: …}}
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from touchstone.kernel.places import line_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text
from touchstone.kernel.workdays import CalendarDay, CalendarYear, DayStatus

_LARGEST = 1_000_000
_NEIGHBOUR = dt.timedelta(days=31)
_ENGLISH = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}

Read = CalendarYear | tuple[Problem, ...]


class _DatesAsWritten(RoundTripConstructor):
    """Leaves dates as text, so that an impossible one is a problem with a line."""


_DatesAsWritten.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda constructor, node: str(node.value)
)


def read_calendar_file(content: bytes, file: str, *, calendar: str = "cn") -> Read:
    """A calendar year from the bytes of a file, YAML or holiday-cn JSON.

    Args:
        content: the file.
        file: its name as the author knows it, for problems.
        calendar: id of the calendar that a holiday-cn file belongs to.
    """
    if len(content) > _LARGEST:
        return (_problem(file, 0, "too_large", "日历文件过大", "the calendar file is too large"),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (_problem(file, line, "not_utf8", "不是UTF-8文本", "not UTF-8 text"),)
    try:
        if text.lstrip().startswith("{") and file.lower().endswith(".json"):
            return _read_holiday_cn(json.loads(text), file, calendar)
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = _DatesAsWritten
        raw = yaml.load(text)
    except json.JSONDecodeError as error:
        return (_problem(file, error.lineno, "not_json", "不是JSON", f"not JSON: {error.msg}"),)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return (_problem(file, line, "not_yaml", "不是YAML", f"not YAML: {error.problem}"),)
    except (YAMLError, ValueError, RecursionError) as error:
        return (_problem(file, 0, "not_yaml", "不是YAML", f"not YAML: {type(error).__name__}"),)
    return read_calendar_year(raw, file)


def read_calendar_year(raw: Any, file: str) -> Read:
    """A calendar year from parsed YAML; lines are named where the parser kept them."""
    if not isinstance(raw, Mapping):
        return (_problem(file, 1, "not_a_mapping", "应为映射", "a calendar is a mapping of keys"),)
    problems = [
        _missing(file, raw, key, "a text")
        for key in ("id", "source")
        if not isinstance(raw.get(key), str) or not raw[key].strip()
    ]
    year, standing = raw.get("year"), raw.get("status")
    if not isinstance(year, int) or isinstance(year, bool) or not 1990 <= year <= 2200:
        problems.append(_missing(file, raw, "year", "a year from 1990 to 2200"))
        year = None
    if standing not in ("official", "provisional"):
        problems.append(_missing(file, raw, "status", "official or provisional"))
    if not isinstance(raw.get("days"), Sequence) or isinstance(raw.get("days"), str):
        problems.append(_missing(file, raw, "days", "a list of days"))
    if problems or year is None:
        return tuple(problems)
    status = DayStatus(str(standing))
    days: list[CalendarDay] = []
    seen: set[dt.date] = set()
    for item in raw["days"]:
        line = line_of(item)
        found = _read_item(item, status, file, line)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            problems.extend(_misplaced(found, year, seen, file, line))
            days.extend(found)
    if problems:
        return tuple(problems)
    return _year(str(raw["id"]), year, status, str(raw["source"]), days)


def _read_item(
    item: Any, status: DayStatus, file: str, line: int
) -> tuple[CalendarDay, ...] | Problem:
    """The days of one entry, or what is wrong with it."""
    if not isinstance(item, Mapping):
        return _problem(file, line, "bad_day", "每一项应为映射", "each entry is a mapping")
    unknown = set(map(str, item)) - {"on", "from", "to", "off", "work", "name"}
    if unknown:
        names = ", ".join(sorted(unknown))
        return _problem(file, line, "unknown_key", f"未知键：{names}", f"unknown key: {names}")
    if (item.get("off") is True) == (item.get("work") is True):
        return _problem(
            file, line, "bad_day", "off 与 work 二者取一", "say either off: true or work: true"
        )
    try:
        first = _day(item["on"] if "on" in item else item["from"])
        last = first if "on" in item else _day(item["to"])
    except (KeyError, ValueError):
        return _problem(
            file, line, "bad_day", "应写 on 或 from 与 to，日期为YYYY-MM-DD",
            "write on, or from and to, as YYYY-MM-DD",
        )  # fmt: skip
    if not 0 <= (last - first).days <= 31:
        return _problem(
            file, line, "bad_day", "to 早于 from 或超过一个月", "to is before from, or a month off"
        )
    name = item.get("name")
    try:
        named = Text(str(name["zh"]), str(name["en"])) if name else None
    except (KeyError, TypeError):
        return _problem(file, line, "name_incomplete", "name 应有 zh 与 en", "a name has zh and en")
    return tuple(
        CalendarDay(first + dt.timedelta(days=n), item.get("work") is True, named, status)
        for n in range((last - first).days + 1)
    )


def _read_holiday_cn(raw: Any, file: str, calendar: str) -> Read:
    """A year of https://github.com/NateScarlet/holiday-cn (MIT), taken from gov.cn notices."""
    try:
        year, papers = int(raw["year"]), [str(paper) for paper in raw["papers"]]
        days = [
            CalendarDay(
                _day(item["date"]),
                item["isOffDay"] is False,
                _holiday_name(str(item["name"]), is_workday=item["isOffDay"] is False),
                DayStatus.OFFICIAL,
            )
            for item in raw["days"]
        ]
    except (KeyError, TypeError, ValueError):
        return (
            _problem(
                file, 0, "not_holiday_cn", "不是holiday-cn格式的日历",
                "not a calendar of the holiday-cn form (year, papers, days)",
            ),
        )  # fmt: skip
    if not papers or not days:
        return (
            _problem(
                file, 0, "not_announced", f"{year}年放假安排尚未公布，文件中没有通知",
                f"the arrangement for {year} is not announced yet: the file names no notice",
            ),
        )  # fmt: skip
    problems = _misplaced(days, year, set(), file, 0)
    if problems:
        return tuple(problems)
    return _year(calendar, year, DayStatus.OFFICIAL, " ".join(papers), days)


def _holiday_name(name: str, *, is_workday: bool) -> Text:
    english = " and ".join(_ENGLISH.get(part, part) for part in name.split("、"))
    if is_workday:
        return Text(f"{name}调休上班", f"Working day in exchange for {english}")
    return Text(name, english)


def _year(
    calendar: str, year: int, status: DayStatus, source: str, days: Iterable[CalendarDay]
) -> CalendarYear:
    ordered = tuple(sorted(days, key=lambda day: day.day))
    return CalendarYear(calendar, year, status, source, ordered)


def _misplaced(
    days: Sequence[CalendarDay], year: int, seen: set[dt.date], file: str, line: int
) -> list[Problem]:
    problems: list[Problem] = []
    first, last = dt.date(year, 1, 1) - _NEIGHBOUR, dt.date(year, 12, 31) + _NEIGHBOUR
    for day in days:
        if day.day in seen:
            problems.append(
                _problem(file, line, "day_twice", f"{day.day} 重复", f"{day.day} is listed twice")
            )
        if not first <= day.day <= last:
            problems.append(
                _problem(
                    file, line, "other_year", f"{day.day} 不属于{year}年",
                    f"{day.day} does not belong to {year}",
                )
            )  # fmt: skip
        seen.add(day.day)
    return problems


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        raise ValueError("a day, not an instant")
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _missing(file: str, raw: Mapping[str, Any], key: str, wanted: str) -> Problem:
    return _problem(
        file, line_of(raw, key), "bad_key", f"{key} 缺失或有误", f"{key} is {wanted}", element=key
    )


def _problem(
    file: str, line: int, code: str, zh: str, en: str, *, element: str | None = None
) -> Problem:
    return Problem(file, line, f"calendar.{code}", en, zh, element)
