"""What one step costs in CPU time of the engine and in bytes of table, index and log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

from touchstone.bench.acting import VALUES, begin, people_for, sessions_of

Row = tuple[Any, ...]
_STRETCH = 10


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Commits that do not wait for the disk: waiting empties the processor's caches, and takes time."""
    from django.db import connection

    off, on = ("SET synchronous_commit TO off", "SET synchronous_commit TO on")
    if connection.vendor == "sqlite":
        off, on = ("PRAGMA synchronous = OFF", "PRAGMA synchronous = FULL")
    with connection.cursor() as cursor:
        cursor.execute(off)
        try:
            yield
        finally:
            cursor.execute(on)


class Cost(NamedTuple):
    """CPU time of one step in µs: of the engine alone, and with the database session."""

    engine: float
    whole: float


def engine_microseconds(lengths: Mapping[str, int], stretches: int = 40) -> dict[str, Cost]:
    """CPU time of one step of each procedure by one client: medians over ``stretches`` of ten steps.

    The engine's part counts the rules, the engine, the folds, hashing and encoding; not the driver
    or the database. ``lengths`` (procedure -> steps, a multiple of ten) take turns stretch by
    stretch, so that a change in the machine's load meets them all.
    """
    from touchstone.journal.session import open_session
    from touchstone.process.actions.tasks import complete_task

    inside = [0.0]

    class Timed:
        """The usual session, with the time spent in it."""

        def __init__(self) -> None:
            self._inner = open_session()

        def _call(self, work: Callable[..., Any], *args: Any) -> Any:
            before = time.thread_time()
            try:
                return work(*args)
            finally:
                inside[0] += time.thread_time() - before

        def __enter__(self) -> Timed:
            self._call(self._inner.__enter__)
            return self

        def __exit__(self, *exc: object) -> None:
            self._call(self._inner.__exit__, *exc)

        def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
            found: list[Row] = self._call(self._inner.read, sql, params)
            return found

        def write(self, statements: Any) -> None:
            self._call(self._inner.write, list(statements))

    begun = {name: _stretches(name, steps, stretches) for name, steps in lengths.items()}
    found: dict[str, list[Cost]] = {procedure: [] for procedure in lengths}
    with sessions_of(Timed), _without_waiting():
        for turn in range(stretches):
            for procedure, tasks in begun.items():
                inside[0], before = 0.0, time.thread_time()
                for person, task in tasks[turn]:
                    complete_task(person, task, VALUES)
                whole = time.thread_time() - before
                found[procedure].append(Cost(whole - inside[0], whole))
    return {
        procedure: Cost(*(median(part) / _STRETCH * 1e6 for part in zip(*costs, strict=True)))
        for procedure, costs in found.items()
    }


def _stretches(procedure: str, steps: int, count: int) -> list[list[tuple[Any, str]]]:
    """Ten steps at a time of new cases: who completes which task."""
    people = people_for(steps)
    cases = begin(-(-count * _STRETCH // steps), procedure)
    return [
        [(people[number], f"{case}.w{number + 1}") for number in range(first, first + _STRETCH)]
        for case in cases
        for first in range(0, steps, _STRETCH)
    ]


def _size() -> int:
    """Bytes of all tables and indexes of the house after a checkpoint."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(
                # Free pages are room that earlier rows left behind, not growth.
                "SELECT (page_count - freelist_count) * page_size"
                " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
            )
        return int(cursor.fetchone()[0])


def _log_position() -> int | None:
    """Bytes of write-ahead log written so far; None where it cannot be told."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def growth(steps: int, cases: int) -> tuple[float, float | None]:
    """Bytes of tables and indexes, and of write-ahead log, a completed step."""
    from touchstone.process.actions.tasks import complete_task

    people = people_for(steps)
    with _without_waiting():
        begun = begin(cases)
        size, log = _size(), _log_position()
        for number in range(1, steps + 1):
            for case in begun:
                complete_task(people[number - 1], f"{case}.w{number}", VALUES)
    log_after = _log_position()
    count = steps * cases
    wal = (log_after - log) / count if log is not None and log_after is not None else None
    return (_size() - size) / count, wal
