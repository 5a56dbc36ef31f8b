"""Reads of messages, addresses and subscriptions; frozen values. Texts and addresses stay sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.kernel.time import from_microseconds
from touchstone.service.folds import ADDRESSES, MESSAGES, SUBSCRIPTIONS

State = Literal["waiting", "queued", "sending", "sent", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as people see it.

    Attributes:
        masked: what may be seen of the address.
        problem: code of the last failure.
        content: the version of the standard that holds the letter's wording.
        has_text: whether there is anything to print.
    """

    id: str
    purpose: str
    letter: str
    sha256: str
    content: int
    recipient: str
    channel: str
    masked: str | None
    case: str | None
    element: str | None
    unit: str | None
    state: State
    attempts: int
    queued_at: dt.datetime
    next_at: dt.datetime | None
    sent_at: dt.datetime | None
    delivered_at: dt.datetime | None
    failed_at: dt.datetime | None
    problem: str | None
    has_text: bool


@dataclass(frozen=True, slots=True)
class AddressView:
    """Where a reader is reached by one channel."""

    channel: str
    masked: str
    language: str


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscriber; ``pending`` is how many facts he is still to be told."""

    id: str
    url: str
    kinds: tuple[str, ...]
    state: str
    subscribed_by: str
    problem: str | None
    pending: int


@dataclass(frozen=True, slots=True)
class ToldView:
    """How one post to a subscriber went; ``code`` is why it failed."""

    kind: str
    fact: str
    attempt: int
    at: dt.datetime
    code: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages are asked for; None: any."""

    state: State | None = None
    channel: str | None = None
    letter: str | None = None
    unit: str | None = None
    case: str | None = None

    def condition(self) -> tuple[str, list[str]]:
        """The same as SQL over ``service_message``."""
        wanted = {
            "state": self.state,
            "channel": self.channel,
            "letter": self.letter,
            "unit": self.unit,
            "case_id": self.case,
        }
        named = {column: value for column, value in wanted.items() if value}
        terms = " AND ".join(f"{column} = %s" for column in named)
        return (f"WHERE {terms}" if terms else ""), list(named.values())


def read_messages(asked: Asked, *, offset: int = 0, limit: int = 50) -> tuple[MessageView, ...]:
    """One page of messages, the latest first."""
    where, params = asked.condition()
    order = "ORDER BY queued_at DESC, id DESC LIMIT %s OFFSET %s"
    return _messages(f"{where} {order}", [*params, limit, offset])


def count_messages(asked: Asked, *, most: int = 10_000) -> int:
    """How many there are; it stops counting at ``most``."""
    where, params = asked.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM service_message {where} LIMIT %s) m",
            [*params, most],
        )
        return int(cursor.fetchone()[0])


def message(identity: str) -> MessageView | None:
    """One message."""
    found = _messages("WHERE id = %s", [identity])
    return found[0] if found else None


def recent_messages(*, state: State | None = None, limit: int = 50) -> tuple[MessageView, ...]:
    """The latest messages, of one state where it is named."""
    where, params = ("WHERE state = %s", [state]) if state else ("", [])
    return _messages(f"{where} ORDER BY queued_at DESC, id DESC LIMIT %s", [*params, limit])


def messages_of_case(case: str) -> tuple[MessageView, ...]:
    """Every message of a case, the earliest first."""
    return _messages("WHERE case_id = %s ORDER BY queued_at, id", [case])


def letters_to(
    recipient: str, *, case: str | None = None, offset: int = 0, limit: int = 50
) -> tuple[MessageView, ...]:
    """Letters of cases to one reader, the latest first; of a case, with those that it called."""
    about, params = "", [recipient]
    if case is not None:
        about = " AND case_id IN (SELECT id FROM process_case WHERE id = %s OR caller_case = %s)"
        params += [case, case]
    return _messages(
        f"WHERE recipient = %s AND purpose = 'case'{about}"
        " ORDER BY queued_at DESC, id DESC LIMIT %s OFFSET %s",
        [*params, limit, offset],
    )


def print_list(
    units: Iterable[str], *, lists: bool = False, limit: int = 200
) -> tuple[MessageView, ...]:
    """Letters of ``units`` that wait to be handed over or posted, the oldest first.

    ``lists``: those of work instead, which belong to no unit's counter.
    """
    if lists:
        return _messages(
            "WHERE state = 'waiting' AND purpose <> 'case' ORDER BY queued_at, id LIMIT %s", [limit]
        )
    wanted = sorted(set(units))
    if not wanted:
        return ()
    marks = ", ".join(["%s"] * len(wanted))
    return _messages(
        f"WHERE state = 'waiting' AND unit IN ({marks}) AND purpose = 'case'"
        " ORDER BY queued_at, id LIMIT %s",
        [*wanted, limit],
    )


def message_counts() -> dict[str, int]:
    """State -> how many messages."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM service_message GROUP BY state ORDER BY state")
        return {state: int(count) for state, count in cursor.fetchall()}


def addresses_of(recipient: str) -> tuple[AddressView, ...]:
    """Where a reader is reached, the way set last first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{ADDRESSES.select} WHERE recipient = %s ORDER BY set_at DESC, channel", (recipient,)
        )
        rows = [ADDRESSES.decode(row) for row in cursor.fetchall()]
    return tuple(AddressView(row["channel"], row["masked"], row["language"]) for row in rows)


def subscriptions() -> tuple[SubscriptionView, ...]:
    """Every subscription that was not ended."""
    with connection.cursor() as cursor:
        cursor.execute(f"{SUBSCRIPTIONS.select} WHERE state <> 'ended' ORDER BY id")
        rows = [SUBSCRIPTIONS.decode(row) for row in cursor.fetchall()]
        cursor.execute("SELECT subscription, count(*) FROM service_post GROUP BY subscription")
        pending = {name: int(count) for name, count in cursor.fetchall()}
    return tuple(
        SubscriptionView(
            row["id"],
            row["url"],
            tuple(row["kinds"]),
            row["state"],
            row["subscribed_by"],
            row["problem"],
            pending.get(row["id"], 0),
        )
        for row in rows
    )


def last_told(subscriptions: Iterable[str]) -> dict[str, tuple[ToldView, ...]]:
    """The last posts to each of some subscribers, the latest first."""
    wanted = sorted(set(subscriptions))
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    found: dict[str, list[ToldView]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subscription, kind, fact, attempt, at, code FROM service_told"
            f" WHERE subscription IN ({marks}) ORDER BY at DESC, id",
            wanted,
        )
        for name, kind, fact, attempt, at, code in cursor.fetchall():
            view = ToldView(kind, fact, attempt, from_microseconds(at), code)
            found.setdefault(name, []).append(view)
    return {name: tuple(views) for name, views in found.items()}


def _messages(rest: str, params: Sequence[Any]) -> tuple[MessageView, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"{MESSAGES.select} {rest}", params)
        return tuple(_view(MESSAGES.decode(row)) for row in cursor.fetchall())


def _view(row: Values) -> MessageView:
    return MessageView(
        id=row["id"],
        purpose=row["purpose"],
        letter=row["letter"],
        sha256=row["sha256"],
        content=row["content"],
        recipient=row["recipient"],
        channel=row["channel"],
        masked=row["masked"],
        case=row["case_id"],
        element=row["element"],
        unit=row["unit"],
        state=row["state"],
        attempts=row["attempts"],
        queued_at=from_microseconds(row["queued_at"]),
        next_at=_instant(row["next_at"]),
        sent_at=_instant(row["sent_at"]),
        delivered_at=_instant(row["delivered_at"]),
        failed_at=_instant(row["failed_at"]),
        problem=row["problem"],
        has_text=row["body"] is not None,
    )


def _instant(value: int | None) -> dt.datetime | None:
    return None if value is None else from_microseconds(value)
