"""Showing what is sealed in a case to whoever works on it; that it was shown is an event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from touchstone.identity.authority import may
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.process.access import split_pool
from touchstone.process.store import load_case
from touchstone.vault.actions import reveal_within

_OPEN_POOLS = (
    "SELECT pool, claimed_by FROM process_task WHERE case_id = %s"
    " AND state IN ('open', 'claimed', 'held')"
)


def show_case_value(context: ActContext, case: str, reference: str, reason: str) -> Any:
    """A sealed value of the case's forms, for somebody whose work it is.

    Whoever may take a task of the case that waits now, and whoever's post permits showing at all.

    Raises:
        Refusal: ``process.no_such_case``, ``process.not_permitted``, ``vault.no_reason``,
            ``vault.no_such_value``.
    """

    def work(unit: UnitOfWork) -> Any:
        loaded = load_case(unit, case)
        if not reference.startswith(f"{loaded.subject}/"):
            raise refuse("vault.no_such_value", "本案没有该内容", "The case holds no such value")
        current, day = directory(loaded.directory), day_of(unit.now)
        waiting = unit.read(_OPEN_POOLS, (case,))
        is_his = any(
            claimed == context.actor or _may_take(current, context.actor, pool, day)
            for pool, claimed in waiting
        )
        if not is_his and not may(current, context.actor, "vault.reveal", day):
            raise refuse(
                "process.not_permitted",
                "只有正在办理本案的人员可以查看密封内容",
                "Only those who work on the case may see what is sealed",
                remedy_zh="请由办理人员查看",
                remedy_en="Leave it to whoever works on it",
            )
        return reveal_within(unit, reference, reason)

    return perform("process.show_case_value", context, work)


def _may_take(current: Directory, person: str, pool: str, day: dt.date) -> bool:
    posts, place = split_pool(pool)
    return current.standing(person, posts, place, day) is not None
