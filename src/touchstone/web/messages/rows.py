"""Messages in words: letter, reader, way, state, and everything that happened to one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.journal.reading import stream_rows
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.queries import case_rows
from touchstone.service.folds import message_stream
from touchstone.service.queries import MessageView
from touchstone.web.journal.wording import kind_title
from touchstone.web.naming import Naming
from touchstone.web.visitor import Visitor

CHANNELS = {
    "print": Text("打印", "Print"),
    "smtp": Text("邮件", "Mail"),
    "http": Text("短信网关", "Message gateway"),
}
HOW = {
    "handed_over": Text("当面交付", "Handed over"),
    "posted": Text("邮寄", "Posted"),
    "confirmed": Text("收件人确认", "Confirmed by the reader"),
    "receipt": Text("网关回执", "Receipt of the gateway"),
}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of a list; ``number`` is its case's, where the visitor may read that."""

    message: MessageView
    letter: Text
    reader: Text
    channel: Text
    number: str | None
    unit: Text


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a message."""

    at: dt.datetime
    title: Text
    actor: Text
    channel: Text | None
    how: Text | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the visitor may do with a message; the act itself decides again."""

    read_text: bool
    hand_over: bool
    confirm: bool
    requeue: bool


def message_rows(found: Iterable[MessageView], visitor: Visitor) -> tuple[MessageRow, ...]:
    """Rows in the order given; one query finds all their cases."""
    found, naming = tuple(found), Naming(visitor.directory)
    cases = case_rows({item.case for item in found if item.case})
    rows = []
    for item in found:
        case = cases.get(item.case or "")
        shown = case and visitor.sight.shows(
            case["procedure"], case["unit"], case["customer"], case["actors"]
        )
        rows.append(
            MessageRow(
                item,
                letter_title(item),
                reader_of(item, naming),
                CHANNELS.get(item.channel, Text(item.channel, item.channel)),
                case["number"] if case and shown else None,
                naming.unit(item.unit) if item.unit else Text("—", "—"),
            )
        )
    return tuple(rows)


def letter_title(message: MessageView) -> Text:
    """The letter's title in the version of the standard that it was written by."""
    found = catalogue(message.content).get("letter", message.letter)
    return Text.from_mapping(found.data["title"]) if found else Text(message.letter, message.letter)


def letter_titles() -> tuple[tuple[str, Text], ...]:
    """Every letter of the standard in force, by id."""
    known = catalogue().objects("letter")
    return tuple((name, Text.from_mapping(known[name].data["title"])) for name in sorted(known))


def reader_of(message: MessageView, naming: Naming) -> Text:
    """Who it goes to: staff by name, customers by id only."""
    kind, _, identity = message.recipient.partition(":")
    if kind == "person":
        return naming.person(identity)
    if kind == "customer":
        return Text(f"客户 {identity}", f"Customer {identity}")
    return Text(message.recipient, message.recipient)


def happened(message: MessageView, naming: Naming) -> tuple[Happened, ...]:
    """Everything that happened to a message, the newest first."""
    found = []
    for row in stream_rows(message_stream(message.id)):
        for fact in row.recorded():
            channel, how = fact.data.get("channel"), fact.data.get("how")
            found.append(
                Happened(
                    from_microseconds(row.recorded_at),
                    kind_title(fact.kind),
                    naming.person(row.actor),
                    CHANNELS.get(str(channel)) if channel else None,
                    HOW.get(str(how)) if how else None,
                    fact.data.get("code"),
                )
            )
    return tuple(reversed(found))


def allowed(message: MessageView, visitor: Visitor) -> Allowed:
    """By posts and state."""
    hands = visitor.may("service.hand_over", message.unit)
    on_paper = message.state in ("waiting", "failed")
    return Allowed(
        read_text=hands and message.has_text,
        hand_over=hands and on_paper,
        confirm=hands and message.state == "sent" and message.has_text,
        requeue=message.state == "failed"
        and message.has_text
        and visitor.may("service.requeue", message.unit),
    )


def print_units(visitor: Visitor) -> frozenset[str]:
    """Units whose letters the visitor prints and hands over."""
    return frozenset(
        unit for unit in visitor.directory.units if visitor.may("service.hand_over", unit)
    )
