"""What happened, case by case, as the templates of indicators need it. Pure: facts in, history out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from touchstone.kernel.facts import Recorded


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A step that was left; ``variables`` are the open ones right after the act."""

    element: str
    at: int
    how: str
    by: tuple[str, ...]
    variables: dict[str, Any]
    data: dict[str, Any]


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
    ended_at: int | None = None
    ended_how: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    steps: list[StepEnd] = field(default_factory=list)
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
                if data["how"] == "completed":
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
    """Every case, and the instant of the last event."""

    cases: tuple[CaseHistory, ...]
    last_at: int

    def of_unit(self, unit: str) -> History:
        """The cases of one unit."""
        return History(tuple(case for case in self.cases if case.unit == unit), self.last_at)

    def units(self) -> tuple[str, ...]:
        """Units that have cases."""
        return tuple(sorted({case.unit for case in self.cases}))


def build_history(rows: Iterable[list[Recorded]]) -> History:
    """The history of rows of facts, each row in the order of its stream."""
    cases: dict[str, CaseHistory] = {}
    last = 0
    for row in rows:
        if not row:
            continue
        last = max(last, row[0].occurred_at)
        if not row[0].stream.startswith("case:"):
            continue
        first = row[0]
        if first.kind == "process.case_started":
            data = first.data
            cases[first.stream] = CaseHistory(
                first.stream.removeprefix("case:"),
                data["procedure"],
                data["content"],
                data["unit"],
                first.occurred_at,
            )
        cases[first.stream].take(row)
    return History(tuple(cases.values()), last)
