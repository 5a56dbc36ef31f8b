"""What those who watch over units see: matters, held tasks, overdue clocks, incidents, later entries.

Reads only, each bounded; the caller says which units its reader watches over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from touchstone.journal.reading import decode_facts
from touchstone.journal.search import Wanted, find
from touchstone.process.actions.machines import MAX_ATTEMPTS
from touchstone.process.finding import KnownCase, known_cases

Units = frozenset[str] | None
"""Units watched over; None: all of them."""
MatterKind = Literal["escalation", "handoff", "review"]
_CASE = "c.id, c.number, c.procedure, c.content, c.unit, c.customer, c.state"
_OVERDUE = "k.state = 'running' AND NOT (k.state = 'stopped') AND k.due_at <= %s"
_INCIDENT = f"(w.kind = 'incident' OR w.attempts >= {MAX_ATTEMPTS})"
_LATER = "process.entered_later"


@dataclass(frozen=True, slots=True)
class Watched:
    """How a list is narrowed; None leaves a side open."""

    units: Units
    procedure: str | None = None

    def terms(self) -> tuple[str, list[Any]]:
        """The same as SQL over a case called ``c``."""
        terms, params = "", []
        if self.units is not None:
            listed = sorted(self.units)
            terms += (
                f" AND c.unit IN ({', '.join(['%s'] * len(listed))})" if listed else " AND 1 = 0"
            )
            params += listed
        if self.procedure is not None:
            terms += " AND c.procedure = %s"
            params.append(self.procedure)
        return terms, params


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter with its case; instants in microseconds."""

    case: KnownCase
    id: str
    kind: MatterKind
    subject: str
    element: str | None
    clause: str | None
    pool: str
    persons: tuple[str, ...]
    barred: tuple[str, ...]
    why: str | None
    state: str
    opened_at: int
    due_at: int | None
    closed_at: int | None
    closed_by: str | None
    outcome: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class HeldTask:
    """A task that waits for a release; instants in microseconds."""

    case: KnownCase
    control: str
    post: str
    by: tuple[str, ...]
    id: str
    element: str
    pool: str
    opened_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class OverdueCount:
    """How many clocks of a unit and procedure are overdue, and since when."""

    unit: str
    procedure: str
    count: int
    oldest: int


@dataclass(frozen=True, slots=True)
class OverdueClock:
    """One overdue clock; instants in microseconds."""

    case: KnownCase
    clock: str
    element: str | None
    clause: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Incident:
    """A machine's step that stopped; instants in microseconds."""

    case: KnownCase
    wait: str
    element: str
    kind: str
    opened_at: int
    attempts: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class LaterNote:
    """A later entry; instants in microseconds."""

    stream: str
    position: int
    recorded_by: str
    performed_by: str
    occurred_at: int
    recorded_at: int
    reason: str
    element: str | None
    clause: str
    case: KnownCase


_MATTER = (
    "m.id, m.kind, m.subject, m.element, m.clause, m.pool, m.persons, m.barred, m.why, m.state,"
    " m.opened_at, m.due_at, m.closed_at, m.closed_by, m.outcome, m.note"
)
_MATTER_COLUMNS = 16


def watched_matters(
    watched: Watched, kind: str, *, is_open: bool, offset: int = 0, limit: int = 50
) -> tuple[Matter, ...]:
    """Matters of a kind: open ones by what was due first, closed ones the latest first."""
    terms, params = watched.terms()
    state = "m.state = 'open'" if is_open else "m.state <> 'open'"
    order = "m.due_at NULLS LAST, m.id" if is_open else "m.closed_at DESC, m.id"
    sql = (
        f"SELECT {_MATTER}, {_CASE} FROM process_matter m JOIN process_case c ON c.id = m.case_id"
        f" WHERE {state} AND m.kind = %s{terms} ORDER BY {order} LIMIT %s OFFSET %s"
    )
    return tuple(_matter(row) for row in _rows(sql, [kind, *params, limit, offset]))


def matters_of_clause(
    clause: str, watched: Watched, *, until: int, most: int = 20
) -> tuple[Matter, ...]:
    """Matters about a clause that were raised before an instant: open ones first, then the latest."""
    terms, params = watched.terms()
    sql = (
        f"SELECT {_MATTER}, {_CASE} FROM process_matter m JOIN process_case c ON c.id = m.case_id"
        f" WHERE m.clause = %s AND m.opened_at < %s{terms}"
        " ORDER BY CASE WHEN m.state = 'open' THEN 0 ELSE 1 END, m.opened_at DESC, m.id LIMIT %s"
    )
    return tuple(_matter(row) for row in _rows(sql, [clause, until, *params, most]))


def matters_named(ids: Sequence[str]) -> dict[str, Matter]:
    """Id -> matter, for those there are."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    sql = (
        f"SELECT {_MATTER}, {_CASE} FROM process_matter m JOIN process_case c ON c.id = m.case_id"
        f" WHERE m.id IN ({marks})"
    )
    return {row[0]: _matter(row) for row in _rows(sql, ids)}


def matter_counts(watched: Watched) -> Mapping[tuple[str, bool], int]:
    """(kind, whether open) -> how many."""
    terms, params = watched.terms()
    sql = (
        "SELECT m.kind, m.state = 'open', count(*) FROM process_matter m JOIN process_case c"
        f" ON c.id = m.case_id WHERE 1 = 1{terms} GROUP BY 1, 2"
    )
    return {(kind, bool(is_open)): int(count) for kind, is_open, count in _rows(sql, params)}


def _matter(row: Sequence[Any]) -> Matter:
    values = list(row[:_MATTER_COLUMNS])
    values[6], values[7] = tuple(json.loads(values[6])), tuple(json.loads(values[7]))
    case = KnownCase(*row[_MATTER_COLUMNS:])
    return Matter(case, *values)


def held_tasks(watched: Watched, *, offset: int = 0, limit: int = 50) -> tuple[HeldTask, ...]:
    """Tasks that wait for a release, what runs out first on top."""
    terms, params = watched.terms()
    sql = (
        "SELECT t.id, t.element, t.pool, t.opened_at, t.due_at, t.held,"
        f" {_CASE} FROM process_task t JOIN process_case c ON c.id = t.case_id"
        f" WHERE t.state = 'held'{terms} ORDER BY t.due_at NULLS LAST, t.id LIMIT %s OFFSET %s"
    )
    found = []
    for row in _rows(sql, [*params, limit, offset]):
        held = json.loads(row[5])
        found.append(
            HeldTask(
                KnownCase(*row[6:]),
                held["control"],
                held["post"],
                tuple(held.get("by", ())),
                *row[:5],
            )
        )
    return tuple(found)


def held_count(watched: Watched) -> int:
    """How many tasks wait for a release."""
    terms, params = watched.terms()
    sql = (
        "SELECT count(*) FROM process_task t JOIN process_case c ON c.id = t.case_id"
        f" WHERE t.state = 'held'{terms}"
    )
    return int(_rows(sql, params)[0][0])


def overdue_by_unit(watched: Watched, now_us: int) -> tuple[OverdueCount, ...]:
    """Overdue clocks by unit and procedure, the most first."""
    terms, params = watched.terms()
    sql = (
        "SELECT c.unit, c.procedure, count(*), min(k.due_at) FROM clocks_clock k"
        f" JOIN process_case c ON c.id = k.case_id WHERE {_OVERDUE}{terms}"
        " GROUP BY c.unit, c.procedure ORDER BY count(*) DESC, c.unit, c.procedure"
    )
    return tuple(OverdueCount(*row) for row in _rows(sql, [now_us, *params]))


def overdue_clocks(
    watched: Watched, now_us: int, *, offset: int = 0, limit: int = 50
) -> tuple[OverdueClock, ...]:
    """Overdue clocks, the longest overdue first."""
    terms, params = watched.terms()
    sql = (
        f"SELECT k.clock, k.element, k.clause, k.due_at, {_CASE} FROM clocks_clock k"
        f" JOIN process_case c ON c.id = k.case_id WHERE {_OVERDUE}{terms}"
        " ORDER BY k.due_at, k.case_id, k.clock LIMIT %s OFFSET %s"
    )
    found = _rows(sql, [now_us, *params, limit, offset])
    return tuple(OverdueClock(KnownCase(*row[4:]), *row[:4]) for row in found)


def incidents(watched: Watched, *, offset: int = 0, limit: int = 50) -> tuple[Incident, ...]:
    """Machine steps that stopped and wait for somebody to try them again, the oldest first."""
    terms, params = watched.terms()
    sql = (
        f"SELECT w.wait, w.element, w.kind, w.opened_at, w.attempts, w.problem, {_CASE}"
        f" FROM process_wait w JOIN process_case c ON c.id = w.case_id WHERE {_INCIDENT}{terms}"
        " ORDER BY w.opened_at, w.id LIMIT %s OFFSET %s"
    )
    found = _rows(sql, [*params, limit, offset])
    return tuple(Incident(KnownCase(*row[6:]), *row[:6]) for row in found)


def incident_count(watched: Watched) -> int:
    """How many machine steps stopped."""
    terms, params = watched.terms()
    sql = (
        "SELECT count(*) FROM process_wait w JOIN process_case c ON c.id = w.case_id"
        f" WHERE {_INCIDENT}{terms}"
    )
    return int(_rows(sql, params)[0][0])


def later_entries(
    watched: Watched, *, before: int | None = None, most: int = 50
) -> tuple[tuple[LaterNote, ...], int | None]:
    """Later entries, the newest first, and the place to go on from; None: all were looked at."""
    stretch = find(Wanted(types=("case",), kinds=(_LATER,)), before=before, most=most)
    cases = known_cases(row.stream.removeprefix("case:") for row in stretch.rows)
    found = []
    for row in stretch.rows:
        case = cases.get(row.stream.removeprefix("case:"))
        if case is None or not _is_watched(watched, case):
            continue
        for fact in decode_facts(row.payload):
            if fact.kind == _LATER:
                data = fact.data
                found.append(
                    LaterNote(
                        row.stream,
                        row.position,
                        row.actor,
                        data["performed_by"],
                        data["occurred_at"],
                        row.recorded_at,
                        data["reason"],
                        data.get("element"),
                        data["clause"],
                        case,
                    )
                )
    return tuple(found), stretch.go_on


def _is_watched(watched: Watched, case: KnownCase) -> bool:
    if watched.units is not None and case.unit not in watched.units:
        return False
    return watched.procedure in (None, case.procedure)


def _rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())
