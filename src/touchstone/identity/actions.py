"""The only writers of the organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory, Level
from touchstone.identity.folds import STREAM
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue

# Held apart whatever a pack says (三员分立): the law of the house, not of an institution.
ADMINISTRATORS = ("system_administrator", "security_administrator", "security_auditor")


def _current(unit: UnitOfWork) -> Directory:
    return directory(unit.head(STREAM).position)


def _act(context: ActContext, act: str, fact: Fact, check: Any = None) -> None:
    def work(unit: UnitOfWork) -> None:
        current = _current(unit)
        require(current, context.actor, act, day_of(unit.now))
        if check:
            check(current, day_of(unit.now))
        unit.record(STREAM, fact)

    perform(act, context, work)


def open_unit(
    context: ActContext, identity: str, name: Text, level: Level, parent: str | None = None
) -> None:
    """Open a unit of the organisation.

    Raises:
        Refusal: ``identity.unit_exists``, ``identity.no_such_unit``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        if identity in current.units:
            raise refuse("identity.unit_exists", "机构编号已存在", "The unit exists already")
        if parent is not None and parent not in current.units:
            raise refuse("identity.no_such_unit", "没有上级机构", "There is no such unit above")

    data: dict[str, Any] = {"unit": identity, "name": name.as_dict(), "level": level}
    if parent:
        data["parent"] = parent
    fact = Fact("identity.unit_opened", data, (ObjectRef("unit", identity),))
    _act(context, "identity.open_unit", fact, check)


def join_person(context: ActContext, identity: str, name: Text) -> None:
    """Take a person on.

    Raises:
        Refusal: ``identity.person_exists``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        if identity in current.persons or ":" in identity or not identity:
            raise refuse(
                "identity.person_exists", "人员编号已存在或有误", "This id is taken or not valid"
            )

    fact = Fact(
        "identity.person_joined",
        {"person": identity, "name": name.as_dict()},
        (ObjectRef("person", identity),),
    )
    _act(context, "identity.join_person", fact, check)


def grant_post(
    context: ActContext,
    person: str,
    post: str,
    unit: str,
    *,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
) -> None:
    """Give a person a post at a unit.

    Raises:
        Refusal: ``identity.incompatible_posts``, ``identity.no_such_person``,
            ``identity.no_such_unit``, ``identity.own_grant``, ``identity.not_permitted``.
    """
    start = from_day or day_of(context.clock.now())

    def check(current: Directory, day: dt.date) -> None:
        if person not in current.persons:
            raise refuse("identity.no_such_person", "没有这个人员", "There is no such person")
        if unit not in current.units:
            raise refuse("identity.no_such_unit", "没有这个机构", "There is no such unit")
        if person == context.actor:
            raise refuse("identity.own_grant", "不得为自己授予岗位", "Nobody grants himself a post")
        held = {item.post for item in current.posts_of(person, start)}
        found = incompatible(held, post, _rules())
        if found:
            raise found

    data: dict[str, Any] = {
        "person": person,
        "post": post,
        "unit": unit,
        "from": start.isoformat(),
    }
    if to_day:
        data["to"] = to_day.isoformat()
    fact = Fact(
        "identity.post_granted", data, (ObjectRef("person", person), ObjectRef("unit", unit))
    )
    _act(context, "identity.grant_post", fact, check)


def name_deputy(
    context: ActContext, person: str, deputy: str, from_day: dt.date, to_day: dt.date
) -> None:
    """Let ``deputy`` stand in for ``person`` between two days, both inclusive.

    Raises:
        Refusal: ``identity.deputy_invalid``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        known = person in current.persons and deputy in current.persons
        if not known or person == deputy or to_day < from_day:
            raise refuse("identity.deputy_invalid", "代理关系无效", "This deputyship is not valid")
        held = {item.post for item in current.posts_of(deputy, from_day)}
        for item in current.posts_of(person, from_day):
            found = incompatible(held, item.post, _rules())
            if found:
                raise found

    fact = Fact(
        "identity.deputy_named",
        {
            "person": person,
            "deputy": deputy,
            "from": from_day.isoformat(),
            "to": to_day.isoformat(),
        },
        (ObjectRef("person", person), ObjectRef("person", deputy, "deputy")),
    )
    _act(context, "identity.name_deputy", fact, check)


def _rules() -> Sequence[Mapping[str, Any]]:
    found = catalogue().get("roles", "roles")
    return list(found.data["incompatible"]) if found else []


def incompatible(
    held: Iterable[str], post: str, rules: Sequence[Mapping[str, Any]]
) -> Refusal | None:
    """Why ``post`` may not be added to the posts already ``held``; None when it may."""
    have = set(held) - {post}
    everywhere = ({"any_two_of": ADMINISTRATORS, "clause": None, "reason": _THREE}, *rules)
    for rule in everywhere:
        group = set(rule.get("any_two_of", ()))
        one, others = rule.get("one"), set(rule.get("with", ()))
        clash = (post in group and have & group) or (
            (post == one and have & others) or (post in others and one in have)
        )
        if clash:
            reason = Text.from_mapping(rule["reason"])
            return refuse(
                "identity.incompatible_posts",
                f"不相容岗位不得由一人兼任:{reason.zh}",
                f"Incompatible posts: {reason.en}",
                clause=rule["clause"],
                remedy_zh="请将岗位授予另一人员",
                remedy_en="Grant the post to somebody else",
            )
    return None


_THREE = {
    "zh": "系统管理员、安全管理员、安全审计员三员分立",
    "en": "system administrator, security administrator and security auditor are three people",
}
