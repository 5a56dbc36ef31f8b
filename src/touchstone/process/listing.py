"""Lists of cases for pages: filtered, newest first, within what the reader may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.process.finding import beginning
from touchstone.process.sight import Sight

_STATES = frozenset({"open", "ended"})
_NAMES: tuple[str, ...] = (
    *("id", "number", "procedure", "content", "unit", "customer", "state", "outcome"),
    *("started_at", "ended_at"),
)
_COLUMNS = ", ".join([*_NAMES, "engine"])
_NEXT_DUE = (
    "SELECT case_id, min(due_at), max(CASE WHEN breached_at IS NULL THEN 0 ELSE 1 END)"
    " FROM clocks_clock WHERE state <> 'stopped' AND case_id IN ({marks}) GROUP BY case_id"
)
_STEPS = (
    "SELECT case_id, element FROM process_task WHERE state IN ('open', 'claimed', 'held')"
    " AND case_id IN ({marks}) ORDER BY opened_at, id"
)

# Written as the index of breached clocks is.
_LATE = (
    "id IN (SELECT case_id FROM clocks_clock"
    " WHERE breached_at IS NOT NULL AND NOT (state = 'stopped'))"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; None leaves a side open.

    Attributes:
        number: the beginning of a case number, as printed on receipts.
        late: only cases with a clock whose deadline passed.
    """

    procedure: str | None = None
    unit: frozenset[str] | None = None
    state: str | None = None
    number: str | None = None
    customer: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a list; instants in microseconds.

    Attributes:
        steps: BPMN elements that wait for people.
        due_at: earliest deadline of its running clocks.
        is_late: whether one of its open clocks was breached.
    """

    id: str
    number: str
    procedure: str
    content: int
    unit: str
    customer: str | None
    state: str
    outcome: str | None
    started_at: int
    ended_at: int | None
    variables: dict[str, Any]
    steps: tuple[str, ...]
    due_at: int | None
    is_late: bool


def case_lines(
    sight: Sight,
    wanted: Filter,
    *,
    offset: int = 0,
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> tuple[CaseLine, ...]:
    """Cases that the reader may see and the filter wants, newest first.

    ``after``: beginning and id of the line that the page before ended with.
    """
    condition, params = _condition(sight, wanted)
    if after is not None:
        condition += " AND (started_at < %s OR (started_at = %s AND id > %s))"
        params = [*params, after[0], after[0], after[1]]
    order = "started_at DESC, id LIMIT %s OFFSET %s"
    return _lines(condition, [*params], order, [limit, offset])


def _lines(
    condition: str, params: Sequence[Any], order: str, cut: Sequence[int]
) -> tuple[CaseLine, ...]:
    """Cases with what waits at them, in three queries however many there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM process_case WHERE {condition} ORDER BY {order}",
            [*params, *cut],
        )
        rows = cursor.fetchall()
        ids = [row[0] for row in rows]
        due: dict[str, tuple[int | None, int]] = {}
        steps: dict[str, list[str]] = {}
        if ids:
            marks = ", ".join(["%s"] * len(ids))
            cursor.execute(_NEXT_DUE.format(marks=marks), ids)
            due = {case: (earliest, late) for case, earliest, late in cursor.fetchall()}
            cursor.execute(_STEPS.format(marks=marks), ids)
            for case, element in cursor.fetchall():
                known = steps.setdefault(case, [])
                if element not in known:
                    known.append(element)
    return tuple(
        CaseLine(
            **dict(zip(_NAMES, row[:-1], strict=True)),
            variables=json.loads(row[-1])["vars"],
            steps=tuple(steps.get(row[0], ())),
            due_at=due.get(row[0], (None, 0))[0],
            is_late=bool(due.get(row[0], (None, 0))[1]),
        )
        for row in rows
    )


def cases_about_clause(
    clause: str, procedure: str, variable: str, sight: Sight, *, until: int, most: int = 20
) -> tuple[CaseLine, ...]:
    """Cases of a procedure, begun before an instant, whose open variable names a clause; open ones first."""
    condition, params = sight.condition()
    sign = json.dumps({variable: clause}, separators=(",", ":"))[1:-1]
    about = f"procedure = %s AND started_at < %s AND engine LIKE %s AND {condition}"
    return _lines(
        about,
        [procedure, until, f"%{sign}%", *params],
        "CASE WHEN state = 'open' THEN 0 ELSE 1 END, started_at DESC, id LIMIT %s",
        [most],
    )


def case_count(sight: Sight, wanted: Filter, *, most: int = 10_000) -> int:
    """How many there are, counted no further than ``most``."""
    condition, params = _condition(sight, wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM process_case WHERE {condition} LIMIT %s) AS found",
            [*params, most],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class Load:
    """How many cases of a procedure are open, ended, and open with a deadline that passed."""

    open: int
    ended: int
    late: int


def loads(sight: Sight, procedure: str | None = None) -> dict[str, Load]:
    """Procedure, or one alone, -> its cases that the reader may see, in numbers."""
    condition, params = _condition(sight, Filter(procedure))
    counted: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        # Each counted by itself: from an index alone, and over the clocks that were breached.
        for name, term in (("state", "1 = 1"), ("'late'", f"state = 'open' AND {_LATE}")):
            cursor.execute(
                f"SELECT procedure, {name}, count(*) FROM process_case"
                f" WHERE {term} AND {condition} GROUP BY 1, 2",
                params,
            )
            for slug, what, count in cursor.fetchall():
                counted.setdefault(slug, {})[what] = int(count)
    return {
        slug: Load(found.get("open", 0), found.get("ended", 0), found.get("late", 0))
        for slug, found in counted.items()
    }


def _condition(sight: Sight, wanted: Filter) -> tuple[str, Sequence[Any]]:
    condition, params = sight.condition()
    terms, values = [condition], list[Any](params)
    for term, value in (
        ("procedure = %s", wanted.procedure),
        ("state = %s", wanted.state if wanted.state in _STATES else None),
        ("customer = %s", wanted.customer),
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    if wanted.number:
        term, named = beginning(wanted.number)
        terms.append(term)
        values += named
    if wanted.unit is not None:
        terms.append(f"unit IN ({', '.join(['%s'] * len(wanted.unit))})")
        values += sorted(wanted.unit)
    if wanted.late:
        terms.append(_LATE)
    return " AND ".join(terms), values
