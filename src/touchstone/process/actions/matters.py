"""Matters beside the flow: a superior acknowledges, an owner completes a hand-off, a reviewer judges.

Only these acts close a matter; what opens one records its own fact.
"""

from __future__ import annotations

from typing import Any

from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.process.access import split_pool
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.recording import Blocked

_SHORTEST_TEXT = 2


def acknowledge_escalation(context: ActContext, matter: str, measure: str) -> None:
    """Take note of a breach and say what is done about it.

    Raises:
        Refusal: ``process.no_such_matter``, ``process.matter_closed``, ``process.not_permitted``,
            ``process.reason_needed``, ``process.own_matter`` (it is his own lateness).
    """
    _close(context, matter, "escalation", "process.escalation_acknowledged", measure)


def complete_handoff(context: ActContext, matter: str, note: str) -> None:
    """Say that what was handed off is done, and how.

    Raises:
        Refusal: as ``acknowledge_escalation``.
    """
    _close(context, matter, "handoff", "process.handoff_completed", note)


def review_emergency(context: ActContext, matter: str, note: str, *, justified: bool) -> None:
    """Judge whether breaking the glass was justified.

    Raises:
        Refusal: as ``acknowledge_escalation``.
    """
    outcome = "justified" if justified else "unjustified"
    _close(context, matter, "review", "process.emergency_reviewed", note, outcome=outcome)


def _close(context: ActContext, matter: str, kind: str, fact: str, note: str, **data: Any) -> None:
    text = note.strip()
    if len(text) < _SHORTEST_TEXT:
        raise refuse(
            "process.reason_needed",
            "须填写处理措施或说明",
            "Say what was done about it",
            remedy_zh="请填写说明后重新提交",
            remedy_en="Fill in the note and submit again",
        )
    case = matter.partition(".")[0]
    act = f"process.close_{kind}"

    def work(unit: UnitOfWork) -> None:
        row = _open_matter(unit, matter, kind)
        by = _entitled(unit, row)
        unit.record(
            f"case:{case}",
            Fact(
                fact,
                {"matter": matter, "note": text[:500], "by": by, **data},
                (ObjectRef("matter", matter),),
            ),
        )

    with journaling_refusals(act, context, case):
        perform(act, context, work)


def _open_matter(unit: UnitOfWork, matter: str, kind: str) -> Values:
    unit.head(f"case:{matter.partition('.')[0]}")
    row = unit.row("process_matter", (matter,))
    if row is None or row["kind"] != kind:
        raise refuse("process.no_such_matter", "没有这个督办事项", "There is no such matter")
    if row["state"] != "open":
        raise refuse("process.matter_closed", "该事项已经办结", "The matter is closed already")
    return row


def _entitled(unit: UnitOfWork, row: Values) -> list[str]:
    """Everybody who stands behind the act: the actor and whom he stands in for.

    Raises:
        Refusal: ``process.not_permitted``.
        Blocked: the matter is about what he did himself.
    """
    actor, day = unit.context.actor, day_of(unit.now)
    current = directory()
    posts, place = split_pool(row["pool"])
    standing = current.standing(actor, posts, place, day)
    if standing is None:
        raise refuse(
            "process.not_permitted",
            "您不是该事项的责任人",
            "The matter is not yours to close",
            remedy_zh="请由事项所列岗位办理",
            remedy_en="Leave it to the post that the matter names",
        )
    by = [actor, standing.on_behalf_of] if standing.on_behalf_of else [actor]
    if set(by) & set(row["barred"]):
        raise Blocked(
            refuse(
                "process.own_matter",
                "不得处理本人引起的督办事项",
                "Nobody closes a matter about what he did himself",
                clause=row["clause"],
                remedy_zh="请由同岗位其他人员或上级办理",
                remedy_en="Leave it to another holder of the post or to a superior",
            ),
            (),
        )
    return by
