"""Later entry (补录): what was done on paper is entered by a second person with its real time.

Judges whether it may be; the acts record it. Nothing else may lie in the past.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from touchstone.clocks.queries import calendar
from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import deadline
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, from_microseconds, in_utc, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.standard.parameters import parameters

LIMIT = "controls.paper_entry_limit"


@dataclass(frozen=True, slots=True)
class LaterEntry:
    """What the act that is entered later was.

    Attributes:
        performed_by: who did it on paper; his posts and his separation of duties count.
        occurred_at: when he did it.
        reason: why it was not entered at once.
    """

    performed_by: str
    occurred_at: dt.datetime
    reason: str

    def context(self, recorder: ActContext) -> ActContext:
        """The context of the act: the recorder writes, for who did it, at its real time."""
        return replace(
            recorder, occurred_at=in_utc(self.occurred_at), on_behalf_of=self.performed_by
        )


def refuse_unmarked(context: ActContext, later: LaterEntry | None) -> None:
    """Refuse an act in the past that does not say that it is a later entry.

    Raises:
        Refusal: ``process.not_a_later_entry``.
    """
    if context.occurred_at is not None and later is None:
        raise refuse(
            "process.not_a_later_entry",
            "过去时间的事项须按补录办理并说明理由",
            "What lies in the past is entered as a later entry, with its reason",
        )


def later_fact(
    unit: UnitOfWork,
    later: LaterEntry,
    directory: Directory,
    place: str,
    *,
    not_before: int | None = None,
    element: str | None = None,
    wait: str | None = None,
) -> Fact:
    """The mark of a later entry at the unit ``place``, once everything about it is in order.

    ``not_before`` is the earliest it can have been, microseconds since the epoch.

    Raises:
        Refusal: ``process.reason_needed``, ``process.own_later_entry``, ``identity.not_permitted``,
            ``process.impossible_time``, ``process.entered_too_late``, ``process.no_later_entry``.
    """
    reason = later.reason.strip()
    if len(reason) < 4:
        raise refuse("process.reason_needed", "补录须说明理由", "A later entry needs its reason")
    known = parameters(catalogue().version).get(LIMIT)
    if known is None:
        raise refuse(
            "process.no_later_entry",
            "标准未规定补录时限，不得补录",
            "The standard sets no limit for later entries, so there are none",
        )
    if later.performed_by == unit.context.actor:
        raise refuse(
            "process.own_later_entry",
            "补录须由办理人以外的第二人进行",
            "A second person enters what was done on paper",
            clause=known.clause,
        )
    require(directory, unit.context.actor, "process.enter_later", day_of(unit.now), unit=place)
    at = in_utc(later.occurred_at)
    if at >= unit.now or (not_before is not None and at < from_microseconds(not_before)):
        raise refuse(
            "process.impossible_time",
            "发生时间不能晚于现在，也不能早于上一环节",
            "It cannot have happened after now, or before the step was there",
        )
    limit = known.limit_on(day_of(at))
    due = deadline(calendar(on=day_of(at)), at, limit).due_at
    if unit.now >= due:
        raise refuse(
            "process.entered_too_late",
            f"已超过补录时限（{limit.text.zh}）",
            f"The time for a later entry has passed ({limit.text.en})",
            clause=known.clause,
            remedy_zh="请按异常情形登记并由当事人重新办理",
            remedy_en="Register the exception and have the step done anew",
        )
    data = {
        "performed_by": later.performed_by,
        "occurred_at": to_microseconds(at),
        "reason": reason[:500],
        "limit": str(limit),
        "parameter": known.id,
        "clause": known.clause,
    }
    if element and wait:
        data.update(element=element, wait=wait)
    objects = (
        ObjectRef("person", later.performed_by, "performer"),
        ObjectRef("clause", known.clause),
    )
    return Fact("process.entered_later", data, objects)
