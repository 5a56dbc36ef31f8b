"""A decision table as somebody proposes it: kept for himself as a draft, handed in as the paper of a
revision (P18). Nothing here puts anything in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.decisions.checking import table_problems
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import inbox_of, may_begin, start_case
from touchstone.process.actions.filling import AtStart, hand_in
from touchstone.process.deployment import deployment
from touchstone.process.drafts import read_draft, remove_draft, write_draft
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import clauses

REVISION = "revision"
PAPER = "decision_proposal"
"""Under this name the proposed file lies among the papers of the revision's case."""
MOST_BYTES = 200 * 1024


@dataclass(frozen=True, slots=True)
class Proposal:
    """One's own draft of a decision.

    Attributes:
        base: sha256 of the decision that it began from.
        version: to be handed back when it is saved again.
    """

    content: bytes
    base: str
    version: int
    saved_at: dt.datetime


def save_proposal(
    context: ActContext, decision: str, unit: str, content: bytes, base: str, version: int
) -> int:
    """Keep a draft for oneself; the new version.

    Raises:
        Refusal: ``process.draft_changed``, ``process.draft_too_large``, ``process.not_permitted``,
            ``decisions.not_text``.
    """
    if len(content) > MOST_BYTES:
        raise refuse("process.draft_too_large", "草稿内容过大", "The draft is too large")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse(
            "decisions.not_text", "文件不是 UTF-8 编码", "The file is not written in UTF-8"
        ) from None

    def work(act: UnitOfWork) -> int:
        _may_propose(act, unit)
        typed = {"content": text, "base": base}
        return write_draft(act, inbox_of(act.context.actor), _place(decision), typed, version)

    return perform("process.save_proposal", context, work)


def load_proposal(context: ActContext, decision: str, unit: str) -> Proposal | None:
    """One's own draft; None where there is none, or its time is over."""

    def work(act: UnitOfWork) -> Proposal | None:
        _may_propose(act, unit)
        found = read_draft(act, inbox_of(act.context.actor), _place(decision))
        if found is None:
            return None
        content = str(found.typed["content"]).encode()
        return Proposal(content, str(found.typed["base"]), found.version, found.saved_at)

    return perform("process.load_proposal", context, work)


def discard_proposal(context: ActContext, decision: str) -> None:
    """Throw one's own draft away."""
    perform("process.discard_proposal", context, lambda act: remove_draft(act, _place(decision)))


def problems_of(decision: str, content: bytes) -> tuple[Problem, ...]:
    """Everything that would keep a proposed file from being deployed beside the standard in force."""
    version = catalogue().version
    file = f"decisions/{decision}.dmn"
    return tuple(table_problems(content, file, parameters(version), set(clauses(version))))


def hand_in_proposal(
    context: ActContext, decision: str, unit: str, values: Mapping[str, Any]
) -> str:
    """Begin a revision with one's draft among its papers, by its digest; the case's id.

    Raises:
        Refusal: ``decisions.no_draft``, ``decisions.not_deployable``, and those of beginning a case.
    """
    draft = load_proposal(context.with_key(None), decision, unit)
    if draft is None:
        raise refuse(
            "decisions.no_draft",
            "没有可提交的草稿",
            "There is no draft to hand in",
            remedy_zh="请先修改并保存草稿",
            remedy_en="Change the table and save a draft first",
        )
    problems = problems_of(decision, draft.content)
    if problems:
        raise refuse(
            "decisions.not_deployable",
            f"草稿有{len(problems)}处问题，不能提交：{problems[0].text.zh}",
            f"The draft has {len(problems)} problems and cannot be handed in: {problems[0].text.en}",
            remedy_zh="请按检查结果逐项修改",
            remedy_en="Correct what the check lists",
        )
    desk = AtStart(REVISION, unit)
    stored = hand_in(context.with_key(None), desk, f"{decision}.dmn.txt", draft.content)
    case = start_case(context, REVISION, unit=unit, values=values, evidence={PAPER: stored.sha256})
    discard_proposal(context.with_key(None), decision)
    return case


def _may_propose(act: UnitOfWork, unit: str) -> None:
    procedure = deployment(catalogue().version, REVISION).procedure
    may_begin(procedure, directory(), act.context.actor, unit, day_of(act.now), None)


def _place(decision: str) -> str:
    return f"decision:{decision}"
