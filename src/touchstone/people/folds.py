"""How facts of the streams ``exam:`` become sittings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

COLUMNS: dict[str, Any] = {
    "id": "text",
    "person": "text",
    "course": "text",
    "unit": "text",
    "attempt": "int",
    "paper": "json",
    "content": "int",
    "begun_at": "int",
    "due_at": "int",
    "state": "text",
    "answers": "json",
    "correct": "json",
    "score": "int",
    "is_passed": "int",
    "valid_until": "text",
    "ended_at": "int",
    "is_round_over": "int",
}
_SAID = ("id", "person", "course", "unit", "attempt", "paper", "content", "due_at")


def exam_stream(course: str, person: str) -> str:
    """The stream of everything a person sits of a course."""
    return f"exam:{course}/{person}"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.data["id"],),)


def _begun(row: Values | None, recorded: Recorded) -> Values:
    assert row is None, "a sitting begins once"
    return {
        **{name: recorded.data[name] for name in _SAID},
        "begun_at": recorded.occurred_at,
        "state": "open",
        "answers": {},
        "correct": [],
        "score": None,
        "is_passed": None,
        "valid_until": None,
        "ended_at": None,
        "is_round_over": 0,
    }


def _ended(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    data = recorded.data
    return {
        **row,
        "state": "lapsed" if recorded.kind == "people.exam_lapsed" else "handed_in",
        "answers": data["answers"],
        "correct": data["correct"],
        "score": data["score"],
        "is_passed": data["is_passed"],
        "valid_until": data.get("valid_until"),
        "ended_at": recorded.occurred_at,
    }


def _allowed(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {**row, "is_round_over": 1}


SITTINGS = Projection(
    table="people_sitting",
    key=("id",),
    columns=COLUMNS,
    folds={
        "people.exam_begun": (_key, _begun),
        "people.exam_handed_in": (_key, _ended),
        "people.exam_lapsed": (_key, _ended),
        "people.round_allowed": (_key, _allowed),
    },
)
