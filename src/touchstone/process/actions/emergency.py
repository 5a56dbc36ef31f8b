"""Break-glass (紧急授权): a named senior does what permission or a blocking control would refuse.

Only with a reason, for a limited time, on record, and always followed by a review. It never stands
above separation of duties, four eyes, order or joint signing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from touchstone.clocks.queries import calendar
from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import Limit, deadline
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import check_emergency
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.answering import answerable
from touchstone.process.controls import Judgement
from touchstone.process.deployment import deployment
from touchstone.process.procedure import Procedure
from touchstone.process.recording import Blocked
from touchstone.process.separation import check_separation
from touchstone.process.store import Loaded, load_task
from touchstone.standard.parameters import parameters

VALIDITY = "controls.break_glass_validity"
REVIEW = "controls.break_glass_review_limit"
REVIEWERS = (
    "security_auditor",
    "head_compliance_officer",
    "chief_compliance_officer",
    "compliance_officer",
)
_NEVER = frozenset({"four_eyes", "order"})


def break_glass(
    context: ActContext, task: str, reason: str, *, controls: Sequence[str] = ()
) -> None:
    """Take a task that one's posts do not permit, for as long as the standard allows.

    ``controls`` names the blocking controls of the step that are released for its completion. The
    review by the security auditor, or else compliance, is asked for in the same act.

    Raises:
        Refusal: ``process.reason_needed``, ``process.task_not_open``, ``identity.not_permitted``,
            ``process.same_person``, ``process.not_releasable``, ``process.no_emergency_rule``.
    """
    text = reason.strip()
    if len(text) < 4:
        raise refuse(
            "process.reason_needed", "紧急授权须说明理由", "An emergency needs its reason stated"
        )

    def work(unit: UnitOfWork) -> None:
        loaded = load_task(unit, task)
        row, case = loaded.task, loaded.case
        assert row is not None
        if row["state"] not in ("open", "claimed"):
            raise refuse("process.task_not_open", "该任务不在待办状态", "The task is not open")
        current, day = directory(loaded.directory), day_of(unit.now)
        require(current, context.actor, "process.break_glass", day, unit=case["unit"])
        procedure = deployment(case["content"], case["procedure"]).procedure
        refused = check_separation(procedure, row["element"], [context.actor], case["actors"])
        if refused:
            raise Blocked(refused, ())
        _check_releasable(procedure, row["element"], controls)
        known = parameters(catalogue().version)
        validity, review = _limit(known, VALIDITY, unit), _limit(known, REVIEW, unit)
        used = calendar(on=day)
        until = to_microseconds(deadline(used, unit.now, validity).due_at)
        clause = known[REVIEW].clause
        task_ref = ObjectRef("task", row["id"])
        broken: dict[str, Any] = {
            "wait": row["wait"],
            "element": row["element"],
            "by": context.actor,
            "reason": text[:500],
            "controls": sorted(set(controls)),
            "until": until,
            "validity": str(validity),
            "clause": clause,
        }
        if row["claimed_by"]:
            broken["taken_from"] = row["claimed_by"]
        objects = (task_ref, ObjectRef("clause", clause))
        unit.record(loaded.stream, Fact("process.glass_broken", broken, objects))
        due = to_microseconds(deadline(used, unit.now, review).due_at)
        unit.record(loaded.stream, _review(unit, loaded, row, clause, due))

    with journaling_refusals("process.break_glass", context, task.partition(".")[0]):
        perform("process.break_glass", context, work)


def _check_releasable(procedure: Procedure, element: str, controls: Sequence[str]) -> None:
    known = {control.id: control for control in procedure.controls_at(element, "complete")}
    releasable = all(
        name in known and known[name].mode == "block" and known[name].kind not in _NEVER
        for name in controls
    )
    step = procedure.steps[element]
    if not releasable or step.signing.mode != "one":
        raise refuse(
            "process.not_releasable",
            "职责分离、双人复核、先后次序与会签不得应急放行",
            "Separation of duties, four eyes, order and joint signing are never released",
            clause=step.clause,
        )


def _limit(known: Mapping[str, Parameter], name: str, unit: UnitOfWork) -> Limit:
    if name not in known:
        raise refuse(
            "process.no_emergency_rule",
            "标准未规定紧急授权的时限，不得启用",
            "The standard sets no limits for emergencies, so there are none",
        )
    return known[name].limit_on(day_of(unit.now))


def _review(unit: UnitOfWork, loaded: Loaded, row: Values, clause: str, due: int) -> Fact:
    actor = unit.context.actor
    found = answerable(
        directory(loaded.directory),
        REVIEWERS,
        loaded.case["unit"],
        day_of(unit.now),
        barred={actor},
    )
    data = {
        "task": row["id"],
        "element": row["element"],
        "clause": clause,
        "due_at": due,
        "pool": found.pool,
        "to": list(found.persons),
        "why": found.why,
        "barred": [actor],
    }
    objects = tuple(ObjectRef("person", person, "reviewer") for person in found.persons)
    return Fact("process.review_asked", data, (ObjectRef("task", row["id"]), *objects))


def refuse_in_emergency(task: Values) -> None:
    """Refuse to hand on a task that was taken in an emergency: the authority is personal.

    Raises:
        Refusal: ``process.emergency_is_personal``.
    """
    if task["emergency"] is not None:
        raise refuse(
            "process.emergency_is_personal",
            "应急办理的任务不得转办或委派",
            "A task taken in an emergency is not handed on",
            remedy_zh="请办结或退回待办",
            remedy_en="Complete it, or release it",
        )


def released(
    unit: UnitOfWork, task: Values, judgements: Iterable[Judgement]
) -> tuple[list[Fact], list[Judgement]]:
    """What the emergency on ``task`` releases, as facts, and the judgements that still count."""
    controls = check_emergency(task, unit.context.actor, unit.now_us)
    facts: list[Fact] = []
    remaining: list[Judgement] = []
    for item in judgements:
        if item.control.id not in controls or item.met:
            remaining.append(item)
            continue
        data = {
            "control": item.control.id,
            "element": task["element"],
            "task": task["id"],
            "clause": item.control.clause,
            "by": unit.context.actor,
        }
        clause = ObjectRef("clause", item.control.clause)
        facts.append(Fact("process.control_released", data, (clause,)))
    return facts, remaining


def end_emergencies(context: ActContext, *, limit: int = 100) -> int:
    """Give back to their pools the tasks whose emergency has run out; how many."""
    found = read_committed(
        "SELECT id FROM process_task WHERE emergency_until IS NOT NULL AND emergency_until <= %s"
        " AND state IN ('open', 'claimed') ORDER BY emergency_until, id LIMIT %s",
        (to_microseconds(context.clock.now()), limit),
    )
    return sum(_end(context.with_key(None), task) for (task,) in found)


def _end(context: ActContext, task: str) -> int:
    def work(unit: UnitOfWork) -> int:
        loaded = load_task(unit, task)
        row = loaded.task
        assert row is not None
        until = row["emergency_until"]
        if until is None or until > unit.now_us or row["state"] not in ("open", "claimed"):
            return 0
        data = {"wait": row["wait"], "element": row["element"], "by": row["emergency"]["by"]}
        fact = Fact("process.emergency_ended", data, (ObjectRef("task", row["id"]),))
        unit.record(loaded.stream, fact)
        return 1

    return perform("process.end_emergency", context, work)
