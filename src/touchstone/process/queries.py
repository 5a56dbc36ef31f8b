"""Reads of cases and tasks for pages and commands; frozen values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue

_WORKLIST = (
    "SELECT id, case_id, element, pool, state, opened_at, due_at FROM process_task"
    " WHERE state = 'open' AND pool = %s ORDER BY due_at NULLS LAST, id LIMIT %s"
)
_CLAIMED = (
    "SELECT id, case_id, element, pool, state, opened_at, due_at FROM process_task"
    " WHERE state = 'claimed' AND claimed_by = %s ORDER BY due_at NULLS LAST, id LIMIT %s"
)
_MATTERS = (
    "SELECT id, case_id, kind, subject, element, clause, pool, why, opened_at, due_at, barred"
    " FROM process_matter WHERE state = 'open' AND pool = %s ORDER BY due_at NULLS LAST, id LIMIT %s"
)
_NO_DEADLINE = 2**62


@dataclass(frozen=True, slots=True)
class WorklistEntry:
    """One task that a person has taken or may take; instants in microseconds."""

    task: str
    case: str
    element: str
    pool: str
    state: str
    opened_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class MatterEntry:
    """One matter that somebody must see to; instants in microseconds.

    Attributes:
        kind: ``escalation``, ``handoff`` or ``review``.
        subject: ``clock/round``, number of the procedure, or id of the task it is about.
        why: of an escalation, by what rule its superior was found.
    """

    matter: str
    case: str
    kind: str
    subject: str
    element: str | None
    clause: str | None
    pool: str
    why: str | None
    opened_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many cases of a procedure are open and ended."""

    procedure: str
    number: str
    title: Text
    open: int
    ended: int


def worklist(person: str, pools: Iterable[str], *, limit: int = 50) -> tuple[WorklistEntry, ...]:
    """What ``person`` has taken and may take from ``pools``, what runs out first on top.

    One short index range per pool and one for the person's own tasks; the rest is never touched.
    """
    found: list[WorklistEntry] = []
    with connection.cursor() as cursor:
        for sql, value in [(_CLAIMED, person), *((_WORKLIST, pool) for pool in sorted(set(pools)))]:
            cursor.execute(sql, (value, limit))
            found.extend(WorklistEntry(*row) for row in cursor.fetchall())
    found.sort(key=lambda entry: (entry.due_at or _NO_DEADLINE, entry.task))
    return tuple(found[:limit])


def matters(person: str, pools: Iterable[str], *, limit: int = 50) -> tuple[MatterEntry, ...]:
    """The open matters of ``pools`` that ``person`` may close, what was due first on top.

    Those about what he did himself are left to others.
    """
    found: list[MatterEntry] = []
    with connection.cursor() as cursor:
        for pool in sorted(set(pools)):
            cursor.execute(_MATTERS, (pool, limit))
            found.extend(
                MatterEntry(*row[:-1])
                for row in cursor.fetchall()
                if person not in json.loads(row[-1])
            )
    found.sort(key=lambda entry: (entry.due_at or _NO_DEADLINE, entry.matter))
    return tuple(found[:limit])


def open_task_count() -> int:
    """Tasks that wait for a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM process_task WHERE state IN ('open', 'claimed', 'held')"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def case_counts() -> tuple[CaseCount, ...]:
    """Open and ended cases by procedure, in the standard's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END),"
            " sum(CASE WHEN state = 'ended' THEN 1 ELSE 0 END) FROM process_case GROUP BY procedure"
        )
        counted = {slug: (int(opened), int(ended)) for slug, opened, ended in cursor.fetchall()}
    titles = {item.id: item.data for item in catalogue().objects("procedure").values()}
    rows = []
    for slug, (opened, ended) in counted.items():
        data = titles.get(slug)
        title = Text.from_mapping(data["title"]) if data else Text(slug, slug)
        rows.append(CaseCount(slug, data["id"] if data else "", title, opened, ended))
    return tuple(sorted(rows, key=lambda row: row.number))


def open_cases_by_content() -> dict[tuple[str, int], int]:
    """(procedure, version of the standard) -> open cases, for planning a change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, content, count(*) FROM process_case WHERE state = 'open'"
            " GROUP BY procedure, content"
        )
        return {(slug, content): int(count) for slug, content, count in cursor.fetchall()}


def open_cases_of(procedures: Set[str]) -> int:
    """How many cases of the procedures are open."""
    counted = open_cases_by_content()
    return sum(count for (slug, _), count in counted.items() if slug in procedures)


def case_variables(case: str) -> dict[str, Any]:
    """The open variables of a case; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT engine FROM process_case WHERE id = %s", (case,))
        found = cursor.fetchone()
    return dict(json.loads(found[0])["vars"]) if found else {}
