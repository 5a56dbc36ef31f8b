"""How facts of messages, addresses and subscriptions become rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

_QUEUED = (
    "purpose",
    "letter",
    "sha256",
    "content",
    "recipient",
    "language",
    "channel",
    "address",
    "masked",
    "body",
    "case_id",
    "element",
    "wait",
    "unit",
)


def message_stream(message: str) -> str:
    """The stream of a message."""
    return f"message:{message}"


def address_stream(recipient: str) -> str:
    """The stream of a reader's addresses."""
    return f"address:{recipient}"


def subscription_stream(subscription: str) -> str:
    """The stream of a subscription."""
    return f"subscription:{subscription}"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.stream.partition(":")[2],),)


def _queued(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    waits_for_a_person = data["channel"] == "print"
    return {
        "id": recorded.stream.partition(":")[2],
        **{name: data.get(name) for name in _QUEUED},
        "state": "waiting" if waits_for_a_person else "queued",
        "attempts": 0,
        "queued_at": recorded.occurred_at,
        "next_at": None if waits_for_a_person else recorded.recorded_at,
        "sent_at": None,
        "delivered_at": None,
        "failed_at": None,
        "problem": None,
        "reference": None,
    }


def _tried(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    data = recorded.data
    return {**row, "state": "sending", "attempts": data["attempt"], "next_at": data["until"]}


def _sent(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    data = recorded.data
    return {
        **row,
        "state": "sent",
        "sent_at": recorded.occurred_at,
        "next_at": data.get("arrives_at"),
        "reference": data.get("reference"),
        "problem": None,
    }


def _delivered(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {
        **row,
        "state": "delivered",
        "delivered_at": recorded.data["at"],
        "next_at": None,
        "problem": None,
    }


def _failed(row: Values | None, recorded: Recorded) -> Values:
    """Tried again at ``retry_at``; without one it is a dead letter."""
    assert row is not None
    data = recorded.data
    retry_at = data.get("retry_at")
    return {
        **row,
        "state": "failed" if retry_at is None else "queued",
        "failed_at": recorded.occurred_at,
        "next_at": retry_at,
        "problem": data["code"],
    }


def _requeued(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    data = recorded.data
    by_hand = data["channel"] == "print"
    return {
        **row,
        "state": "waiting" if by_hand else "queued",
        "channel": data["channel"],
        "address": data.get("address"),
        "masked": data.get("masked"),
        "attempts": 0,
        "next_at": None if by_hand else recorded.recorded_at,
    }


MESSAGES = Projection(
    "service_message",
    ("id",),
    {
        "id": "text",
        "purpose": "text",
        "letter": "text",
        "sha256": "text",
        "content": "int",
        "recipient": "text",
        "language": "text",
        "channel": "text",
        "address": "text",
        "masked": "text",
        "body": "text",
        "case_id": "text",
        "element": "text",
        "wait": "text",
        "unit": "text",
        "state": "text",
        "attempts": "int",
        "queued_at": "int",
        "next_at": "int",
        "sent_at": "int",
        "delivered_at": "int",
        "failed_at": "int",
        "problem": "text",
        "reference": "text",
    },
    {
        "service.message_queued": (_key, _queued),
        "service.message_tried": (_key, _tried),
        "service.message_sent": (_key, _sent),
        "service.message_delivered": (_key, _delivered),
        "service.message_failed": (_key, _failed),
        "service.message_requeued": (_key, _requeued),
    },
)


def _address_key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.stream.partition(":")[2], recorded.data["channel"]),)


def _address_set(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "recipient": recorded.stream.partition(":")[2],
        "channel": data["channel"],
        "address": data["address"],
        "masked": data["masked"],
        "language": data["language"],
        "set_at": recorded.recorded_at,
    }


def _address_removed(row: Values | None, recorded: Recorded) -> None:
    return None


ADDRESSES = Projection(
    "service_address",
    ("recipient", "channel"),
    {
        "recipient": "text",
        "channel": "text",
        "address": "text",
        "masked": "text",
        "language": "text",
        "set_at": "int",
    },
    {
        "service.address_set": (_address_key, _address_set),
        "service.address_removed": (_address_key, _address_removed),
    },
)


def _subscribed(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": recorded.stream.partition(":")[2],
        "url": data["url"],
        "kinds": list(data["kinds"]),
        "secret": data["secret"],
        "state": "active",
        "subscribed_by": recorded.actor,
        "subscribed_at": recorded.occurred_at,
        "problem": None,
    }


def _switched(state: str) -> Any:
    def fold(row: Values | None, recorded: Recorded) -> Values:
        assert row is not None
        return {**row, "state": state, "problem": recorded.data.get("code")}

    return fold


SUBSCRIPTIONS = Projection(
    "service_subscription",
    ("id",),
    {
        "id": "text",
        "url": "text",
        "kinds": "json",
        "secret": "text",
        "state": "text",
        "subscribed_by": "text",
        "subscribed_at": "int",
        "problem": "text",
    },
    {
        "service.subscribed": (_key, _subscribed),
        "service.subscription_switched_off": (_key, _switched("off")),
        "service.subscription_switched_on": (_key, _switched("active")),
        "service.unsubscribed": (_key, _switched("ended")),
    },
)
