"""Reads of clocks and calendars, as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from touchstone.clocks.content import year_from_data
from touchstone.clocks.folds import CALENDAR_YEARS, CLOCKS, fold_clock
from touchstone.journal.projections import Values
from touchstone.journal.reading import head_position
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.derivation import Derivation
from touchstone.kernel.facts import Recorded
from touchstone.kernel.limits import Limit
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.kernel.workdays import Calendar, CalendarYear, DayStatus, ServiceHours
from touchstone.packs.catalogue import catalogue
from touchstone.standard.parameters import parameters

CUT_OFF = "calendar.cut_off"


@dataclass(frozen=True)
class ClockView:
    """A clock as people see it.

    Attributes:
        state: ``running``, ``paused`` or ``stopped``.
        status: ``breached`` where the deadline passed, else the state.
        derivation: why the deadline is when it is.
        limit: the limit in words.
    """

    case: str
    clock: str
    round: int
    state: str
    unit: str | None
    element: str | None
    clause: str
    parameter: str
    limit: Text
    started_at: dt.datetime
    due_at: dt.datetime
    provisional: bool
    warnings: int
    paused_at: dt.datetime | None
    paused_for: Text | None
    paused_until: dt.datetime | None
    stopped_at: dt.datetime | None
    breached_at: dt.datetime | None
    escalate_to: str | None
    derivation: Derivation

    @property
    def status(self) -> str:
        """One word for lists and scenarios."""
        return "breached" if self.breached_at else self.state


def _view(row: Values) -> ClockView:
    reason: Mapping[str, str] | None = row["pause_reason"]
    return ClockView(
        case=row["case_id"],
        clock=row["clock"],
        round=row["round"],
        state=row["state"],
        unit=row["unit"],
        element=row["element"],
        clause=row["clause"],
        parameter=row["parameter"],
        limit=Limit.parse(row["limit_text"]).text,
        started_at=from_microseconds(row["started_at"]),
        due_at=from_microseconds(row["due_at"]),
        provisional=row["provisional"],
        warnings=row["level"],
        paused_at=_instant(row["paused_at"]),
        paused_for=Text.from_mapping(reason) if reason else None,
        paused_until=_instant(row["pause_until"]),
        stopped_at=_instant(row["stopped_at"]),
        breached_at=_instant(row["breached_at"]),
        escalate_to=row["escalate_to"],
        derivation=Derivation.from_data(row["derivation"]),
    )


def _instant(value: int | None) -> dt.datetime | None:
    return None if value is None else from_microseconds(value)


def _query(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def clocks_of(case: str) -> tuple[ClockView, ...]:
    """Every clock the case has had, the earliest deadline first."""
    stored = _query(f"{CLOCKS.select} WHERE case_id = %s ORDER BY due_at, clock", (case,))
    return tuple(_view(CLOCKS.decode(row)) for row in stored)


def clocks_by(facts: Iterable[Recorded]) -> tuple[ClockView, ...]:
    """The clocks that the facts of one case make, the earliest deadline first; no table is read."""
    rows: dict[str, Values] = {}
    for recorded in facts:
        if recorded.kind in CLOCKS.folds:
            case, clock = recorded.stream.removeprefix("case:"), recorded.data["clock"]
            rows[clock] = fold_clock(rows.get(clock), case, recorded.kind, recorded.data)
    ordered = sorted(rows.values(), key=lambda row: (row["due_at"], row["clock"]))
    return tuple(_view(row) for row in ordered)


def open_clocks(case: str) -> tuple[ClockView, ...]:
    """The clocks of a case that are not stopped, the earliest deadline first."""
    return tuple(view for view in clocks_of(case) if view.state != "stopped")


# In the words of the partial index, so that both databases use it.
_RUNNING = "state = 'running' AND NOT (state = 'stopped')"


def overdue_count(now: dt.datetime) -> int:
    """Clocks that run and whose deadline has passed."""
    found = _query(
        f"SELECT count(*) FROM clocks_clock WHERE {_RUNNING} AND due_at <= %s",
        (to_microseconds(now),),
    )
    return int(found[0][0])


def unnoticed_count(now: dt.datetime) -> int:
    """Clocks that are overdue and whose breach is not recorded yet; 0 after a sweep.

    An observed clock is judged up to the end of its log, so no sweep waits for it.
    """
    found = _query(
        f"SELECT count(*) FROM clocks_clock WHERE {_RUNNING} AND due_at <= %s"
        " AND breached_at IS NULL AND NOT observed",
        (to_microseconds(now),),
    )
    return int(found[0][0])


def next_instant() -> dt.datetime | None:
    """When the sweeper next has something to do."""
    found = _query("SELECT min(next_at) FROM clocks_clock WHERE next_at IS NOT NULL")
    return _instant(found[0][0])


def rows_for(unit: UnitOfWork, case: str) -> dict[str, Values]:
    """The clock rows of a case for ``rules.react``, taken over by the act that asks."""
    unit.head(f"case:{case}")  # before the rows: whoever writes in between makes the act begin anew
    stored = unit.read(f"{CLOCKS.select} WHERE case_id = %s ORDER BY clock", (case,))
    rows = [CLOCKS.decode(row) for row in stored]
    for row in rows:
        unit.know_row(CLOCKS.table, CLOCKS.key_of(row), row)
    return {row["clock"]: row for row in rows}


def stream_of(identity: str) -> str:
    """The stream on which a calendar's imports lie."""
    return f"calendar:{identity}"


def calendar(
    identity: str | None = None,
    *,
    on: dt.date | None = None,
    version: int | None = None,
    position: int | None = None,
) -> Calendar:
    """A calendar as imported, or else as the standard has it.

    Args:
        identity: id of the calendar, by default the institution's own; an unknown one follows the
            weekdays and is provisional.
        on: day whose cut-off hour applies; None for the latest.
        version: version of the standard to look in, by default the one in force.
        position: head of the calendar's stream, where the caller knows it.
    """
    standard = catalogue(version)
    identity, looked_in = identity or standard.calendar, standard.version
    cut_off = parameters(looked_in).get(CUT_OFF)
    value = cut_off.value_on(dt.date.max if on is None else on) if cut_off else None
    imported = head_position(stream_of(identity)) if position is None else position
    return _calendar(identity, imported, looked_in, None if value is None else str(value))


@lru_cache(maxsize=64)
def _calendar(identity: str, position: int, version: int, cut_off: str | None) -> Calendar:
    years: dict[int, CalendarYear] = {}
    for item in catalogue(version).objects("calendar").values():
        year: CalendarYear = item.data
        if year.calendar == identity:
            years[year.year] = year
    for imported in imported_years(identity):
        known = years.get(imported.year)
        if known is None or not _is_less_certain(imported, known):
            years[imported.year] = imported
    hours = ServiceHours(cut_off=dt.time.fromisoformat(cut_off)) if cut_off else ServiceHours()
    return Calendar.of_years(identity, years.values(), hours=hours)


def _is_less_certain(one: CalendarYear, other: CalendarYear) -> bool:
    return one.status is DayStatus.PROVISIONAL and other.status is DayStatus.OFFICIAL


def imported_years(identity: str) -> tuple[CalendarYear, ...]:
    """The years of a calendar that were imported, as imported last."""
    stored = _query(f"{CALENDAR_YEARS.select} WHERE calendar = %s ORDER BY year", (identity,))
    rows = [CALENDAR_YEARS.decode(row) for row in stored]
    return tuple(
        year_from_data(row["calendar"], row["year"], row["status"], row["source"], row["days"])
        for row in rows
    )


def forget() -> None:
    """Empty the cache; for tests that begin with an empty database."""
    _calendar.cache_clear()
