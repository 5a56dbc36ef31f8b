"""How facts become rows of cases, tasks and waits; the only code that makes them. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded
from touchstone.process.engine import EMPTY_STATE, fold_state

Change = Callable[[Values, Recorded], Values]

CASE_COLUMNS: dict[str, Any] = {
    "id": "text",
    "number": "text",
    "procedure": "text",
    "content": "int",
    "unit": "text",
    "customer": "text",
    "caller_case": "text",
    "caller_wait": "text",
    "state": "text",
    "outcome": "text",
    "started_at": "int",
    "started_by": "text",
    "ended_at": "int",
    "engine": "json",
    "actors": "json",
    "sealed": "json",
    "evidence": "json",
    "source": "text",
}
TASK_COLUMNS: dict[str, Any] = {
    "id": "text",
    "case_id": "text",
    "wait": "text",
    "element": "text",
    "pool": "text",
    "state": "text",
    "claimed_by": "text",
    "owner": "text",
    "done_by": "text",
    "opened_at": "int",
    "closed_at": "int",
    "due_at": "int",
    "signers": "json",
    "held": "json",
    "emergency": "json",
    "emergency_until": "int",
}
WAIT_COLUMNS: dict[str, Any] = {
    "id": "text",
    "case_id": "text",
    "wait": "text",
    "element": "text",
    "kind": "text",
    "name": "text",
    "correlation": "text",
    "detail": "json",
    "opened_at": "int",
    "next_at": "int",
    "attempts": "int",
    "problem": "text",
}


def case_of(recorded: Recorded) -> str:
    """The case that a fact on a case stream belongs to."""
    return recorded.stream.removeprefix("case:")


def task_id(case: str, wait: str) -> str:
    """Id of the task of a wait."""
    return f"{case}.{wait}"


def _case_key(recorded: Recorded) -> Iterable[Key]:
    return ((case_of(recorded),),)


def _task_key(recorded: Recorded) -> Iterable[Key]:
    if recorded.data.get("kind", "user") != "user":
        return ()
    return ((task_id(case_of(recorded), recorded.data["wait"]),),)


def _wait_key(recorded: Recorded) -> Iterable[Key]:
    if recorded.data.get("kind", "user") == "user":
        return ()
    return ((task_id(case_of(recorded), recorded.data["wait"]),),)


def _start_case(row: Values | None, recorded: Recorded) -> Values:
    assert row is None, "a case starts once"
    data = recorded.data
    caller = data.get("caller") or {}
    return {
        "id": case_of(recorded),
        "number": data["number"],
        "procedure": data["procedure"],
        "content": data["content"],
        "unit": data["unit"],
        "customer": data.get("customer"),
        "caller_case": caller.get("case"),
        "caller_wait": caller.get("wait"),
        "state": "open",
        "outcome": None,
        "started_at": recorded.occurred_at,
        "started_by": recorded.actor,
        "ended_at": None,
        "engine": EMPTY_STATE,
        "actors": {},
        "sealed": dict(data.get("sealed") or {}),
        "evidence": {},
        "source": data.get("source"),
    }


def _in_engine(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {**row, "engine": fold_state(row["engine"], recorded.kind, recorded.data)}


def _end_case(row: Values | None, recorded: Recorded) -> Values:
    row = _in_engine(row, recorded)
    return {
        **row,
        "state": "ended",
        "outcome": recorded.data.get("outcome"),
        "ended_at": recorded.occurred_at,
    }


def acted_also(
    actors: Mapping[str, list[str]], element: str, persons: Iterable[str]
) -> Mapping[str, list[str]]:
    """``actors`` (person -> elements, sorted) once ``persons`` have acted on ``element``, for good."""
    new: dict[str, list[str]] = {}
    for person in persons:
        known = actors.get(person, ())
        if element not in known:
            elements = new[person] = list(known)
            insort(elements, element)
    return {**actors, **new} if new else actors


def _left_step(row: Values | None, recorded: Recorded) -> Values:
    """Whoever completes a step, and whoever he stood in for, has acted on it for good."""
    row = _in_engine(row, recorded)
    data = recorded.data
    # The row is this fold's own by now.
    if data.get("by") and data.get("watched"):
        row["actors"] = acted_also(row["actors"], data["element"], data["by"])
    if data.get("sealed"):
        row["sealed"] = {**row["sealed"], **data["sealed"]}
    return row


def _signed_case(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    data = recorded.data
    if not data.get("watched"):
        return row
    return {**row, "actors": acted_also(row["actors"], data["element"], data["by"])}


def _evidence_added(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    data = recorded.data
    return {**row, "evidence": {**row["evidence"], data["evidence"]: data["sha256"]}}


def _open_task(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    case = case_of(recorded)
    return {
        "id": task_id(case, data["wait"]),
        "case_id": case,
        "wait": data["wait"],
        "element": data["element"],
        "pool": data["pool"],
        "state": "claimed" if data.get("offered_to") else "open",
        "claimed_by": data.get("offered_to"),
        "owner": None,
        "done_by": None,
        "opened_at": recorded.occurred_at,
        "closed_at": None,
        "due_at": data.get("due_at"),
        "signers": data.get("signers"),
        "held": None,
        "emergency": None,
        "emergency_until": None,
    }


def _close_task(row: Values | None, recorded: Recorded) -> Values | None:
    if row is None:  # the wait was a machine's
        return None
    how = recorded.data["how"]
    return {
        **row,
        "state": how if how == "completed" else "cancelled",
        "done_by": recorded.actor if how == "completed" else None,
        "closed_at": recorded.occurred_at,
        "held": None,
        "emergency_until": None,
    }


def _on_task(change: Change) -> Callable[[Values | None, Recorded], Values]:
    def fold(row: Values | None, recorded: Recorded) -> Values:
        assert row is not None, recorded.kind
        return change(row, recorded)

    return fold


def _entered_later_task(row: Values | None, recorded: Recorded) -> Values | None:
    if row is None or row["state"] != "completed":
        return row
    return {**row, "done_by": recorded.data["performed_by"]}


def _entered_later_case(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    if "wait" in recorded.data:
        return row
    return {**row, "started_by": recorded.data["performed_by"]}


def _later_key(recorded: Recorded) -> Iterable[Key]:
    return _task_key(recorded) if "wait" in recorded.data else ()


def _delegated(row: Values, recorded: Recorded) -> Values:
    return {
        **row,
        "state": "claimed",
        "owner": row["owner"] or row["claimed_by"],
        "claimed_by": recorded.data["to"],
    }


def _released(row: Values) -> Values:
    return {
        **row,
        "state": "open",
        "claimed_by": None,
        "owner": None,
        "emergency": None,
        "emergency_until": None,
    }


def _signers(row: Values, person: str, opinion: str | None, *, keep: bool = True) -> Values:
    signers = {name: given for name, given in (row["signers"] or {}).items() if name != person}
    if keep:
        signers[person] = opinion
    return {**row, "signers": signers}


_TASK_FOLDS: dict[str, Change] = {
    "process.task_claimed": lambda row, fact: {
        **row,
        "state": "claimed",
        "claimed_by": fact.data["by"],
    },
    "process.task_released": lambda row, fact: _released(row),
    "process.glass_broken": lambda row, fact: {
        **row,
        "state": "claimed",
        "claimed_by": fact.data["by"],
        "owner": None,
        "emergency": {"by": fact.data["by"], "controls": list(fact.data["controls"])},
        "emergency_until": fact.data["until"],
    },
    "process.emergency_ended": lambda row, fact: _released(row),
    "process.task_delegated": _delegated,
    "process.task_resolved": lambda row, fact: {**row, "claimed_by": row["owner"], "owner": None},
    "process.task_transferred": lambda row, fact: {
        **row,
        "state": "claimed",
        "claimed_by": fact.data["to"],
        "owner": None,
    },
    "process.signer_added": lambda row, fact: _signers(row, fact.data["person"], None),
    "process.signer_removed": lambda row, fact: _signers(
        row, fact.data["person"], None, keep=False
    ),
    "process.task_signed": lambda row, fact: _signers(
        row, fact.data["person"], fact.data["opinion"]
    ),
    "process.task_held": lambda row, fact: {**row, "state": "held", "held": dict(fact.data)},
    "process.hold_rejected": lambda row, fact: {**row, "state": "open", "held": None},
    "process.task_due_changed": lambda row, fact: {**row, "due_at": fact.data["due_at"]},
}


def _open_wait(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    case = case_of(recorded)
    detail = dict(data.get("detail") or {})
    return {
        "id": task_id(case, data["wait"]),
        "case_id": case,
        "wait": data["wait"],
        "element": data["element"],
        "kind": data["kind"],
        "name": detail.get("name"),
        "correlation": data.get("key"),
        "detail": detail,
        "opened_at": recorded.occurred_at,
        "next_at": data.get("next_at"),
        "attempts": 0,
        "problem": None,
    }


def _close_wait(row: Values | None, recorded: Recorded) -> Values | None:
    return None


def _job_failed(row: Values | None, recorded: Recorded) -> Values | None:
    if row is None:
        return None
    data = recorded.data
    return {
        **row,
        "attempts": data["attempt"],
        "next_at": data.get("retry_at"),
        "problem": data["text"],
    }


def _job_retried(row: Values | None, recorded: Recorded) -> Values | None:
    if row is None:
        return None
    return {**row, "attempts": 0, "next_at": recorded.data["next_at"], "problem": None}


def _called(row: Values | None, recorded: Recorded) -> Values | None:
    return None if row is None else {**row, "next_at": None}


CASES = Projection(
    table="process_case",
    key=("id",),
    columns=CASE_COLUMNS,
    folds={
        "process.case_started": (_case_key, _start_case),
        "process.advanced": (_case_key, _in_engine),
        "process.step_entered": (_case_key, _in_engine),
        "process.step_left": (_case_key, _left_step),
        "process.incident_raised": (_case_key, _in_engine),
        "process.case_ended": (_case_key, _end_case),
        "process.task_signed": (_case_key, _signed_case),
        "process.task_resolved": (_case_key, _signed_case),
        "process.entered_later": (_case_key, _entered_later_case),
        "process.evidence_added": (_case_key, _evidence_added),
    },
)
TASKS = Projection(
    table="process_task",
    key=("id",),
    columns=TASK_COLUMNS,
    folds={
        "process.step_entered": (_task_key, _open_task),
        "process.step_left": (_task_key, _close_task),
        "process.entered_later": (_later_key, _entered_later_task),
        **{kind: (_task_key, _on_task(change)) for kind, change in _TASK_FOLDS.items()},
    },
)
WAITS = Projection(
    table="process_wait",
    key=("id",),
    columns=WAIT_COLUMNS,
    folds={
        "process.step_entered": (_wait_key, _open_wait),
        "process.step_left": (_wait_key, _close_wait),
        "process.job_failed": (_wait_key, _job_failed),
        "process.job_retried": (_wait_key, _job_retried),
        "process.case_called": (_wait_key, _called),
    },
)
