"""How facts become matters: what named people must see to beside the flow of a case. Pure.

A matter is an escalation, a hand-off to a procedure that is not there yet, or a review of an
emergency. It is folded from the stream of its case, and outlives the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded
from touchstone.process.folds import case_of

MATTER_COLUMNS: dict[str, Any] = {
    "id": "text",
    "case_id": "text",
    "kind": "text",
    "subject": "text",
    "element": "text",
    "clause": "text",
    "pool": "text",
    "persons": "json",
    "barred": "json",
    "why": "text",
    "state": "text",
    "opened_at": "int",
    "due_at": "int",
    "closed_at": "int",
    "closed_by": "text",
    "outcome": "text",
    "note": "text",
}
# Opening fact -> (kind of matter, what it is about).
_OPENING: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "process.escalated": ("escalation", lambda data: f"{data['clock']}/{data['round']}"),
    "process.handed_off": ("handoff", lambda data: str(data["procedure"])),
    "process.review_asked": ("review", lambda data: str(data["task"])),
}
_CLOSING = (
    "process.escalation_acknowledged",
    "process.handoff_completed",
    "process.emergency_reviewed",
)


def matter_id(stream: str, position: int, index: int) -> str:
    """Id of the matter that a fact at this place opened."""
    return f"{stream.removeprefix('case:')}.m{position}_{index}"


def _opened_key(recorded: Recorded) -> Iterable[Key]:
    return ((matter_id(recorded.stream, recorded.position, recorded.index),),)


def _closed_key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.data["matter"],),)


def _open(row: Values | None, recorded: Recorded) -> Values:
    assert row is None, "a matter opens once"
    kind, subject = _OPENING[recorded.kind]
    data = recorded.data
    return {
        "id": matter_id(recorded.stream, recorded.position, recorded.index),
        "case_id": case_of(recorded),
        "kind": kind,
        "subject": subject(data),
        "element": data.get("element"),
        "clause": data.get("clause"),
        "pool": data["pool"],
        "persons": list(data["to"]),
        "barred": list(data.get("barred", ())),
        "why": data.get("why"),
        "state": "open",
        "opened_at": recorded.occurred_at,
        "due_at": data.get("due_at"),
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
        "note": None,
    }


def _close(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {
        **row,
        "state": "closed",
        "closed_at": recorded.occurred_at,
        "closed_by": recorded.actor,
        "outcome": recorded.data.get("outcome"),
        "note": recorded.data["note"],
    }


MATTERS = Projection(
    table="process_matter",
    key=("id",),
    columns=MATTER_COLUMNS,
    folds={
        **dict.fromkeys(_OPENING, (_opened_key, _open)),
        **dict.fromkeys(_CLOSING, (_closed_key, _close)),
    },
)
