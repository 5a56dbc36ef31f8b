"""Checkpoints: a signed, chained Merkle root over all stream heads.

They lie outside the streams, so that a stream whose tail was cut is found. Whoever holds both the
database and the signing key can rewrite what came after the last checkpoint handed outside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection

from touchstone.journal.reading import EventRow, rows
from touchstone.journal.session import Statement, open_session
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.chain import GENESIS, merkle_root
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import Clock, from_microseconds, to_microseconds

_KEY_FILE = "checkpoint-ed25519"
Heads = dict[str, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A stored checkpoint."""

    number: int
    taken_at: int
    streams: int
    root: bytes
    previous: bytes
    public_key: bytes
    signature: bytes

    @property
    def signed_text(self) -> bytes:
        """What the signature covers."""
        return canonical_text(
            [self.number, self.taken_at, self.streams, self.root.hex(), self.previous.hex()]
        ).encode()

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the signature is that of ``public_key`` (32 raw bytes)."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.signed_text)
        except (InvalidSignature, ValueError):
            return False
        return True


def signing_key() -> Ed25519PrivateKey:
    """The institution's signing key, made on first use and kept outside the database."""
    path = Path(settings.KEYS) / _KEY_FILE
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(SystemChance().token_bytes(32))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def trusted_key() -> bytes | None:
    """The institution's public key as kept outside the database; None where no key was made here."""
    path = Path(settings.KEYS) / _KEY_FILE
    return public_key_bytes(signing_key()) if path.exists() else None


def public_key_bytes(key: Ed25519PrivateKey) -> bytes:
    """The public half, 32 raw bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def leaf(stream: str, position: int, hash: bytes) -> bytes:
    """A head as a leaf of the Merkle tree."""
    return canonical_text([stream, position, hash.hex()]).encode()


def root_of(heads: Heads) -> bytes:
    """The Merkle root over ``heads`` in order of stream name."""
    return merkle_root(leaf(name, *heads[name]) for name in sorted(heads))


def current_heads() -> Heads:
    """The end of every stream."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.stream, e.position, e.hash FROM journal_event e JOIN (SELECT stream,"
            " max(position) AS position FROM journal_event GROUP BY stream) h"
            " ON h.stream = e.stream AND h.position = e.position"
        )
        return {stream: (position, bytes(hash)) for stream, position, hash in cursor.fetchall()}


CHECKPOINT_COLUMNS = "number, taken_at, streams, root, previous, public_key, signature"


def to_checkpoint(stored: Sequence[Any]) -> CheckpointRow:
    """A row of ``CHECKPOINT_COLUMNS`` as a value."""
    return CheckpointRow(stored[0], stored[1], stored[2], *(bytes(item) for item in stored[3:]))


def checkpoints() -> list[CheckpointRow]:
    """Every checkpoint in order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CHECKPOINT_COLUMNS} FROM journal_checkpoint ORDER BY number")
        return [to_checkpoint(row) for row in cursor.fetchall()]


def last_checkpoints(most: int) -> list[CheckpointRow]:
    """The latest checkpoints, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {CHECKPOINT_COLUMNS} FROM journal_checkpoint ORDER BY number DESC LIMIT %s",
            (most,),
        )
        return [to_checkpoint(row) for row in cursor.fetchall()]


def last_taken_at() -> dt.datetime | None:
    """When the last checkpoint was taken; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT taken_at FROM journal_checkpoint ORDER BY number DESC LIMIT 1")
        found = cursor.fetchone()
    return from_microseconds(found[0]) if found else None


def heads_moved(until: int | None = None) -> dict[int, Heads]:
    """Per checkpoint, up to ``until``, the heads that moved since the one before it."""
    moved: dict[int, Heads] = {}
    with connection.cursor() as cursor:
        limit = "" if until is None else " WHERE number <= %s"
        cursor.execute(
            f"SELECT number, stream, position, hash FROM journal_checkpoint_head{limit}",
            () if until is None else (until,),
        )
        for number, stream, position, hash in cursor.fetchall():
            moved.setdefault(number, {})[stream] = (position, bytes(hash))
    return moved


def heads_at(number: int) -> Heads:
    """The heads that checkpoint ``number`` covers."""
    heads: Heads = {}
    for _, moved in sorted(heads_moved(number).items()):
        heads.update(moved)
    return heads


def covering_checkpoint(clock: Clock) -> CheckpointRow:
    """The last checkpoint where it covers everything recorded so far, else a new one."""
    last = checkpoints()[-1:]
    if last and last[0].root == root_of(current_heads()):
        return last[0]
    return take_checkpoint(clock)


def rows_between(after: int, until: int) -> Iterator[EventRow]:
    """The rows that checkpoint ``until`` covers and ``after`` does not, stream by stream.

    0 covers nothing. Which rows these are never changes, whoever writes meanwhile.
    """
    covered = (
        "EXISTS (SELECT 1 FROM journal_checkpoint_head h WHERE h.stream = journal_event.stream"
        " AND h.number <= %s AND h.position >= journal_event.position)"
    )
    moved = (
        "stream IN (SELECT m.stream FROM journal_checkpoint_head m"
        " WHERE m.number > %s AND m.number <= %s)"
    )
    return rows(
        f"{moved} AND {covered} AND NOT {covered}",
        (after, until, until, after),
    )


def take_checkpoint(clock: Clock) -> CheckpointRow:
    """Sign the heads as they stand now and chain the result to the last checkpoint."""
    key = signing_key()
    with open_session() as session:
        last = checkpoints()[-1:]
        number = last[0].number + 1 if last else 1
        before = heads_at(number - 1)
        heads = current_heads()
        unsigned = CheckpointRow(
            number,
            to_microseconds(clock.now()),
            len(heads),
            root_of(heads),
            last[0].root if last else GENESIS,
            public_key_bytes(key),
            b"",
        )
        row = replace(unsigned, signature=key.sign(unsigned.signed_text))
        session.write([_checkpoint_statement(row), *_head_statements(number, before, heads)])
    return row


def _checkpoint_statement(row: CheckpointRow) -> Statement:
    return (
        "INSERT INTO journal_checkpoint (number, taken_at, streams, root, previous, public_key,"
        " signature) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        astuple(row),
    )


def _head_statements(number: int, before: Heads, heads: Heads) -> list[Statement]:
    """The heads that moved, in parts that fit a statement."""
    moved = [
        (number, name, *head) for name, head in sorted(heads.items()) if before.get(name) != head
    ]
    statements: list[Statement] = []
    for start in range(0, len(moved), 200):
        part = moved[start : start + 200]
        places = ", ".join(["(%s, %s, %s, %s)"] * len(part))
        sql = (
            f"INSERT INTO journal_checkpoint_head (number, stream, position, hash) VALUES {places}"
        )
        statements.append((sql, [value for row in part for value in row]))
    return statements
