"""Verification: names the first link that does not hold.

A walk goes a stretch at a time and can be put down and taken up again, so that a page may show how far
it is. Rows written to streams behind it are left to the next walk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import connection

from touchstone.journal.checkpoint import (
    Heads,
    checkpoints,
    heads_moved,
    root_of,
    trusted_key,
)
from touchstone.journal.reading import COLUMNS, EventRow, decode_facts, to_row
from touchstone.kernel.chain import GENESIS, link

Progress = Callable[[int], None]
_STEP = 5000


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain first fails: stream, position (0: the whole stream) and why."""

    stream: str
    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the whole journal."""

    events: int
    streams: int
    checkpoints: int
    first_broken: Broken | None

    @property
    def ok(self) -> bool:
        """Whether every link holds."""
        return self.first_broken is None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk has come.

    Attributes:
        stream, position, hash: the last row looked at; the hash in hexadecimal.
        checkpoints: the last checkpoint when it began; later ones are left to the next walk.
    """

    events: int = 0
    streams: int = 0
    checkpoints: int = 0
    stream: str = ""
    position: int = 0
    hash: str = ""
    broken: Broken | None = None
    is_done: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data to put it down with."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Walk:
        """Take up again what ``as_dict`` put down."""
        broken = data["broken"]
        return cls(**{**data, "broken": Broken(**broken) if broken else None})


def verify(progress: Progress | None = None) -> Verification:
    """Walk every stream and every checkpoint; name the first link that does not hold."""
    walk = begin_walk()
    while not walk.is_done:
        walk = go_on(walk, _STEP)
        if progress:
            progress(walk.events)
    return Verification(walk.events, walk.streams, walk.checkpoints, walk.broken)


def begin_walk() -> Walk:
    """Look at the checkpoints, and stand before the first row."""
    found = checkpoints()
    heads: Heads = {}
    previous = GENESIS
    # Who holds the database alone could sign everything anew: the key that counts lies outside it.
    key = trusted_key() or (found[0].public_key if found else b"")
    moved = heads_moved()
    broken: Broken | None = None
    for expected, row in enumerate(found, start=1):
        heads.update(moved.get(row.number, {}))
        reason = None
        if row.number != expected or row.previous != previous:
            reason = "the chain of checkpoints is broken"
        elif row.public_key != key or not row.is_signed_by(key):
            reason = "the signature does not hold"
        elif row.streams != len(heads) or root_of(heads) != row.root:
            reason = "its stream heads do not give its root"
        if reason:
            broken = Broken(f"checkpoint:{row.number}", row.number, reason)
            break
        previous = row.root
    return Walk(checkpoints=len(found), broken=broken)


def go_on(walk: Walk, most: int) -> Walk:
    """Look at the next ``most`` rows; after the last, at what the checkpoints say should be there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM journal_event WHERE (stream, position) > (%s, %s)"
            " ORDER BY stream, position LIMIT %s",
            (walk.stream, walk.position, most),
        )
        rows = [to_row(stored) for stored in cursor.fetchall()]
    if not rows:
        return replace(walk, is_done=True, broken=walk.broken or _first_gone(walk.checkpoints))
    signed = _signed_between(rows[0].stream, rows[-1].stream, walk.checkpoints)
    stream, position = walk.stream, walk.position
    previous = bytes.fromhex(walk.hash) if walk.hash else GENESIS
    streams, broken = walk.streams, walk.broken
    for row in rows:
        if row.stream != stream:
            stream, position, previous = row.stream, 0, GENESIS
            streams += 1
        position += 1
        if broken is None:
            broken = _check_row(row, position, previous, signed)
        position, previous = row.position, row.hash
    return replace(
        walk,
        events=walk.events + len(rows),
        streams=streams,
        stream=stream,
        position=position,
        hash=previous.hex(),
        broken=broken,
    )


def _signed_between(first: str, last: str, checkpoint: int) -> dict[tuple[str, int], bytes]:
    """(stream, position) -> the hash that a checkpoint signed there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream, position, hash FROM journal_checkpoint_head"
            " WHERE stream >= %s AND stream <= %s AND number <= %s",
            (first, last, checkpoint),
        )
        return {(stream, position): bytes(hash) for stream, position, hash in cursor.fetchall()}


def _first_gone(checkpoint: int) -> Broken | None:
    """The first row that a checkpoint signed and that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.stream, h.position FROM journal_checkpoint_head h WHERE h.number <= %s"
            " AND NOT EXISTS (SELECT 1 FROM journal_event e WHERE e.stream = h.stream"
            " AND e.position = h.position) ORDER BY h.stream, h.position LIMIT 1",
            (checkpoint,),
        )
        found = cursor.fetchone()
    if found is None:
        return None
    return Broken(found[0], found[1], "a row that a checkpoint covers is gone: the tail was cut")


def _check_row(
    row: EventRow, expected: int, previous: bytes, signed: Mapping[tuple[str, int], bytes]
) -> Broken | None:
    if row.position != expected:
        return Broken(row.stream, expected, "a row is missing or out of order")
    if link(previous, row.hashed_text) != row.hash:
        return Broken(row.stream, row.position, "the row does not match its hash")
    if not _is_readable(row.payload):
        return Broken(row.stream, row.position, "the payload is not canonical text of facts")
    if signed.get((row.stream, row.position), row.hash) != row.hash:
        return Broken(row.stream, row.position, "the hash is not the one a checkpoint signed")
    return None


def _is_readable(payload: str) -> bool:
    try:
        decode_facts(payload)
    except (ValueError, KeyError, TypeError):
        return False
    return True
