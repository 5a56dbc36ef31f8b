"""What the API's answers are made of everywhere: texts, instants, pages, receipts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from touchstone.journal.reading import EventRow
from touchstone.kernel.canonical import decimal_of
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{1,128}$")]


class Strict(Schema):
    """What a caller sends: exactly these fields, of exactly these kinds."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Words(Schema):
    """One statement in both languages."""

    zh: str = Field(description="中文")
    en: str = Field(description="English")


class Money(Schema):
    """An amount: never a floating-point number."""

    amount: str = Field(description="Decimal text, in units of the currency", examples=["1200.00"])
    currency: str = Field(description="ISO 4217", examples=["CNY"])


class Receipt(Schema):
    """Where the journal recorded an act; the hash proves it later."""

    stream: str
    position: int
    recorded_at: dt.datetime
    hash: str = Field(description="Hash of the event's row in its chain, hexadecimal")


class Done(Schema):
    """The answer to an act; the same key gets the same answer."""

    case: str = Field(description="Id of the case")
    receipt: Receipt | None = Field(description="null where there was nothing to change")


class Problem(Schema):
    """A refusal, by RFC 9457."""

    type: str
    title: str = Field(description="What was refused and why, by Accept-Language")
    status: int
    code: str = Field(description="Stable name of the refusal")
    clause: str | None = Field(description="The clause that demands it")
    remedy: str | None = Field(description="What can be done now")
    errors: list[dict[str, str]] | None = Field(
        default=None, description="Where the request is not as described"
    )


def said(text: Text) -> Words:
    """A text as the API gives it."""
    return Words(zh=text.zh, en=text.en)


def at(microseconds: int | None) -> dt.datetime | None:
    """An instant as the API gives it: with its zone."""
    return None if microseconds is None else from_microseconds(microseconds)


def number(value: Decimal | None) -> str | None:
    """A number as text, without an exponent."""
    return None if value is None else format(value, "f")


def money(value: object) -> Money | None:
    """A case's amount, kept in yuan, as money; None where it has none."""
    found = decimal_of(value)
    return None if found is None else Money(amount=format(found, "f"), currency="CNY")


def receipt_of(row: EventRow | None) -> Receipt | None:
    """The receipt of what a request recorded."""
    if row is None:
        return None
    return Receipt(
        stream=row.stream,
        position=row.position,
        recorded_at=from_microseconds(row.recorded_at),
        hash=row.hash.hex(),
    )
