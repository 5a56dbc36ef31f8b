"""Decisions that cases came to, to read: how often each rule decided, in which cases, from what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.process.decision_folds import DECISIONS
from touchstone.process.sight import Sight

_PAST = ", ".join(DECISIONS.columns)


@dataclass(frozen=True, slots=True)
class Span:
    """A period in microseconds: from ``since`` up to but not ``until``."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Fired:
    """Decisions that the same rules decided.

    Attributes:
        rules: by table or card, the ids of the rules or classes that matched.
        key: how the row of the projection names them.
    """

    rules: Mapping[str, tuple[str, ...]]
    count: int
    undecided: int
    key: str


@dataclass(frozen=True, slots=True)
class Past:
    """One decision as it was made; the instant in microseconds."""

    id: str
    case: str
    element: str
    sha256: str
    outputs: Mapping[str, Any]
    rules: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    undecided: bool
    decided_at: int


@dataclass(frozen=True, slots=True)
class PastLine:
    """A decision with its case, for a list."""

    past: Past
    number: str
    procedure: str
    content: int
    unit: str


def fired(decision: str, span: Span, sight: Sight) -> tuple[Fired, ...]:
    """What decided in a period, in cases that the reader may see; the most frequent first."""
    rows = _grouped(
        "d.rules, count(*), sum(CASE WHEN d.undecided THEN 1 ELSE 0 END)",
        " GROUP BY d.rules ORDER BY count(*) DESC, d.rules",
        (decision, span, sight),
    )
    return tuple(
        Fired(_rules(rules), count, int(open_ or 0), rules) for rules, count, open_ in rows
    )


def outcomes(decision: str, output: str, span: Span, sight: Sight) -> Mapping[str, int]:
    """Value of one output, as text -> how often a period's decisions came to it."""
    rows = _grouped("d.outputs, count(*)", " GROUP BY d.outputs", (decision, span, sight))
    found: dict[str, int] = {}
    for outputs, count in rows:
        value = json.loads(outputs).get(output)
        if value is not None:
            found[str(value)] = found.get(str(value), 0) + int(count)
    return found


def used(span: Span, sight: Sight) -> Mapping[str, int]:
    """Decision -> how often it was asked in a period, in cases that the reader may see."""
    condition, params = sight.condition()
    rows = _rows(
        "SELECT d.decision, count(*) FROM process_decision d"
        " JOIN process_case ON process_case.id = d.case_id"
        f" WHERE d.decided_at >= %s AND d.decided_at < %s AND {condition} GROUP BY d.decision",
        [span.since, span.until, *params],
    )
    return {decision: int(count) for decision, count in rows}


def decided_lines(
    decision: str, span: Span, sight: Sight, keys: tuple[str, ...], *, offset: int, limit: int
) -> tuple[PastLine, ...]:
    """The decisions behind groups of ``fired``, the latest first."""
    if not keys:
        return ()
    marks = ", ".join(["%s"] * len(keys))
    return _lines(
        f"d.decision = %s AND d.decided_at >= %s AND d.decided_at < %s AND d.rules IN ({marks})",
        [decision, span.since, span.until, *keys],
        sight,
        "d.decided_at DESC, d.id LIMIT %s OFFSET %s",
        [limit, offset],
    )


def lines_of(ids: tuple[str, ...], sight: Sight) -> tuple[PastLine, ...]:
    """Decisions by their ids, the latest first; those of cases the reader may not see are left out."""
    if not ids:
        return ()
    marks = ", ".join(["%s"] * len(ids))
    return _lines(f"d.id IN ({marks})", [*ids], sight, "d.decided_at DESC, d.id", [])


def past_decisions(
    decision: str, span: Span, *, after: tuple[int, str] | None, limit: int
) -> tuple[Past, ...]:
    """Decisions of a period in the order they were made, of every case, from ``after`` on."""
    since, last = after or (span.since, "")
    rows = _rows(
        f"SELECT {_PAST} FROM process_decision WHERE decision = %s AND decided_at < %s"
        " AND (decided_at > %s OR (decided_at = %s AND id > %s)) ORDER BY decided_at, id LIMIT %s",
        [decision, span.until, since, since, last, limit],
    )
    return tuple(_past(row) for row in rows)


def past_count(decision: str, span: Span) -> int:
    """How many there are in a period."""
    rows = _rows(
        "SELECT count(*) FROM process_decision"
        " WHERE decision = %s AND decided_at >= %s AND decided_at < %s",
        [decision, span.since, span.until],
    )
    return int(next(rows)[0])


def variable_of_cases(cases: tuple[str, ...], variable: str) -> Mapping[str, Any]:
    """Case -> what an open variable of it holds now; cases without it are left out."""
    if not cases:
        return {}
    marks = ", ".join(["%s"] * len(cases))
    rows = _rows(f"SELECT id, engine FROM process_case WHERE id IN ({marks})", [*cases])
    known = ((case, json.loads(engine)["vars"].get(variable)) for case, engine in rows)
    return {case: value for case, value in known if value is not None}


def decisions_of_case(case: str) -> tuple[Past, ...]:
    """What was decided in a case, in order."""
    rows = _rows(
        f"SELECT {_PAST} FROM process_decision WHERE case_id = %s ORDER BY decided_at, id", [case]
    )
    return tuple(_past(row) for row in rows)


def _lines(
    condition: str, params: list[Any], sight: Sight, order: str, cut: list[int]
) -> tuple[PastLine, ...]:
    seen, seen_params = sight.condition()
    columns = ", ".join(f"d.{name}" for name in DECISIONS.columns)
    case = "process_case.number, process_case.procedure, process_case.content, process_case.unit"
    rows = _rows(
        f"SELECT {columns}, {case} FROM process_decision d"
        " JOIN process_case ON process_case.id = d.case_id"
        f" WHERE {condition} AND {seen} ORDER BY {order}",
        [*params, *seen_params, *cut],
    )
    width = len(DECISIONS.columns)
    return tuple(PastLine(_past(row[:width]), *row[width:]) for row in rows)


def _past(row: tuple[Any, ...]) -> Past:
    values = DECISIONS.decode(row)
    return Past(
        values["id"],
        values["case_id"],
        values["element"],
        values["sha256"],
        values["outputs"],
        {table: tuple(ids) for table, ids in values["rules"].items()},
        values["inputs"],
        values["parameters"],
        values["undecided"],
        values["decided_at"],
    )


def _rules(text: str) -> Mapping[str, tuple[str, ...]]:
    return {table: tuple(ids) for table, ids in json.loads(text).items()}


def _grouped(columns: str, group: str, of: tuple[str, Span, Sight]) -> Iterator[tuple[Any, ...]]:
    """What ``columns`` say of one decision's runs in a period that the reader may see."""
    decision, span, sight = of
    condition, params = sight.condition()
    return _rows(
        f"SELECT {columns} FROM process_decision d"
        " JOIN process_case ON process_case.id = d.case_id"
        f" WHERE d.decision = %s AND d.decided_at >= %s AND d.decided_at < %s AND {condition}{group}",
        [decision, span.since, span.until, *params],
    )


def _rows(query: str, params: list[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        yield from cursor.fetchall()
