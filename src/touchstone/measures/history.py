"""What happened, case by case and entry by entry, as the templates of indicators need it.

Pure: facts in, history out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from touchstone.kernel.facts import Recorded
from touchstone.kernel.time import at_local, to_microseconds

_STATE_AFTER = {
    "records.entered": "entered",
    "records.corrected": "entered",
    "records.confirmed": "confirmed",
    "records.voided": "void",
}


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A step that was left; ``variables`` are the open ones right after the act."""

    element: str
    at: int
    how: str
    by: tuple[str, ...]
    variables: dict[str, Any]
    data: dict[str, Any]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Any other fact of a case; ``variables`` are the open ones right after the act."""

    kind: str
    element: str | None
    at: int
    variables: dict[str, Any]
    data: dict[str, Any]
    position: int = 0


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """An entry of a register as it stands; ``values`` are the open fields."""

    id: str
    register: str
    unit: str
    values: Mapping[str, Any]
    state: str
    position: int = 0
    at: int = 0


@dataclass(slots=True)
class ClockRun:
    """One run of a clock; instants in microseconds, ``position`` that of its latest event."""

    clock: str
    round: int
    clause: str
    started_at: int
    due_at: int
    stopped_at: int | None = None
    stopped_how: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A step that was completed, with what had been completed before it and still counted."""

    element: str
    at: int
    before: frozenset[str]
    position: int


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a control point."""

    control: str
    clause: str
    mode: str
    result: str
    at: int
    position: int = 0


@dataclass(slots=True)
class CaseHistory:
    """One case from its own facts; ``last_at`` and ``position`` are those of its latest act."""

    id: str
    procedure: str
    content: int
    unit: str
    started_at: int
    customer: str | None = None
    ended_at: int | None = None
    ended_how: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    steps: list[StepEnd] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    clocks: list[ClockRun] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    actors: dict[str, set[str]] = field(default_factory=dict)
    last_at: int = 0
    position: int = 0
    _done: set[str] = field(default_factory=set)

    def take(self, row: list[Recorded]) -> None:
        """Take in the facts of one act."""
        left: list[Recorded] = []
        self.position = row[0].position
        self.last_at = max(self.last_at, row[0].occurred_at)
        for recorded in row:
            data, kind = recorded.data, recorded.kind
            if kind == "process.step_left":
                left.append(recorded)
                if data["how"] == "completed" and not data.get("turn"):
                    self._completed(data["element"], recorded.occurred_at)
            elif kind == "process.advanced":
                self._done -= set(data.get("undone", ()))
                for element in data.get("done", ()):
                    self._completed(element, recorded.occurred_at)
                self.variables = {**self.variables, **data.get("set", {})}
            elif kind.startswith("clocks."):
                self._clock(recorded)
            elif kind == "process.control_executed":
                self._executed(recorded)
            elif kind == "process.evidence_added":
                self.evidence.append(recorded.occurred_at)
            elif kind == "process.task_signed":
                self.actors.setdefault(data["element"], set()).update(data["by"])
            elif kind == "process.case_ended":
                self.ended_at, self.ended_how = recorded.occurred_at, data["how"]
        self.events.extend(
            Event(
                item.kind,
                item.data.get("element"),
                item.occurred_at,
                self.variables,
                dict(item.data),
                item.position,
            )
            for item in row
            if item.kind not in ("process.step_left", "process.advanced")
        )
        for recorded in left:
            data = recorded.data
            by = tuple(data.get("by", ()))
            self.actors.setdefault(data["element"], set()).update(by)
            self.steps.append(
                StepEnd(
                    data["element"],
                    recorded.occurred_at,
                    data["how"],
                    by,
                    self.variables,
                    dict(data),
                    recorded.position,
                )
            )

    def _completed(self, element: str, at: int) -> None:
        self.completions.append(Completion(element, at, frozenset(self._done), self.position))
        self._done.add(element)

    def _executed(self, recorded: Recorded) -> None:
        data = recorded.data
        if data.get("unseen"):
            return  # a foreign log does not show what the control point asks about
        self.executions.append(
            Execution(
                data["control"],
                data["clause"],
                data["mode"],
                data["result"],
                recorded.occurred_at,
                recorded.position,
            )
        )

    def _clock(self, recorded: Recorded) -> None:
        data = recorded.data
        if recorded.kind == "clocks.started":
            self.clocks.append(
                ClockRun(
                    data["clock"],
                    data["round"],
                    data["clause"],
                    data["started_at"],
                    data["due_at"],
                    position=recorded.position,
                )
            )
            return
        run = next((item for item in reversed(self.clocks) if item.clock == data["clock"]), None)
        if run is None:
            return
        run.position = recorded.position
        if "due_at" in data and recorded.kind in ("clocks.resumed", "clocks.recomputed"):
            run.due_at = data["due_at"]
        if recorded.kind == "clocks.resumed":
            run.stopped_at = run.stopped_how = None
        if recorded.kind == "clocks.stopped":
            run.stopped_at, run.stopped_how = data["at"], data["how"]


@dataclass(frozen=True)
class History:
    """Every case and entry, and the instant of the last event.

    Attributes:
        kept_since: register -> the first instant its entries are about or were made at.
    """

    cases: tuple[CaseHistory, ...]
    last_at: int
    entries: tuple[EntryHistory, ...] = ()
    kept_since: Mapping[str, int] = field(default_factory=dict)


class HistoryBuilder:
    """Takes in facts, row by row in the order of their streams, and says what has happened so far.

    More rows may follow later, so that a history of every day costs one reading of the journal.
    """

    def __init__(self) -> None:
        self._cases: dict[str, CaseHistory] = {}
        self._entries: dict[str, EntryHistory] = {}
        self._kept_since: dict[str, int] = {}
        self._last = 0

    def take(self, row: list[Recorded]) -> None:
        """Take in the facts of one act on one stream."""
        if not row:
            return
        first = row[0]
        self._last = max(self._last, first.occurred_at)
        if first.stream.startswith("entry:"):
            for recorded in row:
                self._entry(recorded)
        if not first.stream.startswith("case:"):
            return
        if first.kind == "process.case_started":
            data = first.data
            self._cases[first.stream] = CaseHistory(
                first.stream.removeprefix("case:"),
                data["procedure"],
                data["content"],
                data["unit"],
                first.occurred_at,
                data.get("customer"),
            )
        self._cases[first.stream].take(row)

    def history(self) -> History:
        """Everything taken in so far; the cases go on changing with later rows."""
        return History(
            tuple(self._cases.values()),
            self._last,
            tuple(self._entries.values()),
            dict(self._kept_since),
        )

    def _entry(self, recorded: Recorded) -> None:
        state = _STATE_AFTER.get(recorded.kind)
        if state is None:
            return
        data, register = recorded.data, recorded.data["register"]
        known = self._entries.get(recorded.stream)
        position, at = recorded.position, recorded.occurred_at
        if known is None:
            entry = EntryHistory(
                data["entry"], register, data["unit"], data["values"], state, position, at
            )
        else:
            values = data.get("values", known.values)
            entry = replace(known, values=values, state=state, position=position, at=at)
        self._entries[recorded.stream] = entry
        if "on" in data:
            about = start_of(dt.date.fromisoformat(data["on"]))
            first = min(about, recorded.occurred_at)
            self._kept_since[register] = min(first, self._kept_since.get(register, first))


def build_history(rows: Iterable[list[Recorded]]) -> History:
    """The history of rows of facts, each row in the order of its stream."""
    builder = HistoryBuilder()
    for row in rows:
        builder.take(row)
    return builder.history()


def start_of(day: dt.date) -> int:
    """The first instant of a day of the institution, in microseconds."""
    return to_microseconds(at_local(day, dt.time()))
