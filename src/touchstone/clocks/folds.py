"""How facts become rows of clocks and calendar years; the only code that makes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from touchstone.journal.projections import ColumnKind, Fold, Key, Projection, Values
from touchstone.kernel.facts import Recorded

CLOCK_COLUMNS: Mapping[str, ColumnKind] = {
    "case_id": "text",
    "clock": "text",
    "round": "int",
    "state": "text",
    "unit": "text",
    "element": "text",
    "clause": "text",
    "parameter": "text",
    "limit_text": "text",
    "ends": "text",
    "escalate_to": "text",
    "started_at": "int",
    "due_at": "int",
    "next_at": "int",
    "level": "int",
    "warn_at": "json",
    "shares": "json",
    "provisional": "bool",
    "calendar": "text",
    "calendar_digest": "text",
    "derivation": "json",
    "pauses": "json",
    "paused_at": "int",
    "pause_until": "int",
    "pause_element": "text",
    "pause_reason": "json",
    "stopped_at": "int",
    "stopped_how": "text",
    "breached_at": "int",
    "observed": "bool",
}
_COURSE = ("due_at", "warn_at", "provisional", "calendar", "calendar_digest", "derivation")


def fold_clock(row: Values | None, case: str, kind: str, data: Mapping[str, Any]) -> Values:
    """The clock's row after a fact of ``kind``; ``row`` itself is left as it is."""
    if kind == "clocks.started":
        return _with_next(_started(case, data))
    assert row is not None, f"{kind} of a clock that never started"
    return _with_next(_CHANGES[kind](row, data))


def _started(case: str, data: Mapping[str, Any]) -> Values:
    return {
        "case_id": case,
        "clock": data["clock"],
        "round": data["round"],
        "state": "running",
        "unit": data["unit"],
        "element": data["element"],
        "clause": data["clause"],
        "parameter": data["parameter"],
        "limit_text": data["limit"],
        "ends": data["ends"],
        "escalate_to": data["escalate_to"],
        "started_at": data["started_at"],
        "next_at": None,
        "level": 0,
        "shares": data["shares"],
        **{name: data[name] for name in _COURSE},
        "pauses": [],
        "paused_at": None,
        "pause_until": None,
        "pause_element": None,
        "pause_reason": None,
        "stopped_at": None,
        "stopped_how": None,
        "breached_at": None,
        "observed": data.get("observed", False),
    }


def _paused(row: Values, data: Mapping[str, Any]) -> Values:
    return {
        **row,
        "state": "paused",
        "paused_at": data["at"],
        "pause_until": data["until"],
        "pause_element": data["element"],
        "pause_reason": data["reason"],
    }


def _resumed(row: Values, data: Mapping[str, Any]) -> Values:
    return {
        **_on_course(row, data),
        "state": "running",
        "pauses": [*row["pauses"], data["pause"]],
        "paused_at": None,
        "pause_until": None,
        "pause_element": None,
        "pause_reason": None,
        "stopped_at": None,
        "stopped_how": None,
    }


def _on_course(row: Values, data: Mapping[str, Any]) -> Values:
    return {**row, **{name: data[name] for name in _COURSE if name in data}}


def _stopped(row: Values, data: Mapping[str, Any]) -> Values:
    return {
        **row,
        "state": "stopped",
        "stopped_at": data["at"],
        "stopped_how": data["how"],
        "breached_at": None if data["in_time"] else row["breached_at"],
        "paused_at": None,
        "pause_until": None,
        "pause_element": None,
        "pause_reason": None,
    }


_CHANGES = {
    "clocks.paused": _paused,
    "clocks.resumed": _resumed,
    "clocks.stopped": _stopped,
    "clocks.warned": lambda row, data: {**row, "level": data["level"]},
    "clocks.breached": lambda row, data: {**row, "breached_at": data["due_at"]},
    "clocks.recomputed": _on_course,
}


def _with_next(row: Values) -> Values:
    """The row with the next instant at which the sweeper must act on it; never where it is observed."""
    following: int | None = None
    if row.get("observed"):
        pass
    elif row["state"] == "paused":
        following = row["pause_until"]
    elif row["state"] == "running" and row["breached_at"] is None:
        warnings = row["warn_at"]
        following = warnings[row["level"]] if row["level"] < len(warnings) else row["due_at"]
    return {**row, "next_at": following}


def _clock_key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.stream.removeprefix("case:"), recorded.data["clock"]),)


def _clock_fold(row: Values | None, recorded: Recorded) -> Values:
    return fold_clock(row, recorded.stream.removeprefix("case:"), recorded.kind, recorded.data)


_fold: Fold = _clock_fold
CLOCKS = Projection(
    table="clocks_clock",
    key=("case_id", "clock"),
    columns=CLOCK_COLUMNS,
    folds=dict.fromkeys(("clocks.started", *_CHANGES), (_clock_key, _fold)),
)


def _year_key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.data["calendar"], recorded.data["year"]),)


def _imported(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "calendar": data["calendar"],
        "year": data["year"],
        "status": data["status"],
        "source": data["source"],
        "days": data["days"],
        "digest": data["digest"],
        "imported_at": recorded.recorded_at,
    }


CALENDAR_YEARS = Projection(
    table="clocks_calendar_year",
    key=("calendar", "year"),
    columns={
        "calendar": "text",
        "year": "int",
        "status": "text",
        "source": "text",
        "days": "json",
        "digest": "text",
        "imported_at": "int",
    },
    folds={"clocks.calendar_imported": (_year_key, _imported)},
)
