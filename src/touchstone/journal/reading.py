"""Rows of the journal as values, and the text that each hash covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from touchstone.journal.session import read_committed
from touchstone.kernel.canonical import text_of_checked, without_floats
from touchstone.kernel.facts import Fact, ObjectRef, Recorded

COLUMNS = (
    "id, xid, stream, position, act, actor, on_behalf_of, occurred_at, recorded_at, key, payload,"
    " hash"
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One stored row of ``journal_event``; instants in microseconds since the epoch."""

    id: int
    xid: int
    stream: str
    position: int
    act: str
    actor: str
    on_behalf_of: str | None
    occurred_at: int
    recorded_at: int
    key: str | None
    payload: str
    hash: bytes

    @property
    def hashed_text(self) -> str:
        """The text that the row's hash covers."""
        return hashed_text(
            self.stream,
            self.position,
            self.act,
            self.actor,
            self.on_behalf_of,
            self.occurred_at,
            self.recorded_at,
            self.key,
            self.payload,
        )

    def recorded(self) -> Iterator[Recorded]:
        """The row's facts, each with its place."""
        for index, fact in enumerate(decode_facts(self.payload)):
            yield Recorded(
                self.stream,
                self.position,
                index,
                self.act,
                self.actor,
                self.on_behalf_of,
                self.occurred_at,
                self.recorded_at,
                fact.kind,
                fact.data,
                fact.objects,
                fact.version,
            )


def hashed_text(
    stream: str,
    position: int,
    act: str,
    actor: str,
    on_behalf_of: str | None,
    occurred_at: int,
    recorded_at: int,
    key: str | None,
    payload: str,
) -> str:
    """Canonical text of a row: a line of header, then the payload as stored."""
    header = text_of_checked(
        [stream, position, act, actor, on_behalf_of, occurred_at, recorded_at, key]
    )
    return f"{header}\n{payload}"


def encode_facts(facts: Sequence[Fact]) -> str:
    """The payload of a row: ``{"facts": […]}`` with empty parts left out."""
    items: list[dict[str, Any]] = []
    for kind, data, objects, version in facts:
        # Kind, version and objects are text and numbers by their types; data is what acts put in.
        without_floats(data)
        item: dict[str, Any] = {"kind": kind, "data": data}
        if version != 1:
            item["version"] = version
        if objects:
            item["objects"] = [[*ref] if ref[2] else ref[:2] for ref in objects]
        items.append(item)
    return text_of_checked({"facts": items})


def decode_facts(payload: str) -> tuple[Fact, ...]:
    """The facts of a stored payload.

    Raises:
        ValueError, KeyError, TypeError: the payload is not one of ours (tampered).
    """
    return tuple(
        Fact(
            kind=item["kind"],
            data=item["data"],
            objects=tuple(ObjectRef(*ref) for ref in item.get("objects", ())),
            version=item.get("version", 1),
        )
        for item in orjson.loads(payload)["facts"]
    )


def to_row(stored: Sequence[Any]) -> EventRow:
    """A row of ``COLUMNS`` as a value."""
    columns = list(stored)
    columns[-1] = bytes(columns[-1])
    return EventRow(*columns)


def rows(
    where: str = "", params: Sequence[Any] = (), order: str = "stream, position"
) -> Iterator[EventRow]:
    """Stored rows in ``order``; by default stream by stream."""
    condition = f" WHERE {where}" if where else ""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM journal_event{condition} ORDER BY {order}",
            params,
        )
        while batch := cursor.fetchmany(2000):
            for stored in batch:
                yield to_row(stored)


def stream_rows(stream: str, after: int = 0) -> Iterator[EventRow]:
    """The rows of one stream beyond position ``after``."""
    return rows("stream = %s AND position > %s", (stream, after))


def head_position(stream: str) -> int:
    """The position of the stream's last row, 0 when it has none."""
    found = read_committed("SELECT max(position) FROM journal_event WHERE stream = %s", (stream,))
    return int(found[0][0] or 0)


def row_with_key(key: str) -> EventRow | None:
    """The row that a request with this idempotency key wrote; None: none has."""
    return next(rows("key = %s", (key,)), None)
