"""The calendar under which a foreign log is judged: plain weekdays, one of ours, or one from a file.

Reads our own calendar files (YAML) and the year files of the holiday-cn project (JSON).
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

from touchstone.kernel.calendar_content import read_calendar_file
from touchstone.kernel.refusal import refuse
from touchstone.kernel.workdays import Calendar, CalendarYear
from touchstone.measures.logs.problems import as_refusal

WEEKDAYS = "weekdays"


def zone_named(name: str) -> ZoneInfo:
    """The time zone called ``name``.

    Raises:
        Refusal: there is none (``log.unknown_zone``).
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise refuse(
            "log.unknown_zone", f"没有时区 {name}", f"there is no time zone {name}"
        ) from None


def institution_calendar(name: str, zone: ZoneInfo) -> Calendar | None:
    """The calendar ``name`` as this institution applied or imported it, read in ``zone``; None if never."""
    from touchstone.clocks.queries import calendar

    found = calendar(name)
    if not found.years:
        return None
    return Calendar(found.id, found.days, found.years, found.hours, zone)


def calendar_named(name: str, zone: ZoneInfo) -> Calendar:
    """``weekdays`` (Monday to Friday), a shipped calendar by id, or the calendar in a file.

    Raises:
        Refusal: no such calendar, or its file cannot be read.
    """
    if name == WEEKDAYS:
        return Calendar(WEEKDAYS, {}, zone=zone)
    path = Path(name)
    if path.is_file():
        return Calendar.of_years(path.stem, [_year(path, path.stem)], zone=zone)
    shipped = _shipped()
    years = [_year(file, name) for file in shipped if file.name.rpartition("-")[0] == name]
    if not years:
        known = ", ".join(dict.fromkeys([WEEKDAYS, *(f.name.rpartition("-")[0] for f in shipped)]))
        raise refuse(
            "log.unknown_calendar",
            f"没有日历“{name}”；已有：{known}，或给出文件",
            f"there is no calendar {name!r}; known: {known}, or give a file",
        )
    return Calendar.of_years(name, years, zone=zone)


def _shipped() -> list[Traversable]:
    content = files("touchstone") / "content"
    return sorted(
        (
            file
            for pack in content.iterdir()
            if (pack / "calendars").is_dir()
            for file in (pack / "calendars").iterdir()
            if file.name.endswith(".yaml")
        ),
        key=lambda file: file.name,
    )


def _year(file: Path | Traversable, calendar: str) -> CalendarYear:
    found = read_calendar_file(file.read_bytes(), file.name, calendar=calendar)
    if isinstance(found, tuple):
        raise as_refusal(found)
    return found
