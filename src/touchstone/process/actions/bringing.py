"""A message from outside reaches a case: by a member of staff, a foreign system, or its customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.process.bringing import check_brought, may_bring
from touchstone.process.deployment import deployment
from touchstone.process.engine import Env
from touchstone.process.engine import steps as engine
from touchstone.process.papers import evidence_facts, keep_papers
from touchstone.process.recording import Setting, record_outcome
from touchstone.process.store import Loaded, load_case


def deliver_message(
    context: ActContext,
    case: str,
    name: str,
    values: Mapping[str, Any],
    papers: Sequence[str] = (),
) -> None:
    """Bring a message to a case that waits for it; ``papers`` are sha256 of files handed in for it.

    The procedure says which posts, at the case's unit or above it, and which systems may bring it, and
    what it carries. A customer answers by an act of his own (``own_cases.answer_request``).

    Raises:
        Refusal: ``process.nobody_waits``, ``process.no_such_case``, ``process.not_permitted``,
            ``process.values_not_taken``, ``process.form_invalid``, ``process.papers_needed``,
            ``evidence.not_stored``.
    """

    def work(unit: UnitOfWork) -> None:
        take_in(unit, load_for_bringer(unit, case, name), name, values, papers)

    perform("process.deliver_message", context, work)


def load_for_bringer(unit: UnitOfWork, case: str, name: str) -> Loaded:
    """The case, where the actor may bring it the message.

    Raises:
        Refusal: ``process.no_such_case``, ``process.not_permitted``.
    """
    loaded = load_case(unit, case)
    message = deployment(loaded.case["content"], loaded.case["procedure"]).procedure.messages.get(
        name
    )
    current, place = directory(loaded.directory), loaded.case["unit"]
    if message is None or not may_bring(
        current, message, unit.context.actor, place, day_of(unit.now)
    ):
        raise refuse(
            "process.not_permitted",
            "您的岗位不能向该业务送达此消息",
            "Your posts do not let you bring this message to the case",
            remedy_zh="请由流程写明的岗位或系统送达",
            remedy_en="The posts and systems that may are named in the procedure",
        )
    return loaded


def take_in(
    unit: UnitOfWork, loaded: Loaded, name: str, values: Mapping[str, Any], papers: Sequence[str]
) -> None:
    """Let the case go on with what was brought, as part of an act whose actor may bring it.

    Raises:
        Refusal: ``process.nobody_waits`` and those of what does not fit.
    """
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    message, by_customer = deployed.procedure.messages[name], unit.context.actor == _owner(loaded)
    check_brought(deployed, message, values, papers, by_customer=by_customer)
    state = loaded.case["engine"]
    outcome = engine.deliver(deployed.program, state, name, values, env=Env(unit.now))
    if not outcome.facts:
        raise refuse(
            "process.nobody_waits",
            "该业务当前不等待此消息",
            "The case does not wait for this message now",
            remedy_zh="请刷新页面查看最新进展",
            remedy_en="Reload the page to see where the case stands",
        )
    named = {f"{name}_{number}": paper for number, paper in enumerate(papers, 1)}
    stored = keep_papers(unit, loaded.subject, None, {}, named)
    unit.record(
        loaded.stream,
        *evidence_facts(named, stored),
        Fact("process.message_received", {"name": name}),
    )
    record_outcome(unit, Setting(deployed, directory(loaded.directory)), loaded.case["id"], outcome)


def _owner(loaded: Loaded) -> str:
    return f"customer:{loaded.case['customer']}"
