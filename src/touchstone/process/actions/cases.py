"""Starting and ending cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.deployment import deployment
from touchstone.process.drafts import place_of_start, remove_draft
from touchstone.process.engine import Env
from touchstone.process.engine import steps as engine
from touchstone.process.forms import Form
from touchstone.process.later import LaterEntry, later_fact, refuse_unmarked
from touchstone.process.papers import evidence_facts, keep_papers
from touchstone.process.procedure import Procedure
from touchstone.process.recording import Setting, record_outcome, withdraw
from touchstone.process.store import load_case, subject_of
from touchstone.process.taking import check_taken
from touchstone.records.queries import is_customer
from touchstone.vault.actions import seal


@dataclass(frozen=True, slots=True)
class Caller:
    """The case and wait that called this one."""

    case: str
    wait: str


def start_case(
    context: ActContext,
    procedure: str,
    *,
    unit: str,
    values: Mapping[str, Any],
    customer: str | None = None,
    evidence: Mapping[str, str] | None = None,
    caller: Caller | None = None,
    later: LaterEntry | None = None,
    origin: ObjectRef | None = None,
) -> str:
    """Begin a case of ``procedure`` at ``unit``; its id. The same key gives the same case.

    ``evidence`` maps document ids to the sha256 of files handed in at the start; ``later`` says that
    somebody else took it up on paper, and when; ``origin`` names what it was begun for.

    Raises:
        Refusal: ``process.form_invalid``, ``process.values_not_taken``, ``process.not_permitted``,
            ``process.no_such_procedure``, ``process.no_such_unit``, ``process.customer_needed``, ``process.no_such_customer``.
    """

    context = later.context(context) if later else context

    def work(act: UnitOfWork) -> str:
        refuse_unmarked(act.context, later)
        current = directory()
        deployed = deployment(catalogue().version, procedure)
        start = deployed.procedure.start
        opened: dict[str, Any] = dict(values)
        if caller is None:
            person = later.performed_by if later else context.actor
            may_begin(deployed.procedure, current, person, unit, day_of(act.happened_at), customer)
            _with_customer(act, start.customer, customer)
            if is_customer_actor(person):
                opened |= start.customer_sets
        secret: dict[str, Any] = {}
        form = deployed.forms[start.form] if caller is None and start.form else None
        if form:
            opened, secret = _checked(form, opened, act)
        elif caller is None:
            check_taken(opened, start.takes, deployed.procedure.variables)
        identity = new_id(context.chance)
        stream = f"case:{identity}"
        subject = subject_of(identity, customer)
        sealed = seal(act, subject, secret, version=1)
        papers = evidence or {}
        stored = keep_papers(
            act, subject, form, {**opened, **secret}, papers, inbox=inbox_of(context.actor)
        )
        number = f"{deployed.procedure.number}-{day_of(act.now):%y%m%d}-{identity[-6:].upper()}"
        begun: dict[str, Any] = {
            "number": number,
            "procedure": procedure,
            "content": deployed.content,
            "unit": unit,
            "values": opened,
        }
        named = {
            "origin": {"type": origin.type, "id": origin.id} if origin else None,
            "customer": customer,
            "caller": {"case": caller.case, "wait": caller.wait} if caller else None,
            "sealed": sealed or None,
        }
        begun |= {name: value for name, value in named.items() if value}
        act.record(
            stream, Fact("process.case_started", begun, _objects(unit, customer, caller, origin))
        )
        act.record(stream, *evidence_facts(papers, stored))
        if form:
            remove_draft(act, place_of_start(procedure, unit, customer))
        if later:
            act.record(stream, later_fact(act, later, current, unit))
        outcome = engine.start(deployed.program, opened, env=Env(act.happened_at))
        setting = Setting(deployed, current)
        record_outcome(act, setting, identity, outcome)
        return identity

    try:
        return perform("process.start_case", context, work)
    except AlreadyDone as done:
        return done.row.stream.removeprefix("case:")


def _objects(
    unit: str, customer: str | None, caller: Caller | None, origin: ObjectRef | None
) -> tuple[ObjectRef, ...]:
    """What a case is about when it begins."""
    return (
        ObjectRef("unit", unit),
        *([origin] if origin else ()),
        *([ObjectRef("customer", customer)] if customer else ()),
        *([ObjectRef("case", caller.case, "caller")] if caller else ()),
    )


def _checked(
    form: Form, given: Mapping[str, Any], act: UnitOfWork
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given as (open with what is derived, sealed)."""
    problem = form.check(given)
    if problem:
        raise problem
    opened, secret = form.split(given)
    return opened | form.derive(given, now=act.happened_at), secret


def inbox_of(person: str) -> str:
    """The vault's subject for what ``person`` hands in before the case exists."""
    return f"inbox:{person}"


def is_customer_actor(person: str) -> bool:
    """Whether the actor is a customer."""
    return person.startswith("customer:")


def may_begin(
    procedure: Procedure,
    current: Directory,
    person: str,
    unit: str,
    day: dt.date,
    customer: str | None,
) -> None:
    """Whoever holds the post at the unit or above it: head office finds, a branch repairs.

    A customer begins what content lets customers begin, for himself, at an outlet; a machine what
    content names it for.

    Raises:
        Refusal: ``process.no_such_unit``, ``process.not_permitted``, ``process.no_such_customer``.
    """
    if unit not in current.units:
        raise refuse("process.no_such_unit", "没有这个机构", "There is no such unit")
    posts = procedure.start.posts
    if is_customer_actor(person):
        _customer_may_begin(procedure, current.units[unit].level, person, customer)
        return
    allowed = (
        not posts
        or person in procedure.start.systems
        or any(current.standing(person, posts, place, day) for place in current.chain(unit))
    )
    if not allowed:
        raise refuse(
            "process.not_permitted",
            f"您的岗位不能发起「{procedure.title.zh}」",
            f"Your posts do not let you begin “{procedure.title.en}”",
        )


def _customer_may_begin(
    procedure: Procedure, level: str, person: str, customer: str | None
) -> None:
    if person != f"customer:{customer}":
        raise _no_such_customer()
    if level != "outlet":
        raise refuse("process.no_such_unit", "请选择营业网点", "Choose an outlet")
    if not procedure.start.customer_may:
        raise refuse(
            "process.not_permitted",
            f"「{procedure.title.zh}」不能由客户自行发起",
            f"Customers do not begin “{procedure.title.en}” themselves",
            remedy_zh="请到网点或致电办理",
            remedy_en="Ask at an outlet or by telephone",
        )


def _with_customer(act: UnitOfWork, needed: bool, customer: str | None) -> None:
    if needed and customer is None:
        raise refuse("process.customer_needed", "须先登记客户", "The case needs its customer")
    if customer is not None and not is_customer(act, customer):
        raise _no_such_customer()


def _no_such_customer() -> Refusal:
    return refuse(
        "process.no_such_customer",
        "没有这个客户，或其信息已删除",
        "There is no such customer, or it was erased",
        remedy_zh="请先登记客户",
        remedy_en="Register the customer first",
    )


def withdraw_case(context: ActContext, case: str, reason: str) -> None:
    """End a case, and the cases it called, at the customer's wish or by order; what was done stays.

    Raises:
        Refusal: ``process.case_ended``, ``process.no_such_case``, ``process.reason_needed``,
            ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        loaded = load_case(act, case)
        if loaded.case["state"] != "open":
            raise refuse("process.case_ended", "该业务已办结", "The case is over")
        current = directory(loaded.directory)
        require(
            current,
            context.actor,
            "process.withdraw_case",
            day_of(act.now),
            unit=loaded.case["unit"],
        )
        if len(reason.strip()) < 2:
            raise refuse("process.reason_needed", "撤回须说明理由", "Withdrawing needs a reason")
        withdraw(act, current, loaded, reason)

    with journaling_refusals("process.withdraw_case", context, case):
        perform("process.withdraw_case", context, work)
