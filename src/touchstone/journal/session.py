"""One short conversation with the database: read, then write everything in one go.

PostgreSQL: reads see committed rows; all writes travel as one statement, hence one round trip and
one transaction. SQLite: the writer waits its turn in this process, then holds BEGIN IMMEDIATE.
Neither takes locks while the rules run: a stream's unique positions tell who came second.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections

Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Any]]


class PlaceTaken(Exception):
    """A unique place is taken: another act wrote first, or the idempotency key is used.

    The text names the constraint; the database's own error is the cause.
    """

    @property
    def of_journal(self) -> bool:
        """Whether the place is the journal's own, so that another act certainly came first."""
        return str(self).startswith("journal_event_")

    @property
    def of_sole(self) -> bool:
        """Whether it is a value (``…_sole``) that one subject alone may have: the act reads again."""
        return str(self).endswith("_sole")


class Session(Protocol):
    """What the unit of work needs of a database."""

    def __enter__(self) -> Session: ...
    def __exit__(self, *exc: object) -> None: ...
    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query with ``%s`` placeholders."""
        ...

    def write(self, statements: Iterable[Statement]) -> None:
        """Send all statements and commit; nothing is written when one fails.

        Raises:
            PlaceTaken: a unique place of the journal is taken.
        """
        ...


class FairLock:
    """A lock that is handed over in the order of asking."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *exc: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


@lru_cache(maxsize=1024)
def _question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


class SqliteSession:
    """A session on SQLite: one writer at a time."""

    turn = FairLock()

    def __init__(self, current: Any) -> None:
        self._current = current

    def __enter__(self) -> SqliteSession:
        self.turn.__enter__()
        try:
            current = self._current
            if current.connection is None:
                current.ensure_connection()
            self._raw = current.connection
            self._raw.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.turn.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
        finally:
            self.turn.__exit__()

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query."""
        found: list[Row] = self._raw.execute(_question_marks(sql), params).fetchall()
        return found

    def write(self, statements: Iterable[Statement]) -> None:
        """Send and commit."""
        try:
            for sql, params in statements:
                self._raw.execute(_question_marks(sql), params)
            self._raw.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            if "journal_event" in str(error):
                raise PlaceTaken("journal_event_place") from error
            raise


class SqliteReading(SqliteSession):
    """A session that only reads: it takes no turn and waits for no writer."""

    def __enter__(self) -> SqliteReading:
        if self._current.connection is None:
            self._current.ensure_connection()
        self._raw = self._current.connection
        self._raw.execute("BEGIN")
        return self

    def __exit__(self, *exc: object) -> None:
        self._raw.execute("ROLLBACK")


_IDLE = 0  # libpq's number for a connection without a transaction
_UNIQUE_VIOLATION = "23505"


@lru_cache(maxsize=1024)
def as_one(parts: tuple[str, ...]) -> bytes:
    """Statements as parts of one, in their order."""
    named = ", ".join(f"s{place} AS ({sql})" for place, sql in enumerate(parts))
    return f"WITH {named} SELECT 1".encode()


def _cursor_of(raw: Any) -> Any:
    """The connection's cursor for prepared statements, made once."""
    cursor = getattr(raw, "touchstone_cursor", None)
    if cursor is None or cursor.closed:
        from psycopg import Cursor
        from psycopg.types.numeric import Int8Dumper

        cursor = Cursor(raw)
        # One parameter type per shape, else a large number prepares the statement anew.
        cursor.adapters.register_dumper(int, Int8Dumper)
        raw.touchstone_cursor = cursor
        raw.prepared_max = 1000
    return cursor


class PostgresqlSession:
    """A session on PostgreSQL: no lock, one statement for all writes."""

    def __init__(self, current: Any) -> None:
        self._current = current

    def __enter__(self) -> PostgresqlSession:
        current = self._current
        if current.connection is None:
            current.ensure_connection()
        self._raw = current.connection
        assert self._raw.autocommit, "an act is not nested in another transaction"
        self._cursor = _cursor_of(self._raw)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._raw.pgconn.transaction_status != _IDLE:
            with suppress(Exception):
                self._raw.rollback()

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query, prepared on the connection."""
        found: list[Row] = self._cursor.execute(sql, params, prepare=True).fetchall()
        return found

    def write(self, statements: Iterable[Statement]) -> None:
        """Send as one statement with a part for each, so that it commits by itself."""
        parts: list[str] = []
        values: list[Any] = []
        for sql, params in statements:
            parts.append(sql)
            values.extend(params)
        if not parts:
            return
        try:
            self._cursor.execute(as_one(tuple(parts)), values, prepare=True)
        except Exception as error:
            # The parts run in no fixed order, so another table's key may complain first.
            if getattr(error, "sqlstate", None) == _UNIQUE_VIOLATION:
                raise PlaceTaken(error.diag.constraint_name or "") from error  # type: ignore[attr-defined]
            raise


class _Own(threading.local):
    """The thread's own connection, kept: Django's way of finding it costs more than a short query."""

    connection: Any = None


_own = _Own()


def _connection() -> Any:
    found = _own.connection
    if found is None:
        found = _own.connection = connections[DEFAULT_DB_ALIAS]
    return found


def open_session() -> Session:
    """A session on the configured database."""
    current = _connection()
    return (PostgresqlSession if current.vendor == "postgresql" else SqliteSession)(current)


def open_reading() -> Session:
    """A session that only reads, on the configured database; on SQLite all of it sees one state."""
    current = _connection()
    return (PostgresqlSession if current.vendor == "postgresql" else SqliteReading)(current)


@contextmanager
def snapshot() -> Iterator[None]:
    """Within it everything read, on Django's cursors too, is as of one instant; nothing is written.

    Long readings that compare tables with each other need it; writers go on beside it. Within
    another transaction it changes nothing: that one decides.
    """
    current = _connection()
    if current.in_atomic_block:
        yield
        return
    current.ensure_connection()
    raw: Any = current.connection
    begin = "BEGIN"
    if current.vendor == "postgresql":
        begin += " ISOLATION LEVEL REPEATABLE READ READ ONLY"
    raw.execute(begin)
    try:
        yield
    finally:
        raw.execute("ROLLBACK")


def read_committed(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Rows of a query with ``%s`` placeholders outside any act, prepared on the connection.

    For what is asked again and again (worklists, followers, workers): Django's own cursor costs
    several times the query.
    """
    current = _connection()
    if current.connection is None:
        current.ensure_connection()
    raw: Any = current.connection
    found: list[Row] = (
        _cursor_of(raw).execute(sql, params, prepare=True)
        if current.vendor == "postgresql"
        else raw.execute(_question_marks(sql), params)
    ).fetchall()
    return found
