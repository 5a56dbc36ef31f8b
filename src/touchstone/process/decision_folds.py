"""How facts become decisions made: which rule decided what in which case. Pure.

A row holds what was decided and from what, never how: it is what a later change of the table is
held against.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded
from touchstone.process.folds import case_of

DECISION_COLUMNS: dict[str, Any] = {
    "id": "text",
    "case_id": "text",
    "element": "text",
    "decision": "text",
    "sha256": "text",
    "outputs": "json",
    "rules": "json",
    "inputs": "json",
    "parameters": "json",
    "undecided": "bool",
    "why": "json",
    "decided_at": "int",
}


def decision_id(case: str, number: str) -> str:
    """Id of a decision made in a case."""
    return f"{case}.{number}"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((decision_id(case_of(recorded), recorded.data["id"]),),)


def _decided(row: Values | None, recorded: Recorded) -> Values:
    assert row is None, "a decision is made once"
    case, data = case_of(recorded), recorded.data
    return {
        "id": decision_id(case, data["id"]),
        "case_id": case,
        "element": data["element"],
        "decision": data["decision"],
        "sha256": data["sha256"],
        "outputs": dict(data["values"]),
        "rules": {table: list(ids) for table, ids in data["rules"].items()},
        "inputs": dict(data["inputs"]),
        "parameters": dict(data.get("parameters") or {}),
        "undecided": bool(data.get("undecided")),
        "why": list(data.get("why") or ()),
        "decided_at": recorded.occurred_at,
    }


DECISIONS = Projection(
    table="process_decision",
    key=("id",),
    columns=DECISION_COLUMNS,
    folds={"process.decided": (_key, _decided)},
)
