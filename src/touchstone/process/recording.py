"""Turns what the engine decided into facts with people, clocks and controls added, and records them.

The engine knows elements and waits; here each opened wait gets its pool, deadline and worker's
instant, and the case's clocks start, pause and stop with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of
from touchstone.process.access import pool_of
from touchstone.process.clocking import Clocking, clock_facts
from touchstone.process.controls import Judgement, Situation, judge
from touchstone.process.deployment import Deployment
from touchstone.process.diagram import Program
from touchstone.process.engine import Outcome
from touchstone.process.folds import TASKS, WAITS, task_id
from touchstone.process.forms import Form
from touchstone.process.messages import awaited_key, said_along

# Waits that a worker serves as soon as they open.
_AT_ONCE = frozenset({"service", "call"})


class Blocked(Exception):
    """A blocking control is not met: the act is refused and the refusal itself is journaled."""

    def __init__(self, refusal: Refusal, facts: Sequence[Fact]) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.facts = tuple(facts)


@dataclass(frozen=True)
class Left:
    """What the completing act adds to the engine's word on the step that was left.

    Attributes:
        by: everybody whose duty separation counts.
        values: the open values submitted; journaled where they are not the variables set anyway.
        sealed: field -> vault reference.
    """

    wait: str
    by: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """By what rules and in what organisation a case runs now."""

    deployment: Deployment
    directory: Directory


def record_outcome(
    unit: UnitOfWork,
    setting: Setting,
    case: str,
    outcome: Outcome,
    *,
    left: Left | None = None,
    offered_to: Mapping[str, str] | None = None,
) -> None:
    """Record an engine outcome on the case's stream; the case's row must be known to ``unit``.

    ``offered_to`` maps elements to the person they are offered to first (after sending back).

    Raises:
        Blocked: a blocking control stands at a step that would be entered.
    """
    row = unit.row("process_case", (case,))
    assert row is not None
    variables = dict(row["engine"]["vars"])
    for kind, data in outcome.facts:
        if kind == "process.advanced":
            variables.update(data.get("set", ()))
    turns = turns_that_go_on(row, outcome, setting.deployment.program)
    happened = list(happenings(row, outcome, turns))
    clocking = clock_facts(unit, setting.deployment, row, variables, happened)
    facts: list[Fact] = []
    left = _without_repetition(left, outcome)
    for kind, data in outcome.facts:
        if kind == "process.step_entered":
            awaited = {**data, **awaited_key(setting.deployment.procedure, data, variables)}
            facts.append(_entered(unit, setting, row, awaited, clocking, offered_to or {}))
        elif kind == "process.step_left":
            facts.append(_left(case, data, left, setting.deployment.watched, turns))
        elif kind == "process.thrown":
            said = said_along(setting.deployment.procedure, data, variables)
            facts.append(Fact(kind, {**data, **said}))
        else:
            facts.append(Fact(kind, data))
    for data in outcome.opened():
        table = TASKS.table if data["kind"] == "user" else WAITS.table
        unit.know_absent(table, (task_id(case, data["wait"]),))
    unit.record(f"case:{case}", *facts, *clocking.facts)
    _meet_controls(unit, setting, case, outcome)


def _without_repetition(left: Left | None, outcome: Outcome) -> Left | None:
    """``left`` without values that the case's variables take over unchanged: they are said once."""
    if left is None or not left.values:
        return left
    taken: dict[str, Any] = {}
    for kind, data in outcome.facts:
        if kind == "process.advanced":
            taken.update(data.get("set", ()))
    said = {
        name: value
        for name, value in left.values.items()
        if name not in taken or taken[name] != value
    }
    return replace(left, values=said)


def happenings(
    row: Values, outcome: Outcome, turns: frozenset[str] = frozenset()
) -> Iterable[tuple[str, str | None]]:
    """What happened, in the words that clocks know.

    A step that is done several times over is completed, or left, with the last of its turns.
    """
    if not row["engine"]["n"]:
        yield "case_started", None
    for kind, data in outcome.facts:
        if kind == "process.step_left":
            if data["element"] not in turns:
                yield ("completed" if data["how"] == "completed" else "left"), data["element"]
        elif kind == "process.advanced":
            for element in data.get("done", ()):
                yield "completed", element
    for kind, data in outcome.facts:
        if kind == "process.step_entered":
            yield "entered", data["element"]
        elif kind == "process.case_ended":
            yield "case_ended", data.get("outcome")


def turns_that_go_on(row: Values, outcome: Outcome, program: Program) -> frozenset[str]:
    """Looped or multi-instance steps of which one turn ended and the activity did not."""
    left = {
        data["wait"]: data["element"] for kind, data in outcome.facts if kind == "process.step_left"
    }
    looped = {element for element in left.values() if program.nodes[element].loop}
    if not looped:
        return frozenset()
    waits = row["engine"]["waits"]
    waiting = {wait["e"] for name, wait in waits.items() if name not in left}
    return frozenset(looped & (waiting | {data["element"] for data in outcome.opened()}))


def _entered(
    unit: UnitOfWork,
    setting: Setting,
    row: Values,
    data: Mapping[str, Any],
    clocking: Clocking,
    offered_to: Mapping[str, str],
) -> Fact:
    element = data["element"]
    added: dict[str, Any] = dict(data)
    if data["kind"] != "user":
        if data["kind"] in _AT_ONCE:
            added["next_at"] = unit.now_us
        elif data["kind"] == "timer":
            added["next_at"] = data["detail"]["due_us"]
        return Fact("process.step_entered", added)
    del added["kind"]  # a step without a kind is a person's
    step = setting.deployment.procedure.steps[element]
    place = setting.directory.place_of(row["unit"], step.unit)
    added["pool"] = pool_of(step.group, place)
    due_at = clocking.due.get(element, clocking.case_due)
    if due_at is not None:
        added["due_at"] = due_at
    if element in offered_to:
        added["offered_to"] = offered_to[element]
    if step.signing.of:
        named = setting.directory.holders(step.posts, place, day_of(unit.now))
        added["signers"] = dict.fromkeys(named[: step.signing.of])
    task = ObjectRef("task", task_id(row["id"], data["wait"]))
    return Fact("process.step_entered", added, (task,))


def _left(
    case: str,
    data: Mapping[str, Any],
    left: Left | None,
    watched: frozenset[str],
    turns: frozenset[str],
) -> Fact:
    added: dict[str, Any] = dict(data)
    if data["element"] in turns:
        added["turn"] = True  # others of the same step are still open
    if data["element"] in watched:
        added["watched"] = True
    if left and left.wait == data["wait"]:
        if left.by:
            added["by"] = list(left.by)
        if left.values:
            added["values"] = dict(left.values)
        if left.sealed:
            added["sealed"] = dict(left.sealed)
    if data["kind"] != "user":
        return Fact("process.step_left", added)
    del added["kind"]
    task = ObjectRef("task", task_id(case, data["wait"]))
    return Fact("process.step_left", added, (task,))


def situation_of(
    setting: Setting,
    row: Values,
    *,
    unit: UnitOfWork,
    persons: Iterable[str] = (),
    evidence: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    form: Form | None = None,
    controls: Iterable[str] = (),
) -> Situation:
    """What the named controls may look at, with their conditions evaluated."""
    acting = tuple(persons)
    submitted = form.as_feel(values or {}) if form else dict(values or {})
    names = {
        **row["engine"]["vars"],
        **submitted,
        "values": submitted,
        "actor": {"id": acting[0] if acting else None},
    }
    conditions = {
        control: setting.deployment.conditions[control].evaluate(names, now=unit.now).value
        for control in controls
        if control in setting.deployment.conditions
    }
    return Situation(
        completed=frozenset(row["engine"]["done"]),
        evidence=frozenset(row["evidence"]) | frozenset(evidence),
        actors=row["actors"],
        persons=frozenset(acting),
        conditions=conditions,
    )


def _meet_controls(unit: UnitOfWork, setting: Setting, case: str, outcome: Outcome) -> None:
    """Controls that stand at the entrance of the steps just entered."""
    procedure = setting.deployment.procedure
    for data in outcome.opened():
        controls = procedure.controls_at(data["element"], "enter")
        if not controls:
            continue
        row = unit.row("process_case", (case,))
        assert row is not None
        situation = situation_of(setting, row, unit=unit, controls=[item.id for item in controls])
        judgements = judge(controls, situation)
        task = task_id(case, data["wait"])
        facts = [item.fact(data["element"], task) for item in judgements]
        found = blocking(judgements)
        if found:
            raise Blocked(found.refusal(), facts)
        unit.record(f"case:{case}", *facts)


def blocking(judgements: Iterable[Judgement]) -> Judgement | None:
    """The first blocking control that is not met."""
    for judgement in judgements:
        if judgement.control.mode == "block" and not judgement.met:
            return judgement
    return None
