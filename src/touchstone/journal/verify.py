"""Verification: names the first link that does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from touchstone.journal.checkpoint import (
    CheckpointRow,
    Heads,
    checkpoints,
    heads_moved,
    root_of,
    trusted_key,
)
from touchstone.journal.reading import EventRow, decode_facts, rows
from touchstone.kernel.chain import GENESIS, link

Progress = Callable[[int], None]


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


class _Heads:
    """Which hash each stream has at the positions that checkpoints name."""

    def __init__(self, wanted: dict[str, dict[int, bytes]]) -> None:
        self.wanted = wanted
        self.seen: dict[str, set[int]] = {}

    def check(self, stream: str, position: int, hash: bytes) -> bool:
        expected = self.wanted.get(stream, {}).get(position)
        if expected is None:
            return True
        self.seen.setdefault(stream, set()).add(position)
        return expected == hash

    def first_missing(self) -> Broken | None:
        for stream in sorted(self.wanted):
            missing = set(self.wanted[stream]) - self.seen.get(stream, set())
            if missing:
                return Broken(
                    stream, min(missing), "a row that a checkpoint covers is gone: the tail was cut"
                )
        return None


def _check_checkpoints(found: list[CheckpointRow]) -> tuple[Broken | None, _Heads]:
    wanted: dict[str, dict[int, bytes]] = {}
    heads: Heads = {}
    previous = GENESIS
    # Who holds the database alone could sign everything anew: the key that counts lies outside it.
    key = trusted_key() or (found[0].public_key if found else b"")
    moved = heads_moved()
    for expected, row in enumerate(found, start=1):
        heads.update(moved.get(row.number, {}))
        name = f"checkpoint:{row.number}"
        if row.number != expected or row.previous != previous:
            return Broken(name, row.number, "the chain of checkpoints is broken"), _Heads({})
        if row.public_key != key or not row.is_signed_by(key):
            return Broken(name, row.number, "the signature does not hold"), _Heads({})
        if row.streams != len(heads) or root_of(heads) != row.root:
            return Broken(name, row.number, "its stream heads do not give its root"), _Heads({})
        for stream, (position, hash) in moved.get(row.number, {}).items():
            wanted.setdefault(stream, {})[position] = hash
        previous = row.root
    return None, _Heads(wanted)


def verify(progress: Progress | None = None) -> Verification:
    """Walk every stream and every checkpoint; stop at the first link that does not hold."""
    found = checkpoints()
    broken, heads = _check_checkpoints(found)
    events = streams = 0
    stream: str | None = None
    position, previous = 0, GENESIS
    for row in rows():
        if row.stream != stream:
            stream, position, previous = row.stream, 0, GENESIS
            streams += 1
        events += 1
        position += 1
        if broken is None:
            broken = _check_row(row, position, previous, heads)
        previous = row.hash
        if progress and events % 5000 == 0:
            progress(events)
    return Verification(events, streams, len(found), broken or heads.first_missing())


def _check_row(row: EventRow, expected: int, previous: bytes, heads: _Heads) -> Broken | None:
    if row.position != expected:
        return Broken(row.stream, expected, "a row is missing or out of order")
    if link(previous, row.hashed_text) != row.hash:
        return Broken(row.stream, row.position, "the row does not match its hash")
    if not _is_readable(row.payload):
        return Broken(row.stream, row.position, "the payload is not canonical text of facts")
    if not heads.check(row.stream, row.position, row.hash):
        return Broken(row.stream, row.position, "the hash is not the one a checkpoint signed")
    return None


def _is_readable(payload: str) -> bool:
    try:
        decode_facts(payload)
    except (ValueError, KeyError, TypeError):
        return False
    return True
