"""Human work: claim, release, complete, sign, hold, send back, take back, hand over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of
from touchstone.process.access import (
    Standing,
    check_competence,
    check_emergency,
    not_open,
    refuse_delegated,
    split_pool,
    standing_for,
)
from touchstone.process.actions.emergency import refuse_in_emergency, released
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.controls import judge
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.drafts import place_of_task, remove_draft
from touchstone.process.engine import Env
from touchstone.process.engine import steps as engine
from touchstone.process.later import LaterEntry, later_fact, refuse_unmarked
from touchstone.process.papers import evidence_facts, keep_papers
from touchstone.process.procedure import Step
from touchstone.process.recording import (
    Blocked,
    Left,
    Setting,
    blocking,
    record_outcome,
    situation_of,
)
from touchstone.process.separation import check_separation
from touchstone.process.signing import tally
from touchstone.process.store import Loaded, last_done_by, load_task
from touchstone.process.taking import OPINION, check_taken
from touchstone.vault.actions import seal

_OPEN = frozenset({"open", "claimed"})


class _Work(NamedTuple):
    """A task with everything its act needs."""

    loaded: Loaded
    task: Values
    case: Values
    deployed: Deployment
    directory: Directory
    step: Step
    standing: Standing
    day: dt.date

    @property
    def setting(self) -> Setting:
        """By what rules the case runs."""
        return Setting(self.deployed, self.directory)


def _take_up(
    unit: UnitOfWork,
    task: str,
    *,
    states: frozenset[str] = _OPEN,
    later: LaterEntry | None = None,
    is_apart: bool = False,
) -> _Work:
    refuse_unmarked(unit.context, later)
    person = later.performed_by if later else unit.context.actor
    loaded = load_task(unit, task)
    row = loaded.task
    assert row is not None
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    step = deployed.procedure.steps[row["element"]]
    if row["state"] not in states:
        raise not_open(step.title)
    current = directory(loaded.directory)
    day = day_of(unit.happened_at)
    try:
        standing = standing_for(current, person, row, step.title, day)
    except Refusal:
        if is_apart:  # who did a conflicting step is told that, and it is a control's refusal
            _refuse_apart(deployed, step, [person], loaded.case)
        raise
    check_emergency(row, person, unit.now_us)
    return _Work(loaded, row, loaded.case, deployed, current, step, standing, day)


def _fact(work: _Work, kind: str, **data: Any) -> Fact:
    task = work.task
    base = {"wait": task["wait"], "element": task["element"]}
    return Fact(kind, {**base, **data}, (ObjectRef("task", task["id"]),))


def _separate(work: _Work) -> None:
    """The one place where separation of duties stands between a person and a step.

    Raises:
        Blocked: he did a conflicting step before.
    """
    _refuse_apart(work.deployed, work.step, work.standing.persons, work.case)


def _refuse_apart(
    deployed: Deployment, step: Step, persons: Sequence[str], case: Mapping[str, Any]
) -> None:
    refused = check_separation(deployed.procedure, step.element, persons, case["actors"])
    if refused:
        raise Blocked(refused, ())


def _competent(work: _Work, person: str) -> None:
    check_competence(work.deployed.procedure, work.step.element, person, work.day)


def claim_task(context: ActContext, task: str) -> None:
    """Take a task for oneself.

    Raises:
        Refusal: ``process.task_not_open``, ``process.not_permitted``, ``process.same_person`` …
    """

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task, is_apart=True)
        _competent(taken, context.actor)
        _separate(taken)
        if taken.task["claimed_by"] == context.actor:
            return
        unit.record(taken.loaded.stream, _fact(taken, "process.task_claimed", by=context.actor))

    with journaling_refusals("process.claim_task", context, task.partition(".")[0]):
        perform("process.claim_task", context, work)


def release_task(context: ActContext, task: str) -> None:
    """Give a claimed task back to its pool."""

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task, states=frozenset({"claimed"}))
        refuse_delegated(taken.task)
        unit.record(taken.loaded.stream, _fact(taken, "process.task_released"))

    perform("process.release_task", context, work)


def _hand_to(context: ActContext, task: str, person: str, kind: str, act: str) -> None:
    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task, states=frozenset({"claimed"}))
        refuse_in_emergency(taken.task)
        if kind == "process.task_transferred":
            refuse_delegated(taken.task)
        posts, place = split_pool(taken.task["pool"])
        day = day_of(unit.now)
        if taken.directory.standing(person, posts, place, day) is None:
            raise refuse(
                "process.not_permitted",
                "接收人没有办理该环节的岗位权限",
                "The person named does not hold the post for this step",
            )
        _competent(taken, person)
        refused = check_separation(
            taken.deployed.procedure, taken.step.element, [person], taken.case["actors"]
        )
        if refused:
            raise Blocked(refused, ())
        unit.record(
            taken.loaded.stream, _fact(taken, kind, **{"from": context.actor, "to": person})
        )

    with journaling_refusals(act, context, task.partition(".")[0]):
        perform(act, context, work)


def delegate_task(context: ActContext, task: str, person: str) -> None:
    """Let ``person`` do the work; it comes back to the owner when he resolves it (委派)."""
    _hand_to(context, task, person, "process.task_delegated", "process.delegate_task")


def transfer_task(context: ActContext, task: str, person: str) -> None:
    """Hand the task over for good (转办)."""
    _hand_to(context, task, person, "process.task_transferred", "process.transfer_task")


def add_signer(context: ActContext, task: str, person: str) -> None:
    """Add a signer (加签)."""

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task)
        refuse_in_emergency(taken.task)
        if person in (taken.task["signers"] or {}):
            raise refuse("process.already_signer", "该人员已是签署人", "He is a signer already")
        if not taken.directory.is_here(person, day_of(unit.now)):
            raise refuse("process.no_such_person", "没有这个人员", "There is no such person")
        refused = check_separation(
            taken.deployed.procedure, taken.step.element, [person], taken.case["actors"]
        )
        if refused:
            raise Blocked(refused, ())
        unit.record(taken.loaded.stream, _fact(taken, "process.signer_added", person=person))

    with journaling_refusals("process.add_signer", context, task.partition(".")[0]):
        perform("process.add_signer", context, work)


def remove_signer(context: ActContext, task: str, person: str) -> None:
    """Remove a signer who has not signed (减签)."""

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task)
        signers = taken.task["signers"] or {}
        if person not in signers or signers[person] is not None:
            raise refuse(
                "process.not_removable", "签署人不存在或已签署", "He is no signer, or has signed"
            )
        unit.record(taken.loaded.stream, _fact(taken, "process.signer_removed", person=person))

    perform("process.remove_signer", context, work)


def complete_task(
    context: ActContext,
    task: str,
    values: Mapping[str, Any],
    *,
    evidence: Mapping[str, str] | None = None,
    later: LaterEntry | None = None,
    draft: bool = False,
) -> None:
    """Finish a step: person, duty separation, form, controls, then everything that follows from it.

    ``values`` are the form's fields; ``evidence`` maps document ids to the sha256 of files handed in.
    A signing step takes ``opinion`` (``approve`` or ``reject``) among its values. ``later`` says that
    somebody else did it on paper, and when. ``draft``: the actor kept a draft, which goes with it.

    Raises:
        Refusal: what forbids it; a control's refusal is journaled.
        AlreadyDone: the idempotency key was used.
    """

    context = later.context(context) if later else context

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task, later=later, is_apart=True)
        refuse_delegated(taken.task)
        _competent(taken, taken.standing.person)
        _separate(taken)
        if taken.step.form:
            problem = taken.deployed.forms[taken.step.form].check(values)
            if problem:
                raise problem
        else:
            allowed = (*taken.step.takes, *((OPINION,) if taken.step.posts else ()))
            check_taken(values, allowed, taken.deployed.procedure.variables)
        mark = _later_mark(unit, taken, later) if later else None
        _complete(unit, taken, values, evidence or {})
        if draft:
            remove_draft(unit, place_of_task(task))
        if mark:
            unit.record(taken.loaded.stream, mark)

    with journaling_refusals("process.complete_task", context, task.partition(".")[0]):
        perform("process.complete_task", context, work)


def _later_mark(unit: UnitOfWork, taken: _Work, later: LaterEntry) -> Fact:
    row = taken.task
    return later_fact(
        unit,
        later,
        taken.directory,
        taken.case["unit"],
        not_before=row["opened_at"],
        element=row["element"],
        wait=row["wait"],
    )


def _complete(
    unit: UnitOfWork, taken: _Work, values: Mapping[str, Any], evidence: Mapping[str, str]
) -> None:
    form = taken.deployed.forms.get(taken.step.form or "")
    opened, secret = form.split(values) if form else (dict(values), {})
    if form:
        opened |= form.derive(values, now=unit.happened_at)
    stream, task = taken.loaded.stream, taken.task
    if evidence or (form and form.asks_for_files):
        stored = keep_papers(unit, taken.loaded.subject, form, values, evidence)
        unit.record(stream, *evidence_facts(evidence, stored, task=task["id"]))
    controls = taken.deployed.procedure.controls_at(taken.step.element, "complete")
    if controls:
        situation = situation_of(
            taken.setting,
            taken.case,
            unit=unit,
            persons=taken.standing.persons,
            evidence=evidence,
            values=opened,
            form=form,
            controls=[control.id for control in controls],
        )
        judgements = judge(controls, situation)
        facts = [item.fact(taken.step.element, task["id"]) for item in judgements]
        freed, remaining = released(unit, taken.task, judgements)
        found = blocking(remaining)
        if found:
            raise Blocked(found.refusal(), facts)
        unit.record(stream, *facts, *freed)
        held = next(
            (item for item in judgements if item.control.mode == "hold" and not item.met), None
        )
        if held:
            unit.record(
                stream,
                _fact(
                    taken,
                    "process.task_held",
                    control=held.control.id,
                    post=held.control.release,
                    by=list(taken.standing.persons),
                    values=opened,
                ),
            )
            return
    if _still_signing(unit, taken, opened):
        return
    _go_on(unit, taken, opened, secret)


def _still_signing(unit: UnitOfWork, taken: _Work, opened: dict[str, Any]) -> bool:
    """Record an opinion; whether the step still waits for others."""
    signing, signers = taken.step.signing, taken.task["signers"]
    if signing.mode == "one" or signers is None:
        return False
    person, opinion = taken.standing.person, opened.get("opinion")
    if person not in signers:
        raise refuse(
            "process.not_a_signer", "您不是本环节的签署人", "You are not a signer of this step"
        )
    if signers[person] is not None:
        raise refuse("process.already_signed", "您已签署", "You have signed already")
    if opinion not in ("approve", "reject"):
        raise refuse(
            "process.form_invalid", "请填写同意或不同意", "Say whether you approve or reject"
        )
    unit.record(
        taken.loaded.stream,
        _fact(
            taken,
            "process.task_signed",
            person=person,
            opinion=opinion,
            by=list(taken.standing.persons),
            watched=taken.step.element in taken.deployed.watched,
        ),
    )
    quorum = Decimal(50)
    if signing.quorum_parameter:
        found = taken.deployed.parameters[signing.quorum_parameter].value_on(day_of(unit.now))
        quorum = Decimal(str(found))
    result = tally(signing.mode, {**signers, person: opinion}, quorum)
    if result.decided:
        opened["opinion"] = result.opinion
    return not result.decided


def _go_on(
    unit: UnitOfWork, taken: _Work, opened: Mapping[str, Any], secret: Mapping[str, Any]
) -> None:
    head = unit.head(taken.loaded.stream)
    sealed = seal(unit, taken.loaded.subject, secret, version=head.position + 1)
    wait = taken.task["wait"]
    case = unit.row("process_case", (taken.case["id"],))
    assert case is not None
    outcome = engine.complete(
        taken.deployed.program, case["engine"], wait, opened, env=Env(unit.happened_at)
    )
    left = Left(wait, taken.standing.persons, opened, sealed)
    record_outcome(unit, taken.setting, taken.case["id"], outcome, left=left)


def release_hold(context: ActContext, task: str, *, accept: bool, reason: str) -> None:
    """Release a held step, or hand it back to be done anew; by the post the control names.

    Raises:
        Refusal: ``process.not_held``, ``process.not_permitted``, ``process.same_person``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = load_task(unit, task)
        row = loaded.task
        assert row is not None
        if row["state"] != "held":
            raise refuse("process.not_held", "该任务未被暂挂", "The task is not held")
        current = directory(loaded.directory)
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        held = row["held"]
        _, place = split_pool(row["pool"])
        day = day_of(unit.now)
        units = {place, current.ancestor(place, "branch"), current.ancestor(place, "head")}
        if not any(current.standing(context.actor, [held["post"]], item, day) for item in units):
            raise refuse(
                "process.not_permitted",
                "您无权释放该控制点",
                "Your posts do not release this control",
            )
        if context.actor in held["by"]:
            raise Blocked(
                refuse(
                    "process.same_person", "不得释放本人办理的事项", "Nobody releases his own work"
                ),
                (),
            )
        step = deployed.procedure.steps[row["element"]]
        standing = Standing(context.actor, None)
        taken = _Work(loaded, row, loaded.case, deployed, current, step, standing, day)
        data = {"control": held["control"], "by": context.actor, "reason": reason[:500]}
        if not accept:
            unit.record(loaded.stream, _fact(taken, "process.hold_rejected", **data))
            return
        unit.record(loaded.stream, _fact(taken, "process.hold_released", **data))
        outcome = engine.complete(
            deployed.program, loaded.case["engine"], row["wait"], held["values"], env=Env(unit.now)
        )
        left = Left(row["wait"], [*held["by"], context.actor], held["values"])
        record_outcome(unit, taken.setting, loaded.case["id"], outcome, left=left)

    with journaling_refusals("process.release_hold", context, task.partition(".")[0]):
        perform("process.release_hold", context, work)


def send_back(context: ActContext, task: str, to_element: str, reason: str) -> None:
    """Send back (退回) to an earlier step, offered first to who did it; values stay.

    Raises:
        Refusal: ``process.not_a_target``, ``process.reason_needed`` and those of taking a task up.
    """
    if len(reason.strip()) < 2:
        raise refuse("process.reason_needed", "退回须说明理由", "Sending back needs a reason")

    def work(unit: UnitOfWork) -> None:
        taken = _take_up(unit, task)
        refuse_delegated(taken.task)
        _separate(taken)
        if to_element not in taken.step.back_to:
            raise refuse(
                "process.not_a_target", "不能退回到该环节", "This step cannot be sent back there"
            )
        outcome = engine.send_back(
            taken.deployed.program,
            taken.case["engine"],
            taken.task["wait"],
            to_element,
            env=Env(unit.now),
        )
        unit.record(
            taken.loaded.stream,
            _fact(taken, "process.sent_back", to=to_element, by=context.actor, reason=reason[:500]),
        )
        last = last_done_by(unit, taken.case["id"], to_element)
        offered = {to_element: last} if last else {}
        record_outcome(
            unit,
            taken.setting,
            taken.case["id"],
            outcome,
            offered_to=offered,
        )

    with journaling_refusals("process.send_back", context, task.partition(".")[0]):
        perform("process.send_back", context, work)


def take_back(context: ActContext, task: str) -> None:
    """Take back (撤回) what one completed, while nobody has claimed a later task.

    Raises:
        Refusal: ``process.not_yours``, ``process.too_late``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = load_task(unit, task)
        row = loaded.task
        assert row is not None
        if row["done_by"] != context.actor or row["state"] != "completed":
            raise refuse(
                "process.not_yours", "只能撤回本人办结的任务", "Only who did it takes it back"
            )
        later = unit.read(
            "SELECT id, wait, state, opened_at FROM process_task WHERE case_id = %s",
            (loaded.case["id"],),
        )
        waits = unit.read("SELECT kind FROM process_wait WHERE case_id = %s", (loaded.case["id"],))
        opened = [item for item in later if item[3] >= row["closed_at"] and item[0] != task]
        served = [name for (name,) in waits if name in ("service", "call")]
        if not opened or served or any(item[2] != "open" for item in opened):
            raise refuse(
                "process.too_late",
                "后续环节已有人办理，不能撤回",
                "A later step was taken up; it is too late to take this back",
            )
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        step = deployed.procedure.steps[row["element"]]
        standing, day = Standing(context.actor, None), day_of(unit.happened_at)
        current = directory(loaded.directory)
        taken = _Work(loaded, row, loaded.case, deployed, current, step, standing, day)
        outcome = engine.send_back(
            deployed.program, loaded.case["engine"], opened[0][1], row["element"], env=Env(unit.now)
        )
        unit.record(loaded.stream, _fact(taken, "process.taken_back", by=context.actor))
        record_outcome(
            unit,
            taken.setting,
            loaded.case["id"],
            outcome,
            offered_to={row["element"]: context.actor},
        )

    perform("process.take_back", context, work)


__all__ = [
    "add_signer",
    "claim_task",
    "complete_task",
    "delegate_task",
    "release_hold",
    "release_task",
    "remove_signer",
    "send_back",
    "take_back",
    "transfer_task",
]
