"""Turns what the engine decided into facts with people, clocks and controls added, and records them.

The engine knows elements and waits; here each opened wait gets its pool, deadline and worker's
instant, and the case's clocks start, pause and stop with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of
from touchstone.process.access import pool_of
from touchstone.process.clocking import WITHOUT_CLOCKS, Clocking, clock_facts
from touchstone.process.controls import Judgement, Situation, judge
from touchstone.process.decision_folds import DECISIONS, decision_id
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.diagram import Program
from touchstone.process.engine import Env, Outcome
from touchstone.process.engine import steps as engine
from touchstone.process.folds import TASKS, WAITS, task_id
from touchstone.process.forms import Form
from touchstone.process.letters import letters_due
from touchstone.process.limiting import keep_limits
from touchstone.process.messages import awaited_key, said_along
from touchstone.process.store import Loaded, load_case

# Waits that a worker serves as soon as they open.
_AT_ONCE = frozenset({"service", "call"})


class Blocked(Exception):
    """A blocking control is not met: the act is refused and the refusal itself is journaled."""

    def __init__(self, refusal: Refusal, facts: Sequence[Fact]) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.facts = tuple(facts)


# Facts of the engine at which controls are judged, and what happens to the step then.
_JUDGED: Mapping[str, str] = {"process.step_entered": "enter", "process.decided": "complete"}
_NO_TURNS: frozenset[str] = frozenset()
NOT_AWAITED = "发起该业务的环节已终止，不再等待其结果"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Left(NamedTuple):
    """What the completing act adds to the engine's word on the step that was left.

    Attributes:
        by: everybody whose duty separation counts.
        values: the open values submitted; journaled where they are not the variables set anyway.
        sealed: field -> vault reference.
    """

    wait: str
    by: Sequence[str] = ()
    values: Mapping[str, Any] = _NOTHING
    sealed: Mapping[str, str] = _NOTHING


class Setting(NamedTuple):
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
    called_off: str = NOT_AWAITED,
) -> None:
    """Record an engine outcome on the case's stream; the case's row must be known to ``unit``.

    ``offered_to`` maps elements to the person they are offered to first (after sending back);
    ``called_off`` is why the cases end that a step called which goes on no more.

    Raises:
        Blocked: a blocking control stands at a step that would be entered, or a limit is reached.
    """
    row = unit.row("process_case", (case,))
    assert row is not None
    deployed = setting.deployment
    variables = {**row["engine"]["vars"], **outcome.changed}
    turns = turns_that_go_on(row, outcome, deployed.program)
    letters = list(letters_due(unit, deployed, variables, outcome.facts, turns))
    clocking = WITHOUT_CLOCKS
    if deployed.clocks:
        told = frozenset(fact.data["element"] for fact in letters if fact.data.get("told"))
        happened = list(happenings(row, outcome, turns, told))
        clocking = clock_facts(unit, deployed, row, variables, happened)
    facts: list[Fact] = []
    gone: list[str] = []
    for kind, data in outcome.facts:
        if kind == "process.step_entered":
            awaited = awaited_key(deployed.procedure, data, variables)
            facts.append(
                _entered(unit, setting, row, {**data, **awaited}, clocking, offered_to or {})
            )
            table = TASKS.table if data["kind"] == "user" else WAITS.table
            unit.know_absent(table, (task_id(case, data["wait"]),))
        elif kind == "process.step_left":
            added = dict(data)
            if data["element"] in turns:
                added["turn"] = True  # others of the same step are still open
            if data["element"] in deployed.watched:
                added["watched"] = True
            if data["kind"] == "call" and data["how"] != "completed":
                gone.append(data["wait"])
            facts.append(_left(case, added, left, outcome.changed))
        elif kind == "process.thrown":
            said = said_along(deployed.procedure, data, variables)
            facts.append(Fact(kind, {**data, **said}))
        elif kind == "process.decided":
            unit.know_absent(DECISIONS.table, (decision_id(case, data["id"]),))
            facts.append(decided_fact(data))
        else:
            facts.append(Fact(kind, data))
    unit.record(f"case:{case}", *facts, *letters, *clocking.facts)
    _meet_controls(unit, setting, case, outcome)
    if deployed.procedure.limits:
        _keep_limits(unit, deployed, row, outcome, turns, left)
    for wait in gone:
        _call_off(unit, setting.directory, (case, wait), called_off)


def withdraw(unit: UnitOfWork, current: Directory, loaded: Loaded, reason: str) -> None:
    """End a case, and with it those it called and still waits for; what was done stays."""
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    outcome = engine.cancel(deployed.program, loaded.case["engine"], "withdrawn", env=Env(unit.now))
    unit.record(loaded.stream, Fact("process.case_withdrawn", {"reason": reason[:500]}))
    setting = Setting(deployed, current)
    record_outcome(unit, setting, loaded.case["id"], outcome, called_off=reason)


def _call_off(unit: UnitOfWork, current: Directory, caller: tuple[str, str], reason: str) -> None:
    """End the case that a step called, where it has begun and is not over."""
    found = unit.read(
        "SELECT id FROM process_case WHERE caller_case = %s AND caller_wait = %s AND state = 'open'",
        caller,
    )
    for (called,) in found:
        withdraw(unit, current, load_case(unit, called), reason)


def happenings(
    row: Values,
    outcome: Outcome,
    turns: frozenset[str] = frozenset(),
    told: Collection[str] = (),
) -> Iterable[tuple[str, str | None]]:
    """What happened, in the words that clocks know; ``told`` are steps that told their reader.

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
    yield from (("delivered", element) for element in sorted(told))
    for kind, data in outcome.facts:
        if kind == "process.step_entered":
            yield "entered", data["element"]
        elif kind == "process.case_ended":
            yield "case_ended", data.get("outcome")


def turns_that_go_on(row: Values, outcome: Outcome, program: Program) -> frozenset[str]:
    """Looped or multi-instance steps of which one turn ended and the activity did not."""
    left: dict[str, str] = {}
    for kind, data in outcome.facts:
        if kind == "process.step_left" and program.nodes[data["element"]].loop:
            left[data["wait"]] = data["element"]
    if not left:
        return _NO_TURNS
    waits = row["engine"]["waits"]
    waiting = {wait["e"] for name, wait in waits.items() if name not in left}
    waiting.update(data["element"] for data in outcome.opened())
    return frozenset(waiting.intersection(left.values()))


def _entered(
    unit: UnitOfWork,
    setting: Setting,
    row: Values,
    added: dict[str, Any],
    clocking: Clocking,
    offered_to: Mapping[str, str],
) -> Fact:
    """The fact of a step entered; ``added`` is what the engine said of it, and grows here."""
    element = added["element"]
    if added["kind"] != "user":
        if added["kind"] in _AT_ONCE:
            added["next_at"] = unit.now_us
        elif added["kind"] == "timer":
            added["next_at"] = added["detail"]["due_us"]
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
    day = day_of(unit.now)
    size = step.signing.of
    if step.signing.size_parameter:
        size = int(setting.deployment.parameters[step.signing.size_parameter].value_on(day) or 0)
    if size:
        named = setting.directory.holders(step.posts, place, day)
        added["signers"] = dict.fromkeys(named[:size])
    task = ObjectRef("task", task_id(row["id"], added["wait"]))
    return Fact("process.step_entered", added, (task,))


def decided_fact(data: Mapping[str, Any]) -> Fact:
    """The fact of a decision made; whoever asks by clause or by decision finds it."""
    clauses = tuple(ObjectRef("clause", clause) for clause in data["clauses"])
    return Fact("process.decided", data, (ObjectRef("decision", data["decision"]), *clauses))


def _left(
    case: str,
    added: dict[str, Any],
    left: Left | None,
    changed: Mapping[str, Any],
) -> Fact:
    """The fact of a step left; ``added`` is what the engine said of it, and grows here."""
    if left and left.wait == added["wait"]:
        if left.by:
            added["by"] = list(left.by)
        # What the case's variables take over unchanged is said once, there.
        if left.values and left.values != changed:
            unsaid = {
                name: value
                for name, value in left.values.items()
                if name not in changed or changed[name] != value
            }
            if unsaid:
                added["values"] = unsaid
        if left.sealed:
            added["sealed"] = dict(left.sealed)
    if added["kind"] != "user":
        return Fact("process.step_left", added)
    del added["kind"]
    task = ObjectRef("task", task_id(case, added["wait"]))
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


def _keep_limits(
    unit: UnitOfWork,
    deployed: Deployment,
    row: Values,
    outcome: Outcome,
    turns: frozenset[str],
    left: Left | None,
) -> None:
    """What the case takes up of limits and gives back; an overshoot blocks the act like a control."""
    actor = left.by[0] if left and left.by else unit.context.actor
    try:
        keep_limits(unit, deployed, row, outcome.changed, happenings(row, outcome, turns), actor)
    except Refusal as refusal:
        raise Blocked(refusal, ()) from None


def _meet_controls(unit: UnitOfWork, setting: Setting, case: str, outcome: Outcome) -> None:
    """Controls that stand at the entrance of the steps just entered, or at a decision just made."""
    procedure = setting.deployment.procedure
    for kind, data in outcome.facts:
        if kind not in _JUDGED:
            continue
        controls = procedure.controls_at(data["element"], _JUDGED[kind])
        if not controls:
            continue
        row = unit.row("process_case", (case,))
        assert row is not None
        situation = situation_of(setting, row, unit=unit, controls=[item.id for item in controls])
        judgements = judge(controls, situation)
        if data.get("undecided"):
            judgements = tuple(Judgement(item, "not_judged") for item in controls)
        task = task_id(case, data["wait"]) if "wait" in data else None
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
