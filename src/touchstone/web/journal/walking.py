"""The verification that a page runs: a stretch at a time, put down in the cache between two looks.

It survives a reload and goes on while somebody looks. What came of it is recorded once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from touchstone.journal.queries import journal_size
from touchstone.journal.unit_of_work import ActContext
from touchstone.journal.verify import Walk, begin_walk, go_on
from touchstone.kernel.time import to_microseconds
from touchstone.vault.disclosure import note_verification

_PLACE, _TURN = "journal.walk", "journal.walk.turn"
_KEPT = 30 * 86400
_ROWS = 2000
_SECONDS = 0.6


@dataclass(frozen=True)
class Verifying:
    """A verification that runs or is over; instants in microseconds."""

    walk: Walk
    total: int
    by: str
    begun_at: int
    ended_at: int | None

    @property
    def share(self) -> float:
        """How much of the journal was walked."""
        if self.walk.is_done:
            return 1.0
        return min(0.99, self.walk.events / self.total) if self.total else 0.0

    @property
    def percent(self) -> int:
        """The share in percent."""
        return int(self.share * 100)


def current() -> Verifying | None:
    """The verification that runs or was the last."""
    kept: dict[str, Any] | None = cache.get(_PLACE)
    return Verifying(**{**kept, "walk": Walk.from_dict(kept["walk"])}) if kept else None


def begin(context: ActContext) -> Verifying:
    """Begin anew from the first row."""
    started = Verifying(
        begin_walk(), journal_size()[0], context.actor, to_microseconds(context.clock.now()), None
    )
    _keep(started)
    return started


def advance(context: ActContext, *, seconds: float = _SECONDS) -> Verifying | None:
    """Go on for a moment; somebody else's turn is left to him."""
    found = current()
    if found is None or found.walk.is_done or not cache.add(_TURN, 1, 10):
        return found
    try:
        walk, until = found.walk, time.monotonic() + seconds
        while not walk.is_done and time.monotonic() < until:
            walk = go_on(walk, _ROWS)
        ended = to_microseconds(context.clock.now()) if walk.is_done else None
        found = Verifying(walk, found.total, found.by, found.begun_at, ended)
        _keep(found)
    finally:
        cache.delete(_TURN)
    if found.walk.is_done:
        broken = found.walk.broken
        note_verification(
            context,
            events=found.walk.events,
            checkpoints=found.walk.checkpoints,
            broken=f"{broken.stream}#{broken.position}" if broken else None,
        )
    return found


def _keep(verifying: Verifying) -> None:
    kept = {
        "walk": verifying.walk.as_dict(),
        "total": verifying.total,
        "by": verifying.by,
        "begun_at": verifying.begun_at,
        "ended_at": verifying.ended_at,
    }
    cache.set(_PLACE, kept, _KEPT)
