"""The only writer of clocks between a case's own acts: the sweeper, and a changed calendar."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connection

from touchstone.clocks.content import days_as_data
from touchstone.clocks.queries import calendar, imported_years, rows_for, stream_of
from touchstone.clocks.rules import overdue, recompute
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.calendar_content import read_calendar_file
from touchstone.kernel.facts import Fact
from touchstone.kernel.problem import Problem
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.kernel.workdays import Calendar, CalendarYear, DayStatus
from touchstone.packs.catalogue import catalogue
from touchstone.packs.ports import AUTHORITY

_log = logging.getLogger(__name__)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """What importing a calendar did.

    Attributes:
        changed: days that are now worked or no longer worked.
        was: standing of the year before, None where nothing was known of it.
        written: whether an event was recorded; the same file twice writes once.
    """

    calendar: str
    year: int
    status: DayStatus
    was: DayStatus | None
    changed: tuple[dt.date, ...]
    written: bool


def sweep(context: ActContext, *, limit: int = 1000) -> int:
    """Record warnings, used-up pauses and breaches that are due; the number of clocks handled.

    Any number of sweepers may run: the case's stream decides who came first. A clock that cannot be
    handled is logged and does not keep the others waiting.
    """
    now = to_microseconds(context.clock.now())
    handled = 0
    for case in _waiting(now):
        if handled >= limit:
            break
        try:
            handled += _sweep_case(context.with_key(None), case)
        except Exception:  # noqa: BLE001 - one bad clock must not keep all others waiting
            _log.exception("the clocks of case %s could not be swept", case)
    return handled


def _waiting(now: int) -> Iterator[str]:
    """Cases with clocks that wait for the sweeper, in the order of the first such instant.

    Read page by page beyond the last one, so that what fails is not met again in the same sweep.
    """
    place: tuple[Any, ...] = (-1, "", "")
    seen: set[str] = set()
    while True:
        found = read_committed(
            "SELECT next_at, case_id, clock FROM clocks_clock WHERE next_at IS NOT NULL"
            " AND next_at <= %s AND (next_at, case_id, clock) > (%s, %s, %s)"
            " ORDER BY next_at, case_id, clock LIMIT %s",
            (now, *place, _PAGE),
        )
        if not found:
            return
        cases = dict.fromkeys(str(case) for _, case, _ in found)
        yield from (case for case in cases if case not in seen)
        seen.update(cases)
        place = found[-1]


def _sweep_case(context: ActContext, case: str) -> int:
    def work(unit: UnitOfWork) -> int:
        moved = 0
        for row in rows_for(unit, case).values():
            if row["next_at"] is None or row["next_at"] > unit.now_us:
                continue
            used = calendar(row["calendar"], on=day_of(unit.now))
            facts = overdue(row, now=unit.now_us, calendar=used)
            unit.record(f"case:{case}", *facts)
            moved += bool(facts)
        return moved

    return perform("clocks.sweep", context, work)


def calendars_in_use() -> tuple[str, ...]:
    """Ids of the calendars that open deadlines were counted over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT calendar FROM clocks_clock WHERE state <> 'stopped' ORDER BY calendar"
        )
        return tuple(str(row[0]) for row in cursor.fetchall())


def recompute_for_calendar(context: ActContext, identity: str) -> int:
    """Compute the open deadlines of a changed calendar anew; the number that changed.

    One act per case; safe to repeat. A breach that is on record stays.
    """
    today = day_of(context.clock.now())
    used = calendar(identity, on=today)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT case_id FROM clocks_clock WHERE state <> 'stopped' AND calendar = %s"
            " AND breached_at IS NULL AND calendar_digest <> %s ORDER BY case_id",
            (identity, used.digest),
        )
        cases = [str(row[0]) for row in cursor.fetchall()]
    changed = 0
    for case in cases:
        key = f"{context.key}:{case}" if context.key else None
        try:
            changed += _recompute_case(context.with_key(key), case, used)
        except AlreadyDone:
            continue
    return changed


def _recompute_case(context: ActContext, case: str, used: Calendar) -> int:
    def work(unit: UnitOfWork) -> int:
        rows = [row for row in rows_for(unit, case).values() if row["calendar"] == used.id]
        facts = [fact for row in rows if (fact := recompute(row, calendar=used))]
        if facts:
            unit.record(f"case:{case}", *facts)
        return len(facts)

    return perform("clocks.recompute", context, work)


def import_calendar(
    context: ActContext, content: bytes, name: str, *, identity: str = "cn"
) -> CalendarImport | tuple[Problem, ...]:
    """Take over a year's notice from a file, YAML or holiday-cn JSON.

    Deadlines counted over it are computed anew by whoever follows ``clocks.calendar_imported``.
    A provisional file never replaces an official one.

    Args:
        context: who imports.
        content: the file's bytes.
        name: the file's name, for problems and the record.
        identity: the calendar that a holiday-cn file belongs to.

    Raises:
        Refusal: the actor may not.
    """
    AUTHORITY.get("identity").require(
        context.actor, "clocks.import_calendar", day_of(context.clock.now())
    )
    read = read_calendar_file(content, name, calendar=identity)
    if not isinstance(read, CalendarYear):
        return read

    def work(unit: UnitOfWork) -> CalendarImport:
        stream = stream_of(read.calendar)
        unit.head(stream)
        known = _known_year(read.calendar, read.year)
        outcome = _compare(known, read)
        if outcome.written:
            unit.record(
                stream,
                Fact(
                    "clocks.calendar_imported",
                    {
                        "calendar": read.calendar,
                        "year": read.year,
                        "status": read.status.value,
                        "source": read.source,
                        "file": name,
                        "digest": sha256(content).hexdigest(),
                        "days": days_as_data(read.days),
                        "changed": [day.isoformat() for day in outcome.changed],
                    },
                ),
            )
        return outcome

    return perform("clocks.import_calendar", context, work)


def _known_year(identity: str, year: int) -> CalendarYear | None:
    imported = {known.year: known for known in imported_years(identity)}
    if year in imported:
        return imported[year]
    for item in catalogue().objects("calendar").values():
        known: CalendarYear = item.data
        if (known.calendar, known.year) == (identity, year):
            return known
    return None


def _compare(known: CalendarYear | None, new: CalendarYear) -> CalendarImport:
    before = Calendar.of_years(new.calendar, [known] if known else [])
    after = Calendar.of_years(new.calendar, [new])
    first = dt.date(new.year, 1, 1)
    days = [
        first + dt.timedelta(days=n)
        for n in range((first.replace(month=12, day=31) - first).days + 1)
    ]
    listed = {day.day for day in new.days}
    changed = tuple(
        day for day in sorted(listed.union(days)) if before.is_workday(day) != after.is_workday(day)
    )
    keeps = known is not None and (
        known == new or (known.status is DayStatus.OFFICIAL and new.status is DayStatus.PROVISIONAL)
    )
    return CalendarImport(
        new.calendar,
        new.year,
        new.status,
        known.status if known else None,
        () if keeps else changed,
        written=not keeps,
    )
