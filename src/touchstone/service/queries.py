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
        has_text: whether there is anything to print.
    """

    id: str
    purpose: str
    letter: str
    sha256: str
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


def recent_messages(*, state: State | None = None, limit: int = 50) -> tuple[MessageView, ...]:
    """The latest messages, of one state where it is named."""
    where, params = ("WHERE state = %s", [state]) if state else ("", [])
    return _messages(f"{where} ORDER BY queued_at DESC, id DESC LIMIT %s", [*params, limit])


def messages_of_case(case: str) -> tuple[MessageView, ...]:
    """Every message of a case, the earliest first."""
    return _messages("WHERE case_id = %s ORDER BY queued_at, id", [case])


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
