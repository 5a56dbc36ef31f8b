"""Small logs for tests, written as tools write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from touchstone.measures.logs.part import INSTANT
from touchstone.measures.logs.problems import LogBroken
from touchstone.measures.logs.values import instant
from touchstone.measures.logs.xes import read_xes

Step = tuple[str, str, str]


def event(activity: str, at: str, resource: str = "", more: str = "") -> str:
    by = f'\t\t\t<string key="org:resource" value="{resource}"/>\n' if resource else ""
    return (
        f'\t\t<event>\n\t\t\t<string key="concept:name" value="{activity}"/>\n{by}'
        f'\t\t\t<date key="time:timestamp" value="{at}"/>\n{more}\t\t</event>\n'
    )


def trace(case: str, *events: str, more: str = "") -> str:
    return f'\t<trace>\n\t\t<string key="concept:name" value="{case}"/>\n{more}{"".join(events)}\t</trace>\n'


def document(*traces: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    body = "".join(traces)
    return f'{head}<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n{body}</log>\n'


PLAIN = document(
    trace(
        "7",
        event("ask", "2026-03-02T09:00:00.000+08:00", "zhang"),
        event("check", "2026-03-02T10:00:00+08:00", "li", '\t\t\t<int key="cost" value="12"/>\n'),
    ),
    trace("8", event("ask", "2026-03-03T01:00:00Z", "wang")),
)


def problems_of(path: Path) -> list[tuple[int, str]]:
    """Line and code of everything that stops the import of ``path``; empty when it is read."""
    try:
        read_xes(path)
    except LogBroken as broken:
        return [(problem.line, problem.code) for problem in broken.problems]
    return []


def events_table(cases: Mapping[str, Iterable[Step]]) -> pa.Table:
    """Rows for the checks: case -> (activity, ISO instant, resource or nothing)."""
    rows = [(case, *step) for case, steps in cases.items() for step in steps]
    return pa.table(
        {
            "case_id": [row[0] for row in rows],
            "activity": [row[1] for row in rows],
            "timestamp": pa.array([instant(row[2]) for row in rows], INSTANT),
            "resource": pa.array([row[3] or None for row in rows], pa.string()),
            "lifecycle": pa.nulls(len(rows), pa.string()),
        }
    )
