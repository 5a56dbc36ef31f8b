"""Followers: code of higher modules that reacts to facts after they are committed.

At least once, in the safe order, resumable; what a follower does carries the key (follower, stream,
position), so a second delivery writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection

from touchstone.journal.reading import COLUMNS, EventRow, to_row
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, AlreadyDone
from touchstone.kernel.facts import Recorded

Reaction = Callable[[ActContext, Recorded], None]
_BATCH = 500


@dataclass(frozen=True)
class Follower:
    """A named reaction to some kinds of facts."""

    name: str
    kinds: frozenset[str]
    react: Reaction


_followers: dict[str, Follower] = {}


def follows(*kinds: str, name: str) -> Callable[[Reaction], Reaction]:
    """Register the decorated function for facts of ``kinds`` under a stable ``name``."""

    def register(react: Reaction) -> Reaction:
        known = _followers.setdefault(name, Follower(name, frozenset(kinds), react))
        assert known.react is react, f"follower {name} is registered twice"
        return react

    return register


def followers() -> tuple[Follower, ...]:
    """Every follower in order of name."""
    return tuple(_followers[name] for name in sorted(_followers))


def followed_kinds() -> frozenset[str]:
    """Every kind that somebody follows."""
    return frozenset(kind for follower in _followers.values() for kind in follower.kinds)


class FollowerRun:
    """Delivers committed rows to the followers, from where each of them left off."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}

    def _load_places(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT follower, xid, event_id FROM journal_cursor")
            stored = {name: (xid, event) for name, xid, event in cursor.fetchall()}
        for follower in followers():
            self._places.setdefault(follower.name, stored.get(follower.name, (0, 0)))

    def deliver(self, context: ActContext) -> int:
        """Deliver everything that is safe to read; the number of reactions that ran."""
        if not _followers:
            return 0
        if len(self._places) < len(_followers):
            self._load_places()
        reactions = 0
        following = followers()
        while batch := rows_beyond(min(self._places.values()), _BATCH):
            for row in batch:
                reactions += self._deliver_row(context, row, following)
            self._store_places()
        return reactions

    def _deliver_row(
        self, context: ActContext, row: EventRow, following: Sequence[Follower]
    ) -> int:
        place = (row.xid, row.id)
        reactions = 0
        facts = list(row.recorded())
        kinds = {recorded.kind for recorded in facts}
        for follower in following:
            if self._places[follower.name] >= place:
                continue
            if follower.kinds.isdisjoint(kinds):
                self._places[follower.name] = place
                continue
            for recorded in facts:
                if recorded.kind in follower.kinds:
                    key = f"{follower.name}:{row.stream}:{row.position}:{recorded.index}"
                    try:
                        follower.react(context.with_key(key), recorded)
                    except AlreadyDone:
                        continue
                    reactions += 1
            self._places[follower.name] = place
        return reactions

    def _store_places(self) -> None:
        rows = ", ".join(["(%s, %s, %s)"] * len(self._places))
        places = [value for name, place in self._places.items() for value in (name, *place)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO journal_cursor (follower, xid, event_id) VALUES {rows}"
                " ON CONFLICT (follower) DO UPDATE SET xid = excluded.xid,"
                " event_id = excluded.event_id",
                places,
            )


def rows_beyond(place: tuple[int, int], limit: int) -> list[EventRow]:
    """The next rows after ``place`` (xid, id) that no unfinished transaction can still precede."""
    # SQLite compares pairs by the first column of an index alone, and there xid is always 0: it
    # would walk the whole journal. Its writers come one by one, so the id is the order.
    if connection.vendor == "sqlite":
        sql = f"SELECT {COLUMNS} FROM journal_event WHERE id > %s ORDER BY id LIMIT %s"
        return [to_row(stored) for stored in read_committed(sql, (place[1], limit))]
    sql = (
        f"SELECT {COLUMNS} FROM journal_event WHERE (xid, id) > (%s, %s)"
        " AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " ORDER BY xid, id LIMIT %s"
    )
    return [to_row(stored) for stored in read_committed(sql, (*place, limit))]
