"""Who may take a task: the post at the place the step names, in person or as a deputy."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.kernel.ports import COMPETENCE, Demand
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.process.procedure import Procedure


class Standing(NamedTuple):
    """In what standing a person takes a task.

    Attributes:
        person: who acts.
        on_behalf_of: whom he stands in for, or None.
    """

    person: str
    on_behalf_of: str | None

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody whose duty separation this act touches."""
        return (self.person, self.on_behalf_of) if self.on_behalf_of else (self.person,)


def pool_of(group: str, unit: str) -> str:
    """The pool of tasks for a group of posts (``a|b``) at a unit."""
    return f"{group}@{unit}"


@lru_cache(maxsize=4096)
def split_pool(pool: str) -> tuple[tuple[str, ...], str]:
    """Posts and unit of a pool."""
    group, _, unit = pool.rpartition("@")
    return tuple(group.split("|")), unit


def standing_for(
    directory: Directory, person: str, task: Values, title: Text, day: dt.date
) -> Standing:
    """In what standing ``person`` may act on ``task``.

    Whoever was named by delegation, transfer or as a signer may act without the post.

    Raises:
        Refusal: ``process.not_permitted``, ``process.claimed_by_other``.
    """
    named = task["claimed_by"]
    if named is not None and named != person:
        if directory.stands_in_for(person, named, day):
            return Standing(person, named)
        if person not in (task["signers"] or {}):
            raise refuse(
                "process.claimed_by_other",
                f"「{title.zh}」已由其他人员领取",
                f"“{title.en}” was taken by somebody else",
                remedy_zh="请联系领取人退回或移交",
                remedy_en="Ask whoever took it to release or transfer it",
            )
    if named == person or person in (task["signers"] or {}):
        return Standing(person, None)
    posts, unit = split_pool(task["pool"])
    found = directory.standing(person, posts, unit, day)
    if found is None:
        raise refuse(
            "process.not_permitted",
            f"您没有办理「{title.zh}」的岗位权限",
            f"Your posts do not allow you to do “{title.en}”",
            remedy_zh="请由有权岗位办理",
            remedy_en="Leave it to the post named on the step",
        )
    return Standing(person, found.on_behalf_of)


def check_competence(procedure: Procedure, element: str, person: str, day: dt.date) -> None:
    """Ask whether ``person`` has learned what the step demands.

    Raises:
        Refusal: the provider's, for what he lacks.
    """
    courses = procedure.steps[element].courses
    lacking = COMPETENCE.sole().lacking(Demand(person, procedure.slug, element, courses, day))
    if lacking:
        raise lacking


def not_open(title: Text) -> Refusal:
    """What is said of a task that waits no longer."""
    return refuse(
        "process.task_not_open",
        f"「{title.zh}」已经办结或不在待办状态",
        f"“{title.en}” is no longer open",
        remedy_zh="请刷新工作台",
        remedy_en="Reload your worklist",
    )


def refuse_delegated(task: Values) -> None:
    """Refuse what only the owner of a delegated task may do, until it is back with him.

    Raises:
        Refusal: ``process.delegated``.
    """
    if task["owner"] is not None:
        raise refuse(
            "process.delegated",
            "该任务为受委派办理，须先交回委派人",
            "The task was delegated: it goes back to its owner, who completes it",
            remedy_zh="请先填写办理说明并交回",
            remedy_en="Resolve it with a note first",
        )


def check_emergency(task: Values, person: str, now_us: int) -> frozenset[str]:
    """The controls released for ``person``'s emergency on ``task``; empty where there is none.

    An emergency is personal: no deputy acts by it, and nobody once its time is over.

    Raises:
        Refusal: ``process.emergency_over``, ``process.claimed_by_other``.
    """
    emergency = task["emergency"]
    if emergency is None or person in (task["signers"] or {}):
        return frozenset()
    if person != emergency["by"]:
        raise refuse(
            "process.claimed_by_other",
            "该任务正由他人应急办理，不得代行",
            "Somebody acts on this task in an emergency; nobody stands in for him",
        )
    if now_us >= task["emergency_until"]:
        raise refuse(
            "process.emergency_over",
            "紧急授权已过有效期",
            "The emergency authority has run out",
            remedy_zh="请由有权岗位办理，或重新申请紧急授权",
            remedy_en="Leave it to the post that may, or ask for it anew",
        )
    return frozenset(emergency["controls"])
