"""One row in its chain: what it follows, whether its hash holds, what follows it, what signed it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from touchstone.journal.checkpoint import (
    CHECKPOINT_COLUMNS,
    CheckpointRow,
    to_checkpoint,
    trusted_key,
)
from touchstone.journal.reading import COLUMNS, EventRow, to_row
from touchstone.kernel.chain import GENESIS, link


@dataclass(frozen=True, slots=True)
class Place:
    """A row and its neighbours.

    Attributes:
        previous: hash of the row before; zeroes before the first; None where it is gone.
        recomputed: the hash that the row's text gives now.
        length: the stream's last position.
        checkpoint: the first checkpoint that covers the row; None: none does yet.
    """

    row: EventRow
    previous: bytes | None
    recomputed: bytes | None
    length: int
    checkpoint: CheckpointRow | None

    @property
    def holds(self) -> bool:
        """Whether the row is what it was when it was written."""
        return self.recomputed == self.row.hash

    @property
    def is_signed(self) -> bool:
        """Whether the covering checkpoint's signature is that of the institution's own key."""
        found = self.checkpoint
        return found is not None and found.is_signed_by(trusted_key() or found.public_key)


def place_of(stream: str, position: int) -> Place | None:
    """The row at a place of a stream; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM journal_event WHERE stream = %s AND position IN (%s, %s)"
            " ORDER BY position",
            (stream, position - 1, position),
        )
        found = {row.position: row for row in map(to_row, cursor.fetchall())}
        if position not in found:
            return None
        cursor.execute("SELECT max(position) FROM journal_event WHERE stream = %s", (stream,))
        length = int(cursor.fetchone()[0])
        cursor.execute(
            f"SELECT {CHECKPOINT_COLUMNS} FROM journal_checkpoint WHERE number = (SELECT min(number)"
            " FROM journal_checkpoint_head WHERE stream = %s AND position >= %s)",
            (stream, position),
        )
        stored = cursor.fetchone()
    row = found[position]
    before = found.get(position - 1)
    previous = GENESIS if position == 1 else before.hash if before else None
    recomputed = None if previous is None else link(previous, row.hashed_text)
    return Place(row, previous, recomputed, length, to_checkpoint(stored) if stored else None)
