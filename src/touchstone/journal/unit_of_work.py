"""The write path: an act reads, decides, records facts; rows and events go in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from touchstone.journal.projections import Key, Values, folds_of, projection_of
from touchstone.journal.reading import COLUMNS, EventRow, encode_facts, hashed_text, to_row
from touchstone.journal.session import (
    PlaceTaken,
    Row,
    Session,
    Statement,
    open_reading,
    open_session,
)
from touchstone.kernel.canonical import plain
from touchstone.kernel.chain import GENESIS, link
from touchstone.kernel.chance import Chance
from touchstone.kernel.facts import Fact, Recorded
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import Clock, to_microseconds

Result = TypeVar("Result")
# Each time one of those who meet on a stream wins, so as many may meet without being sent away.
_ATTEMPTS = 32
_UNTOUCHED: Any = object()  # beside None, which says that there is no such row
_HEAD = "SELECT position FROM journal_event WHERE stream = %s ORDER BY position DESC LIMIT 1"
_INSERT = (
    "INSERT INTO journal_event (stream, position, act, actor, on_behalf_of, occurred_at,"
    " recorded_at, key, payload, hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class ActContext:
    """Who acts, when, and by what chance; handed in by the edge.

    Attributes:
        actor: person id, or ``system:<name>``.
        clock: the port for time; ``recorded_at`` is its instant.
        chance: the port for chance.
        on_behalf_of: the person stood in for.
        key: idempotency key of the request; the same key writes once.
        occurred_at: when it happened, if entered later (补录); else now.
    """

    actor: str
    clock: Clock
    chance: Chance
    on_behalf_of: str | None = None
    key: str | None = None
    occurred_at: dt.datetime | None = None

    def with_key(self, key: str | None) -> ActContext:
        """The same context under another idempotency key."""
        if key == self.key:
            return self
        return ActContext(
            self.actor, self.clock, self.chance, self.on_behalf_of, key, self.occurred_at
        )

    def acting_for(self, person: str | None) -> ActContext:
        """The same context, standing in for ``person``."""
        return replace(self, on_behalf_of=person)


@lru_cache(maxsize=16)
def _positions(count: int) -> str:
    one = "COALESCE((SELECT max(position) FROM journal_event WHERE stream = %s), 0)"
    return f"SELECT {', '.join([one] * count)}"


class Head(NamedTuple):
    """The end of a stream: position of its last row (0: none) and that row's hash."""

    position: int
    hash: bytes


class AlreadyDone(Exception):
    """The idempotency key was used: ``row`` is what the first request wrote."""

    def __init__(self, row: EventRow) -> None:
        super().__init__(row.key)
        self.row = row


class UnitOfWork:
    """Everything one act reads and records."""

    def __init__(self, session: Session, act: str, context: ActContext) -> None:
        self._session = session
        self.act = act
        self.context = context
        self.now = context.clock.now()
        self.now_us = to_microseconds(self.now)
        self.happened_at = context.occurred_at or self.now
        self._occurred_us = (
            self.now_us if context.occurred_at is None else to_microseconds(self.happened_at)
        )
        self._heads: dict[str, Head] = {}
        self._facts: dict[str, list[Fact]] = {}
        # Rows as found, and those that facts have touched as they stand now; None: no row.
        self._before: dict[tuple[str, Key], Values | None] = {}
        self._after: dict[tuple[str, Key], Values | None] = {}
        self._extra: list[Statement] = []
        self._known: dict[tuple[str, tuple[Any, ...]], list[Row]] = {}

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query with ``%s`` placeholders, the same on both databases."""
        known = self._known.pop((sql, tuple(params)), None) if self._known else None
        return self._session.read(sql, params) if known is None else known

    def know_read(self, sql: str, params: Sequence[Any], rows: list[Row]) -> None:
        """Take over the answer to a query that the caller got within its own query."""
        self._known[sql, tuple(params)] = rows

    def head(self, stream: str) -> Head:
        """The end of ``stream`` as this act found it."""
        found = self._heads.get(stream)
        if found is None:
            stored = self._session.read(
                "SELECT position, hash FROM journal_event WHERE stream = %s"
                " ORDER BY position DESC LIMIT 1",
                (stream,),
            )
            found = Head(stored[0][0], bytes(stored[0][1])) if stored else Head(0, GENESIS)
            self._heads[stream] = found
        return found

    def positions(self, *streams: str) -> tuple[int, ...]:
        """The last positions of other streams, 0 where one has none; what depends on them is cached."""
        return tuple(self._session.read(_positions(len(streams)), streams)[0])

    def know_head(self, stream: str, position: int, hash: bytes) -> None:
        """Take over a head that the caller read in its own query."""
        self._heads[stream] = Head(position, bytes(hash))

    def know_row(self, table: str, key: Key, row: Values) -> None:
        """Take over a projection row that the caller read in its own query."""
        self._before[table, key] = row

    def know_absent(self, table: str, key: Key) -> None:
        """Take the caller's word that there is no such row yet."""
        self._before.setdefault((table, key), None)

    def row(self, table: str, key: Key) -> Values | None:
        """A projection row as this act has made it so far; not to be changed in place."""
        place = (table, key)
        found: Values | None = self._after.get(place, _UNTOUCHED)
        if found is _UNTOUCHED:
            found = self._before.get(place, _UNTOUCHED)
        if found is _UNTOUCHED:
            projection = projection_of(table)
            stored = self._session.read(f"{projection.select} WHERE {projection.where()}", key)
            found = self._before[place] = projection.decode(stored[0]) if stored else None
        return found

    def record(self, stream: str, *facts: Fact) -> None:
        """Append ``facts`` to the act's row on ``stream`` and fold them at once."""
        known = self._facts.setdefault(stream, [])
        if not facts:
            return
        position = self.head(stream).position + 1
        after, context = self._after, self.context
        act, actor, on_behalf_of = self.act, context.actor, context.on_behalf_of
        occurred_us, now_us = self._occurred_us, self.now_us
        for fact in facts:
            recorded = Recorded(
                stream,
                position,
                len(known),
                act,
                actor,
                on_behalf_of,
                occurred_us,
                now_us,
                *fact,
            )
            known.append(fact)
            for table, keys, fold in folds_of(fact.kind):
                for key in keys(recorded):
                    place = (table, key)
                    before = after.get(place, _UNTOUCHED)
                    if before is _UNTOUCHED:
                        before = self.row(table, key)
                    after[place] = fold(before, recorded)

    def outrun(self) -> bool:
        """Whether another act has written to one of this act's streams since it was read."""
        return any(
            self._session.read(_HEAD, (stream,))[:1]
            != ([(head.position,)] if head.position else [])
            for stream, head in self._heads.items()
        )

    def execute(self, sql: str, params: Sequence[Any]) -> None:
        """A further statement for vault, content or delivery tables, sent with the rest."""
        self._extra.append((sql, params))

    def recorded_kinds(self) -> set[str]:
        """The kinds of all facts recorded so far."""
        return {fact.kind for facts in self._facts.values() for fact in facts}

    def statements(self) -> list[Statement]:
        """Everything to write: the events first, so that a taken place stops the rest."""
        sent: list[Statement] = []
        key = self.context.key
        context = self.context
        for stream, facts in self._facts.items():
            head = self.head(stream)
            place = (
                stream,
                head.position + 1,
                self.act,
                context.actor,
                context.on_behalf_of,
                self._occurred_us,
                self.now_us,
                key,
            )
            payload = encode_facts(facts)
            row_hash = link(head.hash, hashed_text(*place, payload))
            sent.append((_INSERT, (*place, payload, row_hash)))
            key = None
        for row_place, after in self._after.items():
            change = projection_of(row_place[0]).change(self._before[row_place], after)
            if change:
                sent.append(change)
        return sent + self._extra


def _row_with_key(session: Session, key: str) -> EventRow | None:
    stored = session.read(f"SELECT {COLUMNS} FROM journal_event WHERE key = %s", (key,))
    return to_row(stored[0]) if stored else None


def perform(act: str, context: ActContext, work: Callable[[UnitOfWork], Result]) -> Result:
    """Run ``work`` as one transaction; begin anew when another act wrote a stream first.

    Raises:
        Refusal: ``work`` refused, or the stream stayed busy (``journal.busy``).
        AlreadyDone: the idempotency key was used before.
    """
    for _ in range(_ATTEMPTS):
        with open_session() as session:
            unit = UnitOfWork(session, act, context)
            try:
                result = work(unit)
            except Refusal:
                done = _row_with_key(session, context.key) if context.key else None
                if done:
                    raise AlreadyDone(done) from None
                raise
            try:
                session.write(unit.statements())
            except PlaceTaken as taken:
                if not (taken.of_journal or taken.of_sole or unit.outrun()):
                    raise taken.__cause__ or taken from None
            else:
                return result
        if context.key:
            with open_session() as session:
                done = _row_with_key(session, context.key)
            if done:
                raise AlreadyDone(done)
    raise refuse(
        "journal.busy",
        "同一对象正在被多人处理，本次操作没有写入",
        "Several people are acting on this at once; nothing was written",
        remedy_zh="请刷新后重试",
        remedy_en="Reload and try again",
    )


def look(act: str, context: ActContext, work: Callable[[UnitOfWork], Result]) -> Result:
    """Run ``work``, which judges as an act does but records nothing, and waits for no writer.

    Raises:
        Refusal: ``work`` refused.
    """
    with open_reading() as session:
        unit = UnitOfWork(session, act, context)
        result = work(unit)
        assert not unit.statements(), f"{act} is a look and has something to write"
        return result


def as_fact_data(values: object) -> Any:
    """``values`` in the plain form that facts carry (Decimals and instants become text)."""
    return plain(values)
