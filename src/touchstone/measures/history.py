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


@dataclass(frozen=True, slots=True)
class Event:
    """Any other fact of a case; ``variables`` are the open ones right after the act."""

    kind: str
    element: str | None
    at: int
    variables: dict[str, Any]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """An entry of a register as it stands; ``values`` are the open fields."""

    id: str
    register: str
    unit: str
    values: Mapping[str, Any]
    state: str


@dataclass(slots=True)
class ClockRun:
    """One run of a clock; instants in microseconds."""

    clock: str
    round: int
    clause: str
    started_at: int
    due_at: int
    stopped_at: int | None = None
    stopped_how: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a control point."""

    control: str
    clause: str
    mode: str
    result: str
    at: int


@dataclass(slots=True)
class CaseHistory:
    """One case from its own facts.

    Attributes:
        completions: element and instant, with what had been completed before and still counted.
    """

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
    completions: list[tuple[str, int, frozenset[str]]] = field(default_factory=list)
    actors: dict[str, set[str]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def take(self, row: list[Recorded]) -> None:
        """Take in the facts of one act."""
        left: list[Recorded] = []
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
                self.executions.append(
                    Execution(
                        data["control"],
                        data["clause"],
                        data["mode"],
                        data["result"],
                        recorded.occurred_at,
                    )
                )
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
                )
            )

    def _completed(self, element: str, at: int) -> None:
        self.completions.append((element, at, frozenset(self._done)))
        self._done.add(element)

    def _clock(self, recorded: Recorded) -> None:
        data = recorded.data
        if recorded.kind == "clocks.started":
            self.clocks.append(
                ClockRun(
                    data["clock"], data["round"], data["clause"], data["started_at"], data["due_at"]
                )
            )
            return
        run = next((item for item in reversed(self.clocks) if item.clock == data["clock"]), None)
        if run is None:
            return
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
        whole: the institution's history, of which this is one unit's part; None: it is whole.
    """

    cases: tuple[CaseHistory, ...]
    last_at: int
    entries: tuple[EntryHistory, ...] = ()
    kept_since: Mapping[str, int] = field(default_factory=dict)
    whole: History | None = None

    def of_unit(self, unit: str) -> History:
        """The cases and entries of one unit."""
        return replace(
            self,
            cases=tuple(case for case in self.cases if case.unit == unit),
            entries=tuple(entry for entry in self.entries if entry.unit == unit),
            whole=self.whole or self,
        )

    def units(self) -> tuple[str, ...]:
        """Units that have cases or entries."""
        found = {case.unit for case in self.cases} | {entry.unit for entry in self.entries}
        return tuple(sorted(found))


def build_history(rows: Iterable[list[Recorded]]) -> History:
    """The history of rows of facts, each row in the order of its stream."""
    cases: dict[str, CaseHistory] = {}
    entries: dict[str, EntryHistory] = {}
    kept_since: dict[str, int] = {}
    last = 0
    for row in rows:
        if not row:
            continue
        last = max(last, row[0].occurred_at)
        first = row[0]
        if first.stream.startswith("entry:"):
            for recorded in row:
                _entry(recorded, entries, kept_since)
        if not first.stream.startswith("case:"):
            continue
        if first.kind == "process.case_started":
            data = first.data
            cases[first.stream] = CaseHistory(
                first.stream.removeprefix("case:"),
                data["procedure"],
                data["content"],
                data["unit"],
                first.occurred_at,
                data.get("customer"),
            )
        cases[first.stream].take(row)
    return History(tuple(cases.values()), last, tuple(entries.values()), kept_since)


def _entry(
    recorded: Recorded, entries: dict[str, EntryHistory], kept_since: dict[str, int]
) -> None:
    state = _STATE_AFTER.get(recorded.kind)
    if state is None:
        return
    data, register = recorded.data, recorded.data["register"]
    known = entries.get(recorded.stream)
    if known is None:
        entries[recorded.stream] = EntryHistory(
            data["entry"], register, data["unit"], data["values"], state
        )
    else:
        values = data.get("values", known.values)
        entries[recorded.stream] = replace(known, values=values, state=state)
    if "on" in data:
        about = start_of(dt.date.fromisoformat(data["on"]))
        first = min(about, recorded.occurred_at)
        kept_since[register] = min(first, kept_since.get(register, first))


def start_of(day: dt.date) -> int:
    """The first instant of a day of the institution, in microseconds."""
    return to_microseconds(at_local(day, dt.time()))
