"""Calendars as a kind of content of the pack, and as plain data in facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from touchstone.kernel.calendar_content import read_calendar_file
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text
from touchstone.kernel.workdays import CalendarDay, CalendarYear, DayStatus
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile


class CalendarKind:
    """``calendars/<id>-<year>.yaml``: one year's working days."""

    def parse(self, file: SourceFile) -> CalendarYear | tuple[Problem, ...]:
        """The year, or every problem with the file."""
        return read_calendar_file(file.content, file.path)

    def check(self, file: SourceFile, data: CalendarYear, pack: Parsed) -> Iterable[Problem]:
        """The file's name says which calendar and year it holds."""
        if file.id != f"{data.calendar}-{data.year}":
            yield Problem(
                file.path,
                1,
                "calendar.other_name",
                f"the file is named {file.id} but holds {data.calendar}-{data.year}",
                f"文件名为 {file.id}，内容为 {data.calendar}-{data.year}",
            )


def days_as_data(days: Iterable[CalendarDay]) -> list[list[Any]]:
    """Listed days as facts carry them: day, worked, name in both languages."""
    return [
        [
            day.day.isoformat(),
            day.is_workday,
            day.name.zh if day.name else None,
            day.name.en if day.name else None,
        ]
        for day in days
    ]


def year_from_data(
    calendar: str, year: int, status: str, source: str, days: Iterable[Sequence[Any]]
) -> CalendarYear:
    """Read what ``days_as_data`` wrote."""
    standing = DayStatus(status)
    return CalendarYear(
        calendar,
        year,
        standing,
        source,
        tuple(
            CalendarDay(dt.date.fromisoformat(day), worked, Text(zh, en) if zh else None, standing)
            for day, worked, zh, en in days
        ),
    )
