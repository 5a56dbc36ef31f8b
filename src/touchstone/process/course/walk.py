"""The way of one case through its diagram, read from its journal: visits, flows, what comes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from touchstone.kernel.facts import Recorded
from touchstone.kernel.time import from_microseconds
from touchstone.kernel.workdays import Calendar
from touchstone.process.diagram.program import Node, Program
from touchstone.process.picture.overlay import State

# A case is with somebody or something of the bank there; anything else it waits for.
_WITH_US = frozenset({"user", "service", "call"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of the case at a step.

    Attributes:
        kind: ``user``, ``service``, ``call``, ``receive``, ``timer`` …
        round: how many times the case has been there, this time included.
        opened_at, taken_at, closed_at: microseconds since the epoch.
        how: ``completed``, ``cancelled``, ``interrupted``, ``fired``; None while it lasts.
        by: everybody whose act completed it; ``on_behalf_of`` whom the actor stood in for.
        superseded: a later sending back took it back.
        opened_in, closed_in: positions in the case's stream.
    """

    wait: str
    element: str
    kind: str
    round: int
    opened_at: int
    opened_in: int
    pool: str | None = None
    due_at: int | None = None
    taken_by: str | None = None
    taken_at: int | None = None
    closed_at: int | None = None
    closed_in: int | None = None
    how: str | None = None
    by: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    superseded: bool = False
    held_by: str | None = None
    is_aside: bool = False

    def lasted(self, now: dt.datetime) -> dt.timedelta:
        """From opening to closing, or to ``now``, by the wall clock."""
        end = from_microseconds(self.closed_at) if self.closed_at is not None else now
        return end - from_microseconds(self.opened_at)

    def worked(self, calendar: Calendar, now: dt.datetime) -> dt.timedelta:
        """The same in working time."""
        end = from_microseconds(self.closed_at) if self.closed_at is not None else now
        return calendar.working_time_between(from_microseconds(self.opened_at), end)


@dataclass(frozen=True, slots=True)
class SentBack:
    """One sending back (退回) or taking back (撤回)."""

    element: str
    to: str
    by: str
    reason: str
    at: int
    position: int
    is_taken_back: bool


@dataclass
class Walk:
    """What the facts of a case come to.

    Attributes:
        flows: sequence flow -> how often it was gone along, without what was superseded.
        done: elements without a visit of their own that were passed.
        superseded_after: element -> position of the last sending back that took it back.
        joins: ``scope/element`` -> tokens at rest before a join.
        started: whether the case has begun; ``outcome`` of how it ended.
    """

    visits: list[Visit] = field(default_factory=list)
    flows: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    sent_back: list[SentBack] = field(default_factory=list)
    superseded_after: dict[str, int] = field(default_factory=dict)
    joins: dict[str, Any] = field(default_factory=dict)
    started: bool = False
    ended: bool = False
    outcome: str | None = None
    how: str | None = None

    def open_visits(self) -> list[Visit]:
        """Where the case is now; what merely stands by (a timer on a step) is left out."""
        return [item for item in self.visits if item.how is None and not item.is_aside]


def walk(facts: Iterable[Recorded], program: Program) -> Walk:
    """Follow a case by its facts, in order."""
    follower = _Follower(program)
    for recorded in facts:
        follower.take(recorded)
    return follower.walk


class _Follower:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.walk = Walk()
        self._places: dict[str, int] = {}
        self._sources = {
            flow.id: node.id for node in program.nodes.values() for flow in node.outgoing
        }

    def take(self, recorded: Recorded) -> None:
        """Go on by one fact."""
        change = _CHANGES.get(recorded.kind)
        if change is not None:
            change(self, recorded, recorded.data)

    def started(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self.walk.started = True

    def ended(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self.walk.ended, self.walk.how = True, data["how"]
        self.walk.outcome = data.get("outcome")

    def entered(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        element = data["element"]
        extra = data.get("x") or {}
        before = sum(item.element == element for item in self.walk.visits)
        self._places[data["wait"]] = len(self.walk.visits)
        self.walk.visits.append(
            Visit(
                wait=data["wait"],
                element=element,
                kind=data.get("kind", "user"),
                round=before + 1,
                opened_at=recorded.occurred_at,
                opened_in=recorded.position,
                pool=data.get("pool"),
                due_at=data.get("due_at"),
                taken_by=data.get("offered_to"),
                taken_at=recorded.occurred_at if data.get("offered_to") else None,
                is_aside="h" in extra or "p" in extra,
            )
        )

    def left(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        by = tuple(data.get("by") or ())
        if not by and data["how"] == "completed":
            by = (recorded.actor,)
        if data["wait"] not in self._places:
            # A foreign system may say that a step was done and not when it was reached.
            self.entered(recorded, {**data, "due_at": None})
        self._change(
            data["wait"],
            closed_at=recorded.occurred_at,
            closed_in=recorded.position,
            how=data["how"],
            by=by,
            on_behalf_of=recorded.on_behalf_of,
            values=dict(data.get("values") or {}),
            sealed=dict(data.get("sealed") or {}),
            held_by=None,
        )

    def advanced(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        undone = set(data.get("undone", ()))
        if undone:
            self._supersede(undone, recorded.position)
        for flow in data.get("flows", ()):
            self.walk.flows[flow] = self.walk.flows.get(flow, 0) + 1
        self.walk.done.update(data.get("done", ()))
        joins = {**self.walk.joins, **data.get("joins", {})}
        self.walk.joins = {place: tokens for place, tokens in joins.items() if tokens}
        self._submitted(recorded, data.get("set") or {})

    def _submitted(self, recorded: Recorded, values: Mapping[str, Any]) -> None:
        """What a form and the variables say alike is journaled once, with the variables."""
        for place, visit in enumerate(self.walk.visits):
            if visit.closed_in == recorded.position and visit.how == "completed":
                self.walk.visits[place] = replace(visit, values={**values, **visit.values})

    def _supersede(self, undone: set[str], position: int) -> None:
        walked = self.walk
        walked.done -= undone
        walked.flows = {
            flow: count
            for flow, count in walked.flows.items()
            if self._sources.get(flow) not in undone
        }
        walked.superseded_after.update(dict.fromkeys(undone, position))
        for place, visit in enumerate(walked.visits):
            if visit.element in undone and visit.how == "completed":
                walked.visits[place] = replace(visit, superseded=True)

    def _change(self, wait: str, **changes: Any) -> None:
        place = self._places.get(wait)
        if place is not None:
            self.walk.visits[place] = replace(self.walk.visits[place], **changes)

    def taken(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        person = data.get("to") or data.get("by")
        self._change(data["wait"], taken_by=person, taken_at=recorded.occurred_at)

    def released(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self._change(data["wait"], taken_by=None, taken_at=None)

    def held(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self._change(data["wait"], held_by=data["control"])

    def let_go(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self._change(data["wait"], held_by=None)

    def due_changed(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        self._change(data["wait"], due_at=data["due_at"])

    def went_back(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        taken_back = recorded.kind == "process.taken_back"
        self.walk.sent_back.append(
            SentBack(
                element=data["element"],
                to=data["element"] if taken_back else data["to"],
                by=data["by"],
                reason=data.get("reason", ""),
                at=recorded.occurred_at,
                position=recorded.position,
                is_taken_back=taken_back,
            )
        )


_CHANGES = {
    "process.case_started": _Follower.started,
    "process.case_ended": _Follower.ended,
    "process.step_entered": _Follower.entered,
    "process.step_left": _Follower.left,
    "process.advanced": _Follower.advanced,
    "process.task_claimed": _Follower.taken,
    "process.glass_broken": _Follower.taken,
    "process.task_delegated": _Follower.taken,
    "process.task_transferred": _Follower.taken,
    "process.task_resolved": _Follower.taken,
    "process.task_released": _Follower.released,
    "process.emergency_ended": _Follower.released,
    "process.task_held": _Follower.held,
    "process.hold_rejected": _Follower.let_go,
    "process.task_due_changed": _Follower.due_changed,
    "process.sent_back": _Follower.went_back,
    "process.taken_back": _Follower.went_back,
}


def states(walked: Walk, program: Program) -> dict[str, State]:
    """Where the case stands with every element."""
    found: dict[str, State] = {}
    resting = [] if walked.ended else [place.rpartition("/")[2] for place in walked.joins]
    here = walked.open_visits()
    may_come = _may_come({item.element for item in here} | set(resting), program)
    passed = _passed(walked, program)
    for node in program.nodes.values():
        if node.id in passed:
            found[node.id] = "done"
        elif not walked.ended and (node.id in may_come or not walked.started):
            found[node.id] = "coming"
        else:
            found[node.id] = "skipped"
    for element in resting:
        found[element] = "waiting"
    for visit in here:
        found[visit.element] = _with(visit)
        _mark_holders(program.nodes[visit.element], program, found)
    return found


def _with(visit: Visit) -> State:
    return "here" if visit.kind in _WITH_US and visit.held_by is None else "waiting"


def _mark_holders(node: Node, program: Program, found: dict[str, State]) -> None:
    while node.scope:
        node = program.nodes[node.scope]
        found[node.id] = "here"


def _passed(walked: Walk, program: Program) -> set[str]:
    passed = set(walked.done)
    passed |= {
        item.element
        for item in walked.visits
        if item.how in ("completed", "fired") and not item.superseded
    }
    for node in program.nodes.values():
        if any(flow.id in walked.flows for flow in node.outgoing):
            passed.add(node.id)
        if node.kind == "end" and any(flow in walked.flows for flow in node.incoming):
            passed.add(node.id)
    return passed


def _may_come(places: Iterable[str], program: Program) -> set[str]:
    """Everything that a token at one of ``places`` can come to, out of its sub-process too."""
    found: set[str] = set()
    for place in places:
        node: Node | None = program.nodes.get(place)
        while node is not None:
            found |= program.reach.get(node.id, frozenset())
            found.update(program.boundaries.get(node.id, ()))
            node = program.nodes.get(node.scope) if node.scope else None
    inner = {node.id for node in program.nodes.values() if node.scope in found}
    while inner - found:
        found |= inner
        inner = {node.id for node in program.nodes.values() if node.scope in found}
    return found
