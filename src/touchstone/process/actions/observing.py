"""Observed cases: what a foreign system did, kept with the clocks and controls of a procedure.

Each foreign event is one act that happened when the foreign system says. Nobody gets a task, nothing
is blocked, told or escalated; a breach is dated by its deadline, up to the end of the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any

from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, from_microseconds, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.observed_clocks import (
    as_observed,
    next_deadline,
    pass_deadline,
)
from touchstone.process.clocking import clock_facts
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.observation_mapping import ForeignEvent, ObservationMapping
from touchstone.process.observed_controls import judge_observed
from touchstone.process.observing import Observation, ObservedCase, check_mapping, observed_cases

ACT = "process.observe"


@dataclass(frozen=True, slots=True)
class Observed:
    """What observing a log came to.

    Attributes:
        cases: cases of the log that the procedure knows.
        begun: cases that were new.
        events: events that were new; those known already are left alone.
        breaches: deadlines that passed unmet, newly recorded.
        controls: result -> executions of control points, newly recorded.
    """

    cases: int
    begun: int
    events: int
    breaches: int
    controls: dict[str, int]


class _Count:
    def __init__(self) -> None:
        self.breaches = 0
        self.controls = {"met": 0, "not_met": 0, "not_judged": 0}

    def take(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.kind == "clocks.breached":
                self.breaches += 1
            elif fact.kind == "process.control_executed":
                self.controls[fact.data["result"]] += 1


def observed_id(source: str, procedure: str, case: str) -> str:
    """The id of the case that ``case`` of the foreign system ``source`` is here; always the same."""
    return sha256(f"{source}\0{procedure}\0{case}".encode()).hexdigest()[:16]


def observe(
    context: ActContext,
    procedure: str,
    mapping: ObservationMapping,
    columns: Collection[str],
    events: Iterable[ForeignEvent],
) -> Observed:
    """Make observed cases of ``procedure`` from a foreign log; what is known already adds nothing.

    The mapping and every event are judged before the first is written.

    Raises:
        Refusal: ``process.no_such_procedure``, ``observing.*``; nothing has changed then.
    """
    current = directory()
    deployed = deployment(catalogue().version, procedure)
    check_mapping(mapping, deployed, columns, current.units, current.persons)
    given = list(events)
    horizon = max((event.at for event in given), default=0)
    if horizon > to_microseconds(context.clock.now()):
        raise refuse(
            "observing.in_future",
            "日志中有晚于现在的事件",
            "The log has events later than now",
            remedy_zh="请核对日志的时区与时间格式",
            remedy_en="See to the zone and the format of the log's times",
        )
    cases = observed_cases(mapping, deployed, given, current.units)
    fresh = {case.id: _fresh(mapping.source, procedure, case) for case in cases}
    count = _Count()
    begun = 0
    for case in cases:
        identity = observed_id(mapping.source, procedure, case.id)
        for event in fresh[case.id]:
            begun += event is case.events[0]
            _pass_deadlines(context, identity, event.at, count)
            _take(context, deployed, mapping, case, event, count)
        _pass_deadlines(context, identity, horizon, count)
    new = sum(len(found) for found in fresh.values())
    return Observed(len(cases), begun, new, count.breaches, count.controls)


def _fresh(source: str, procedure: str, case: ObservedCase) -> tuple[Observation, ...]:
    """The events of ``case`` that are not on record; none may lie before those that are."""
    identity = observed_id(source, procedure, case.id)
    known = read_committed(
        "SELECT key, occurred_at FROM journal_event WHERE stream = %s AND act = %s",
        (f"case:{identity}", ACT),
    )
    keys = {key for key, _ in known}
    found = tuple(item for item in case.events if _key(identity, item) not in keys)
    last = max((at for _, at in known), default=None)
    if found and last is not None and found[0].at < last:
        raise refuse(
            "observing.late_event",
            f"{case.id}：日志新增的事件早于已记录的事件",
            f"{case.id}: an event that is new in the log lies before those on record",
            remedy_zh="请核对外部系统的导出是否完整",
            remedy_en="See whether the foreign system's earlier export was complete",
        )
    return found


def _key(identity: str, event: Observation) -> str:
    return f"observe:{identity}:{event.key}"


def _at(context: ActContext, at: int, key: str) -> ActContext:
    return replace(context, key=key, occurred_at=from_microseconds(at))


def _take(
    context: ActContext,
    deployed: Deployment,
    mapping: ObservationMapping,
    case: ObservedCase,
    event: Observation,
    count: _Count,
) -> None:
    """One foreign event as one act on its case."""
    identity = observed_id(mapping.source, deployed.procedure.slug, case.id)
    stream = f"case:{identity}"

    def work(unit: UnitOfWork) -> list[Fact]:
        recorded: list[Fact] = []

        def record(*facts: Fact) -> None:
            unit.record(stream, *facts)
            recorded.extend(facts)

        unit.head(stream)
        row = unit.row("process_case", (identity,))
        if row is None:
            record(_begin(deployed, mapping, case, event, identity))
            row = unit.row("process_case", (identity,))
        assert row is not None
        # A running case keeps the version it began with.
        used = deployment(row["content"], row["procedure"])
        variables = {**row["engine"]["vars"], **event.values}
        clocking = clock_facts(unit, used, row, variables, list(_happened(row, event)))
        record(*_moves(row, used, event))
        record(*(as_observed(fact) for fact in clocking.facts))
        record(*judge_observed(used, mapping, row, event))
        if event.meaning.ends:
            data = {"how": "completed", "outcome": event.meaning.ends}
            record(Fact("process.case_ended", data))
        return recorded

    try:
        count.take(perform(ACT, _at(context, event.at, _key(identity, event)), work))
    except AlreadyDone:
        return


def _begin(
    deployed: Deployment,
    mapping: ObservationMapping,
    case: ObservedCase,
    event: Observation,
    identity: str,
) -> Fact:
    day = day_of(from_microseconds(event.at))
    return Fact(
        "process.case_started",
        {
            "number": f"{deployed.procedure.number}-{day:%y%m%d}-{identity[-6:].upper()}",
            "procedure": deployed.procedure.slug,
            "content": deployed.content,
            "unit": case.unit,
            "values": dict(event.values),
            "source": mapping.source,
            "foreign": case.id,
        },
        (ObjectRef("unit", case.unit), ObjectRef("foreign_case", case.id, mapping.source)),
    )


def _happened(row: Values, event: Observation) -> Iterable[tuple[str, str | None]]:
    """The event in the words that clocks know, in their order."""
    meaning = event.meaning
    if not row["engine"]["n"]:
        yield "case_started", None
    yield from (("completed", element) for element in meaning.completes)
    yield from (("delivered", element) for element in meaning.delivers)
    yield from (("entered", element) for element in meaning.enters)
    if meaning.ends:
        yield "case_ended", meaning.ends


def _moves(row: Values, deployed: Deployment, event: Observation) -> Iterable[Fact]:
    """The facts of the engine: steps left, variables set, steps entered; no task among them."""
    waits = {wait["e"]: name for name, wait in row["engine"]["waits"].items()}
    number = row["engine"]["n"]
    for element in event.meaning.completes:
        if element not in waits:
            number += 1
        data: dict[str, Any] = {
            "element": element,
            "wait": waits.pop(element, f"w{number}"),
            "kind": "observed",
            "how": "completed",
        }
        if event.by:
            data["by"] = [event.by]
        if element in deployed.watched:
            data["watched"] = True
        yield Fact("process.step_left", data)
    if event.meaning.ends:
        for element, wait in waits.items():
            left = {"element": element, "wait": wait, "kind": "observed", "how": "cancelled"}
            yield Fact("process.step_left", left)
    # The number tells a case that has begun from one that has not.
    number = max(number, 1)
    advanced: dict[str, Any] = {"n": number}
    if event.values:
        advanced["set"] = dict(event.values)
    yield Fact("process.advanced", advanced)
    for element in event.meaning.enters:
        if element not in waits and not event.meaning.ends:
            number += 1
            entered = {"element": element, "wait": f"w{number}", "kind": "observed"}
            yield Fact("process.step_entered", entered)


def _pass_deadlines(context: ActContext, case: str, until: int, count: _Count) -> None:
    """Record every deadline, and every pause used up, that passed by ``until``, at its own instant."""
    while True:
        due = next_deadline(case, until)
        if due is None:
            return
        at, key = due
        work = partial(pass_deadline, case=case, at=at)
        try:
            count.take(perform(ACT, _at(context, at, key), work))
        except AlreadyDone:
            return
