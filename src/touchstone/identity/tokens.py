"""Personal access tokens: issued, revoked, recognised. A token acts as its person and never beyond him.

The secret is shown once. Its digest stands in a table that no event fills: the journal says who holds
which token, for what and until when, and nothing that could be used in its place.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection

from touchstone.identity.authority import require
from touchstone.identity.folds import TOKENS
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of, from_microseconds, to_microseconds

SCOPES = {
    "cases:read": Text("查看业务", "Read cases"),
    "cases:write": Text("发起业务", "Start cases"),
    "tasks:write": Text("查看并办理任务", "See and do tasks"),
    "standard:read": Text("查看标准", "Read the standard"),
    "indicators:read": Text("查看指标", "Read indicators"),
    "journal:read": Text("查阅日志", "Read the journal"),
    "webhooks:write": Text("管理事件订阅", "Manage webhook subscriptions"),
    "people:write": Text("指定与终止代理", "Name and end deputies"),
}
DEFAULT_DAYS = 90
MOST_DAYS = 366
_SECRET_BYTES = 32
_WRITTEN = re.compile(r"tst_([0-9a-z]{16})_([0-9a-f]{64})")
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; ``secret`` is what its holder sends, shown this once."""

    id: str
    secret: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as people see it."""

    id: str
    person: str
    name: str
    scopes: frozenset[str]
    issued_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None

    def is_good(self, now: dt.datetime) -> bool:
        """Whether it neither ran out nor was revoked."""
        return self.revoked_at is None and now < self.expires_at


def issue_token(
    context: ActContext,
    person: str,
    scopes: Collection[str],
    *,
    name: str = "",
    days: int = DEFAULT_DAYS,
) -> Issued:
    """Issue a token that acts as ``person`` within ``scopes`` for ``days`` days.

    Raises:
        Refusal: ``identity.no_such_person``, ``identity.no_such_scope``, ``identity.bad_term``,
            ``identity.not_permitted``.
    """
    _check(scopes, days)

    def work(unit: UnitOfWork) -> Issued:
        day = day_of(unit.now)
        if context.actor != person:
            require(directory(), context.actor, "identity.issue_token", day)
        if not directory().is_here(person, day):
            raise refuse("identity.no_such_person", "没有这个人员", "There is no such person")
        identity = new_id(context.chance)
        secret = context.chance.token_bytes(_SECRET_BYTES).hex()
        expires = unit.now + dt.timedelta(days=days)
        data = {
            "token": identity,
            "person": person,
            "name": name.strip()[:100],
            "scopes": sorted(set(scopes)),
            "expires_at": to_microseconds(expires),
        }
        fact = Fact("identity.token_issued", data, (ObjectRef("person", person),))
        unit.record(_stream(identity), fact)
        unit.execute(
            "INSERT INTO identity_token_secret (id, sha256, last_used_at) VALUES (%s, %s, NULL)",
            (identity, _digest(secret)),
        )
        return Issued(identity, f"tst_{identity}_{secret}", expires)

    return perform("identity.issue_token", context, work)


def revoke_token(context: ActContext, token: str) -> None:
    """End a token at once; one's own, or anybody's by an administrator.

    Raises:
        Refusal: ``identity.no_such_token``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        unit.head(_stream(token))
        row = unit.row(TOKENS.table, (token,))
        if row is None or row["revoked_at"] is not None:
            raise refuse(
                "identity.no_such_token",
                "没有这个令牌，或已吊销",
                "There is no such token, or it is revoked already",
            )
        if row["person"] != context.actor:
            require(directory(), context.actor, "identity.revoke_token", day_of(unit.now))
        fact = Fact(
            "identity.token_revoked",
            {"token": token, "person": row["person"]},
            (ObjectRef("person", row["person"]),),
        )
        unit.record(_stream(token), fact)
        unit.execute("DELETE FROM identity_token_secret WHERE id = %s", (token,))

    perform("identity.revoke_token", context, work)


def recognise(written: str, now: dt.datetime) -> TokenView | None:
    """The good token that somebody sent; None for any other. Notes its use at most once a minute."""
    parts = _WRITTEN.fullmatch(written)
    if parts is None:
        return None
    identity, secret = parts.groups()
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE t.id = %s", (identity,))
        found = cursor.fetchone()
    if found is None or not hmac.compare_digest(str(found[-2] or ""), _digest(secret)):
        return None
    token = _view(found)
    if not token.is_good(now):
        return None
    now_us, used = to_microseconds(now), found[-1]
    if used is None or used <= now_us - _MINUTE:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE identity_token_secret SET last_used_at = %s WHERE id = %s",
                (now_us, identity),
            )
    return token


def asked_in_minute(token: str, now: dt.datetime) -> int:
    """Count one request of a token; how many it has made in this minute, this one included.

    One statement, so that of requests that come together each gets a number of its own.
    """
    minute = to_microseconds(now) // _MINUTE
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, (minute, minute, token))
        found = cursor.fetchone()
    return int(found[0]) if found else 1


def tokens_of(person: str) -> tuple[TokenView, ...]:
    """Every token that was issued to a person, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE t.person = %s ORDER BY t.issued_at DESC, t.id", (person,))
        return tuple(_view(row) for row in cursor.fetchall())


_COUNT = (
    "UPDATE identity_token_secret SET asked = CASE WHEN minute = %s THEN asked + 1 ELSE 1 END,"
    " minute = %s WHERE id = %s RETURNING asked"
)
_SELECT = (
    f"SELECT {', '.join(f't.{name}' for name in TOKENS.columns)}, s.sha256, s.last_used_at"
    " FROM identity_token t LEFT JOIN identity_token_secret s ON s.id = t.id"
)


def _view(stored: tuple[object, ...]) -> TokenView:
    row: Values = TOKENS.decode(stored[:-2])
    used = stored[-1]
    return TokenView(
        row["id"],
        row["person"],
        row["name"],
        frozenset(row["scopes"]),
        from_microseconds(row["issued_at"]),
        from_microseconds(row["expires_at"]),
        None if row["revoked_at"] is None else from_microseconds(row["revoked_at"]),
        from_microseconds(used) if isinstance(used, int) else None,
    )


def _check(scopes: Collection[str], days: int) -> None:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        raise _no_such_scope(unknown)
    if not 1 <= days <= MOST_DAYS:
        raise refuse(
            "identity.bad_term",
            f"令牌有效期应为 1 至 {MOST_DAYS} 天",
            f"A token lasts from 1 to {MOST_DAYS} days",
        )


def _no_such_scope(unknown: list[str]) -> Refusal:
    return refuse(
        "identity.no_such_scope",
        f"没有这些权限范围：{'、'.join(unknown) or '(空)'}",
        f"There are no such scopes: {', '.join(unknown) or '(none named)'}",
        remedy_zh=f"可用范围：{'、'.join(SCOPES)}",
        remedy_en=f"Scopes are {', '.join(SCOPES)}",
    )


def _digest(secret: str) -> str:
    # 256 bits of chance need no slow hash: there is nothing to guess.
    return sha256(secret.encode()).hexdigest()


def _stream(token: str) -> str:
    return f"token:{token}"
