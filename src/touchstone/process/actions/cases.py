"""Starting and ending cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.deployment import deployment
from touchstone.process.drafts import place_of_start, remove_draft
from touchstone.process.engine import Env
from touchstone.process.engine import steps as engine
from touchstone.process.later import LaterEntry, later_fact, refuse_unmarked
from touchstone.process.papers import evidence_facts, keep_papers
from touchstone.process.procedure import Procedure
from touchstone.process.recording import Setting, record_outcome
from touchstone.process.store import Loaded, load_case, subject_of
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
) -> str:
    """Begin a case of ``procedure`` at ``unit``; its id. The same key gives the same case.

    ``evidence`` maps document ids to the sha256 of files handed in at the start; ``later`` says that
    somebody else took it up on paper, and when.

    Raises:
        Refusal: ``process.form_invalid``, ``process.not_permitted``, ``process.no_such_procedure``,
            ``process.no_such_unit``, ``process.customer_needed``, ``process.no_such_customer``.
    """

    context = later.context(context) if later else context

    def work(act: UnitOfWork) -> str:
        refuse_unmarked(act.context, later)
        current = directory()
        deployed = deployment(catalogue().version, procedure)
        start = deployed.procedure.start
        if caller is None:
            person = later.performed_by if later else context.actor
            may_begin(deployed.procedure, current, person, unit, day_of(act.happened_at))
            _with_customer(act, start.customer, customer)
        opened: dict[str, Any] = dict(values)
        secret: dict[str, Any] = {}
        form = deployed.forms[start.form] if caller is None and start.form else None
        if form:
            problem = form.check(values)
            if problem:
                raise problem
            opened, secret = form.split(values)
            opened |= form.derive(values, now=act.happened_at)
        identity = new_id(context.chance)
        stream = f"case:{identity}"
        subject = subject_of(identity, customer)
        sealed = seal(act, subject, secret, version=1)
        papers = evidence or {}
        stored = keep_papers(act, subject, form, values, papers, inbox=inbox_of(context.actor))
        number = f"{deployed.procedure.number}-{day_of(act.now):%y%m%d}-{identity[-6:].upper()}"
        begun: dict[str, Any] = {
            "number": number,
            "procedure": procedure,
            "content": deployed.content,
            "unit": unit,
            "values": opened,
        }
        objects = [ObjectRef("unit", unit)]
        if customer:
            begun["customer"] = customer
            objects.append(ObjectRef("customer", customer))
        if caller:
            begun["caller"] = {"case": caller.case, "wait": caller.wait}
            objects.append(ObjectRef("case", caller.case, "caller"))
        if sealed:
            begun["sealed"] = sealed
        act.record(stream, Fact("process.case_started", begun, tuple(objects)))
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


def inbox_of(person: str) -> str:
    """The vault's subject for what ``person`` hands in before the case exists."""
    return f"inbox:{person}"


def may_begin(
    procedure: Procedure, current: Directory, person: str, unit: str, day: dt.date
) -> None:
    """Whoever holds the post at the unit or above it: head office finds, a branch repairs.

    Raises:
        Refusal: ``process.no_such_unit``, ``process.not_permitted``.
    """
    if unit not in current.units:
        raise refuse("process.no_such_unit", "没有这个机构", "There is no such unit")
    posts = procedure.start.posts
    if not posts or person.startswith("customer:"):
        return
    if not any(current.standing(person, posts, place, day) for place in current.chain(unit)):
        raise refuse(
            "process.not_permitted",
            f"您的岗位不能发起「{procedure.title.zh}」",
            f"Your posts do not let you begin “{procedure.title.en}”",
        )


def _with_customer(act: UnitOfWork, needed: bool, customer: str | None) -> None:
    if needed and customer is None:
        raise refuse("process.customer_needed", "须先登记客户", "The case needs its customer")
    if customer is not None and not is_customer(act, customer):
        raise refuse(
            "process.no_such_customer",
            "没有这个客户,或其信息已删除",
            "There is no such customer, or it was erased",
            remedy_zh="请先登记客户",
            remedy_en="Register the customer first",
        )


def _called(act: UnitOfWork, case: str) -> Iterator[Loaded]:
    """Every open case that ``case`` called, and what those called."""
    found = act.read(
        "SELECT id FROM process_case WHERE caller_case = %s AND state = 'open' ORDER BY id", (case,)
    )
    for (called,) in found:
        yield load_case(act, called)
        yield from _called(act, called)


def _withdraw(act: UnitOfWork, current: Directory, loaded: Loaded, reason: str) -> None:
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    outcome = engine.cancel(deployed.program, loaded.case["engine"], "withdrawn", env=Env(act.now))
    act.record(loaded.stream, Fact("process.case_withdrawn", {"reason": reason[:500]}))
    record_outcome(act, Setting(deployed, current), loaded.case["id"], outcome)


def withdraw_case(context: ActContext, case: str, reason: str) -> None:
    """End a case, and the cases it called, at the customer's wish or by order; what was done stays.

    Raises:
        Refusal: ``process.case_ended``, ``process.no_such_case``, ``identity.not_permitted``.
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
        for one in (loaded, *_called(act, case)):
            _withdraw(act, current, one, reason)

    with journaling_refusals("process.withdraw_case", context, case):
        perform("process.withdraw_case", context, work)
