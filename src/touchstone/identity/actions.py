"""The only writers of the organisation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from touchstone.identity.authority import ACTS, require
from touchstone.identity.directory import Directory, Level
from touchstone.identity.folds import STREAM
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import Limit
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue

LONGEST_DEPUTY = "controls.deputy_max_term"
_ID = re.compile(r"[\w.-]{1,64}")
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
        Refusal: ``identity.unit_exists``, ``identity.no_such_unit``, ``identity.bad_id``,
            ``identity.not_permitted``.
    """

    _require_id(identity)

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
        Refusal: ``identity.person_exists``, ``identity.bad_id``, ``identity.not_permitted``.
    """
    _require_id(identity)

    def check(current: Directory, day: dt.date) -> None:
        if identity in current.persons:
            raise refuse("identity.person_exists", "人员编号已存在", "This id is taken")

    fact = Fact(
        "identity.person_joined",
        {"person": identity, "name": name.as_dict()},
        (ObjectRef("person", identity),),
    )
    _act(context, "identity.join_person", fact, check)


def leave_person(context: ActContext, person: str, on: dt.date) -> None:
    """Let a person go; ``on`` is the first day on which he no longer works here.

    What he holds and stands in for ends with it, and nothing he did is undone.

    Raises:
        Refusal: ``identity.no_such_person``, ``identity.own_grant``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        _require_person(current, person)
        _require_other(context, person)

    fact = Fact(
        "identity.person_left",
        {"person": person, "on": on.isoformat()},
        (ObjectRef("person", person),),
    )
    _act(context, "identity.leave_person", fact, check)


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
            ``identity.no_such_unit``, ``identity.no_such_post``, ``identity.days_invalid``,
            ``identity.already_held``, ``identity.own_grant``, ``identity.not_permitted``.
    """
    start = from_day or day_of(context.clock.now())

    def check(current: Directory, day: dt.date) -> None:
        _require_person(current, person)
        require_place(current, post, unit)
        _require_other(context, person)
        if to_day is not None and to_day < start:
            raise refuse(
                "identity.days_invalid", "止日早于起日", "The last day is before the first"
            )
        if any(
            (item.person, item.post, item.unit) == (person, post, unit)
            and (item.to_day is None or item.to_day >= min(start, day))
            for item in current.holdings
        ):
            raise refuse(
                "identity.already_held", "该人员已持有此岗位", "He holds this post already"
            )
        # Whoever would bear the post: the person, and those who stand in for him in that time.
        for bearer in (person, *current.deputies_of(person, start, to_day)):
            if found := incompatible(current.reach(bearer, start, to_day), post, _rules()):
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


def end_post(context: ActContext, person: str, post: str, unit: str, on: dt.date) -> None:
    """Take a post from a person; ``on`` is the last day on which he holds it.

    Raises:
        Refusal: ``identity.not_held``, ``identity.own_grant``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        _require_other(context, person)
        held = (item for item in current.holdings if item.person == person)
        if not any(
            (item.post, item.unit) == (post, unit) and item.overlaps(on, None) for item in held
        ):
            raise refuse(
                "identity.not_held", "该人员未持有此岗位", "He does not hold this post then"
            )

    fact = Fact(
        "identity.post_ended",
        {"person": person, "post": post, "unit": unit, "on": on.isoformat()},
        (ObjectRef("person", person), ObjectRef("unit", unit)),
    )
    _act(context, "identity.end_post", fact, check)


def name_deputy(
    context: ActContext, person: str, deputy: str, from_day: dt.date, to_day: dt.date
) -> None:
    """Let ``deputy`` stand in for ``person`` between two days, both inclusive.

    Raises:
        Refusal: ``identity.deputy_invalid``, ``identity.deputy_too_long``,
            ``identity.incompatible_posts``, ``identity.own_grant``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        known = person in current.persons and deputy in current.persons
        if not known or person == deputy or to_day < from_day:
            raise refuse("identity.deputy_invalid", "代理关系无效", "This deputyship is not valid")
        _require_other(context, deputy)
        _require_term(from_day, to_day)
        held = set(current.reach(deputy, from_day, to_day))
        own = {
            item.post
            for item in current.holdings
            if item.person == person and item.overlaps(from_day, to_day)
        }
        for post in sorted(own):
            if found := incompatible(held, post, _rules()):
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


def end_deputy(
    context: ActContext, person: str, deputy: str, from_day: dt.date, on: dt.date
) -> None:
    """End the deputyship that began on ``from_day``; ``on`` is its last day.

    Raises:
        Refusal: ``identity.not_held``, ``identity.not_permitted``.
    """

    def check(current: Directory, day: dt.date) -> None:
        if not any(
            (item.person, item.deputy, item.from_day) == (person, deputy, from_day)
            and item.to_day > on
            for item in current.deputies
        ):
            raise refuse("identity.not_held", "没有这项代理", "There is no such deputyship then")

    fact = Fact(
        "identity.deputy_ended",
        {
            "person": person,
            "deputy": deputy,
            "from": from_day.isoformat(),
            "on": on.isoformat(),
        },
        (ObjectRef("person", person), ObjectRef("person", deputy, "deputy")),
    )
    _act(context, "identity.end_deputy", fact, check)


def require_place(current: Directory, post: str, unit: str) -> None:
    """Return when the unit is there and the post is one of the standard in force or of the house.

    Raises:
        Refusal: ``identity.no_such_unit``, ``identity.no_such_post``.
    """
    if unit not in current.units:
        raise refuse("identity.no_such_unit", f"没有机构 {unit}", f"There is no unit {unit}")
    roles = catalogue().get("roles", "roles")
    house = frozenset().union(ADMINISTRATORS, *ACTS.values())
    if roles is not None and post not in house and post not in roles.data["posts"]:
        raise refuse(
            "identity.no_such_post",
            f"现行标准没有岗位 {post}",
            f"The standard in force has no post {post}",
            remedy_zh="岗位见标准包的 roles.yaml",
            remedy_en="The pack's roles.yaml lists the posts",
        )


def _require_id(identity: str) -> None:
    if not _ID.fullmatch(identity):
        raise refuse(
            "identity.bad_id",
            "编号须为 1 至 64 个字母、数字、点、横线或下划线",
            "An id is 1 to 64 letters, digits, dots, dashes or underscores",
        )


def _require_person(current: Directory, person: str) -> None:
    if person not in current.persons:
        raise refuse("identity.no_such_person", "没有这个人员", "There is no such person")


def _require_other(context: ActContext, person: str) -> None:
    if person == context.actor:
        raise refuse(
            "identity.own_grant", "不得变更自己的岗位与代理", "Nobody decides on his own posts"
        )


def _require_term(from_day: dt.date, to_day: dt.date) -> None:
    known = catalogue().parameter(LONGEST_DEPUTY)
    value = known.value_on(from_day) if known else None
    if known is None or value is None:
        return
    longest = Limit.parse(str(value))
    if longest.unit == "d" and (to_day - from_day).days + 1 > longest.amount:
        raise refuse(
            "identity.deputy_too_long",
            f"代理期限最长为{longest.text.zh}",
            f"A deputy stands in for at most {longest.text.en}",
            clause=known.clause,
            remedy_zh="请缩短期限，到期后重新指定",
            remedy_en="Name a shorter term and renew it when it is over",
        )


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
                f"不相容岗位不得由一人兼任：{reason.zh}",
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
