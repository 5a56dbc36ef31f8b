"""Calendars are read from the pack's YAML and from holiday-cn's JSON; every problem has its line."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files

import pytest

from tests.conftest import shared_folder
from touchstone.kernel.calendar_content import read_calendar_file
from touchstone.kernel.workdays import Calendar, CalendarYear, DayStatus

PACK = files("touchstone") / "content" / "fsqms-cn" / "calendars"
MONTHS_2026 = [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


def of_pack(year: int) -> CalendarYear:
    name = f"cn-{year}.yaml"
    read = read_calendar_file((PACK / name).read_bytes(), name)
    assert isinstance(read, CalendarYear), read
    return read


def months(calendar: Calendar, year: int) -> list[int]:
    counts = [0] * 12
    day = dt.date(year, 1, 1)
    while day.year == year:
        counts[day.month - 1] += calendar.is_workday(day)
        day += dt.timedelta(days=1)
    return counts


def test_the_packs_calendar_of_2026_has_248_working_days() -> None:
    calendar = Calendar.of_years("cn", [of_pack(2026)])

    assert months(calendar, 2026) == MONTHS_2026
    assert sum(MONTHS_2026) == 248
    assert not calendar.is_provisional(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def test_the_year_that_is_not_announced_is_provisional() -> None:
    calendar = Calendar.of_years("cn", [of_pack(year) for year in (2025, 2026, 2027)])

    assert calendar.status(dt.date(2026, 12, 31)) is DayStatus.OFFICIAL
    assert calendar.status(dt.date(2027, 1, 4)) is DayStatus.PROVISIONAL
    assert not calendar.is_workday(dt.date(2027, 2, 9))


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_notice_and_the_pack_agree_on_every_day(year: int) -> None:
    path = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "calendars" / f"{year}.json"
    read = read_calendar_file(path.read_bytes(), path.name)
    assert isinstance(read, CalendarYear)

    notice, pack = Calendar.of_years("cn", [read]), Calendar.of_years("cn", [of_pack(year)])

    assert [
        day
        for n in range(365)
        if notice.is_workday(day := dt.date(year, 1, 1) + dt.timedelta(days=n))
        != pack.is_workday(day)
    ] == []


def test_a_file_of_a_year_without_a_notice_is_refused() -> None:
    path = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "calendars" / "2027.json"

    read = read_calendar_file(path.read_bytes(), path.name)

    assert isinstance(read, tuple)
    assert [problem.code for problem in read] == ["calendar.not_announced"]


GOOD = "id: cn\nyear: 2026\nstatus: official\nsource: notice\ndays:\n"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "calendar.not_a_mapping", 1),
        ("- 1\n", "calendar.not_a_mapping", 1),
        ("a: [\n", "calendar.not_yaml", 2),
        ("a: 1\na: 2\n", "calendar.not_yaml", 2),
        (GOOD + "  - {on: 2026-01-01}\n", "calendar.bad_day", 6),
        (GOOD + "  - {on: 2026-01-01, off: true, work: true}\n", "calendar.bad_day", 6),
        (GOOD + "  - {on: 2026-02-30, off: true}\n", "calendar.bad_day", 6),
        (GOOD + "  - {from: 2026-02-03, to: 2026-02-01, off: true}\n", "calendar.bad_day", 6),
        (GOOD + "  - {on: 2026-01-01, off: true, name: 元旦}\n", "calendar.name_incomplete", 6),
        (GOOD + "  - {on: 2026-01-01, off: true, nmae: x}\n", "calendar.unknown_key", 6),
        (GOOD + "  - {on: 2025-01-01, off: true}\n", "calendar.other_year", 6),
        (GOOD + "  - {on: 2026-01-01, off: true}\n" * 2, "calendar.day_twice", 7),
    ],
)
def test_a_broken_calendar_names_the_line(text: str, code: str, line: int) -> None:
    read = read_calendar_file(text.encode(), "cn-2026.yaml")

    assert isinstance(read, tuple)
    assert [(problem.code, problem.line) for problem in read] == [(code, line)]


def test_every_problem_of_a_calendar_is_told_at_once() -> None:
    read = read_calendar_file(b"year: x\nstatus: maybe\n", "c.yaml")

    assert isinstance(read, tuple)
    assert {problem.element for problem in read} == {"id", "source", "year", "status", "days"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "calendar.not_utf8"),
        (b'{"year": 2026', "calendar.not_json"),
        (b'{"year": 2026}', "calendar.not_holiday_cn"),
        (json.dumps({"year": 2026, "papers": ["x"], "days": [{"date": 1}]}).encode(),
         "calendar.not_holiday_cn"),
        (b" " * 1_000_001, "calendar.too_large"),
    ],
)  # fmt: skip
def test_a_broken_notice_is_refused(content: bytes, code: str) -> None:
    read = read_calendar_file(content, "2026.json")

    assert isinstance(read, tuple)
    assert [problem.code for problem in read] == [code]
