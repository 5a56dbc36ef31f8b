"""Who looks at a page: a member of staff in his posts, a customer, or nobody known yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from touchstone.identity.authority import may
from touchstone.identity.directory import Directory, Holding
from touchstone.identity.queries import directory
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.process.sight import Sight, pools_of, sight_of, sight_of_customer
from touchstone.standard.queries import post_titles

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

Kind = Literal["staff", "customer", "nobody"]
CUSTOMER = "customer:"


@dataclass(frozen=True)
class Visitor:
    """One person at one request.

    Attributes:
        actor: person id, ``customer:<id>``, or empty.
        day: the institution's day.
    """

    kind: Kind
    actor: str
    name: Text
    day: dt.date
    directory: Directory

    @property
    def is_staff(self) -> bool:
        """Whether he works here today."""
        return self.kind == "staff"

    @property
    def is_customer(self) -> bool:
        """Whether he is a customer."""
        return self.kind == "customer"

    @property
    def customer(self) -> str:
        """The customer's id."""
        assert self.is_customer, "only a customer has a customer's id"
        return self.actor.removeprefix(CUSTOMER)

    @cached_property
    def holdings(self) -> tuple[Holding, ...]:
        """The posts he holds today."""
        return self.directory.posts_of(self.actor, self.day) if self.is_staff else ()

    @property
    def posts_held(self) -> tuple[Text, ...]:
        """Each post with its unit, in words; the same post twice is said once."""
        posts = post_titles()
        lines = {}
        for holding in self.holdings:
            post = posts.get(holding.post, Text(holding.post, holding.post))
            unit = self.directory.units[holding.unit].name
            lines[holding.unit, holding.post] = Text(f"{unit.zh}{post.zh}", f"{post.en}, {unit.en}")
        return tuple(lines.values())

    @cached_property
    def pools(self) -> tuple[str, ...]:
        """Pools whose tasks he may take."""
        return pools_of(self.directory, self.actor, self.day) if self.is_staff else ()

    @cached_property
    def sight(self) -> Sight:
        """Which cases he may read."""
        if self.is_customer:
            return sight_of_customer(self.customer)
        return sight_of(self.directory, self.actor, self.day)

    def may(self, act: str, unit: str | None = None) -> bool:
        """Whether his posts permit an act or a read of ``identity.authority``."""
        return self.is_staff and may(self.directory, self.actor, act, self.day, unit=unit)

    def require(self, act: str, unit: str | None = None) -> None:
        """Return when he may.

        Raises:
            Refusal: ``web.not_permitted``.
        """
        if not self.may(act, unit):
            raise refuse(
                "web.not_permitted",
                "您的岗位无权查看此页面",
                "Your posts do not let you see this page",
                remedy_zh="如确有需要，请联系安全管理员调整岗位权限",
                remedy_en="If you need it, ask the security administrator about your posts",
            )


def visitor_of(user: AbstractBaseUser | AnonymousUser, day: dt.date) -> Visitor:
    """The visitor behind a log-in; one who has left, or was never here, is nobody."""
    current = directory()
    name = user.get_username() if user.is_authenticated else ""
    if name.startswith(CUSTOMER):
        return Visitor("customer", name, Text("客户", "Customer"), day, current)
    if name and current.is_here(name, day):
        return Visitor("staff", name, current.persons[name].name, day, current)
    return Visitor("nobody", "", Text("", ""), day, current)
