"""Who calls: a person of the directory behind a token, within his posts and the token's scopes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.identity.tokens import TokenView, asked_in_minute, recognise
from touchstone.journal.projections import Values
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import SystemClock, day_of
from touchstone.process.queries import case_row, is_named_in
from touchstone.process.sight import Sight, pools_of, sight_of


@dataclass(frozen=True)
class Caller:
    """One request's person."""

    token: TokenView
    now: dt.datetime
    directory: Directory

    @property
    def person(self) -> str:
        """His id."""
        return self.token.person

    @property
    def day(self) -> dt.date:
        """The institution's day."""
        return day_of(self.now)

    @cached_property
    def sight(self) -> Sight:
        """Which cases he may read."""
        return sight_of(self.directory, self.person, self.day)

    @cached_property
    def pools(self) -> tuple[str, ...]:
        """Pools whose tasks he may take."""
        return pools_of(self.directory, self.person, self.day)

    def require(self, act: str) -> None:
        """Return when his posts permit an act or a read.

        Raises:
            Refusal: ``identity.not_permitted``.
        """
        require(self.directory, self.person, act, self.day)

    def case(self, identity: str) -> Values:
        """The row of a case that he may read; any other does not exist for him.

        Raises:
            Refusal: ``api.not_found``.
        """
        row = case_row(identity)
        if row is None or not (
            self.sight.shows(row["procedure"], row["unit"], row["customer"], row["actors"])
            or is_named_in(identity, self.person)
        ):
            raise not_found()
        return row


class Token(HttpBearer):
    """A personal access token in the header ``Authorization: Bearer …`` with one of the scopes."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller behind the token; None: nobody known.

        Raises:
            Refusal: ``api.scope_needed``, ``api.too_many_requests``.
        """
        now = SystemClock().now()
        current = directory()
        found = recognise(token, now)
        if found is None or not current.is_here(found.person, day_of(now)):
            return None
        _count(found.id, now)
        if self.scope not in found.scopes:
            raise refuse(
                "api.scope_needed",
                f"令牌没有权限范围 {self.scope}",
                f"The token does not hold the scope {self.scope}",
                remedy_zh="请使用含该权限范围的令牌",
                remedy_en="Use a token that holds it",
            )
        return Caller(found, now, current)


def needs(scope: str) -> dict[str, Any]:
    """What an endpoint says of itself: the scope it asks for, enforced and in the document."""
    return {"auth": Token(scope), "openapi_extra": {"x-scope": scope}}


def caller_of(request: HttpRequest) -> Caller:
    """The caller of an endpoint that needs a token."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]


def not_found() -> Refusal:
    """The same answer for what does not exist and for what somebody may not know of."""
    return refuse(
        "api.not_found",
        "没有找到",
        "Not found",
        remedy_zh="请核对编号",
        remedy_en="Check the id",
    )


def _count(token: str, now: dt.datetime) -> None:
    """Count the request against the token's minute."""
    if asked_in_minute(token, now) > settings.API_REQUESTS_A_MINUTE:
        raise refuse(
            "api.too_many_requests",
            "请求过于频繁",
            "Too many requests",
            remedy_zh="请一分钟后重试",
            remedy_en="Try again in a minute",
        )
