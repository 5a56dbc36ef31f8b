"""Steps of an approval on one database: ours, the floor under them, and the reference beside them.

Run by ``bench.engine`` in a process of its own, because settings name one database. *Ours* is
``complete_task``. The *floor* writes the same rows with the same commits by bare prepared statements:
what ``complete_task`` sent for one case is recorded once and sent again under other case ids. The
*reference* (PostgreSQL) is the emulation of a classic engine in ``sql/classic-step.sql``. The three
alternate through the same driver with the same number of clients.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import django

from touchstone.bench.acting import VALUES, begin, context_of, people_for, sessions_of
from touchstone.bench.costs import engine_microseconds, growth

Row = tuple[Any, ...]
Sent = tuple[str | bytes, Sequence[Any]]
Act = tuple[list[Sent], list[Sent]]
Client = Callable[[], tuple[int, float]]
Made = tuple[Client, Callable[[], None]]

Rates = Mapping[tuple[str, str], float]

_ROUNDS = 3
# Steps prepared for a second: making them takes time too. Whoever runs out of them has his rate all
# the same, over less time.
_OUR_MOST, _FLOOR_MOST = 3_000, 6_000
_SHORT = 10


@dataclass
class Recording:
    """What was read and written for one case, act by act."""

    case: str = ""
    acts: list[Act] = field(default_factory=list)


def _our_client(cases: int, procedure: str, steps: int, seconds: float) -> Made:
    """A client that completes the steps of its own cases until time is up."""
    from touchstone.process.actions.tasks import complete_task

    begun: list[str] = []
    people = people_for(steps)

    def prepare() -> None:
        begun.extend(begin(cases, procedure))

    def run() -> tuple[int, float]:
        done, started = 0, time.perf_counter()
        end = started + seconds
        for case in begun:
            for number in range(1, steps + 1):
                complete_task(people[number - 1], f"{case}.w{number}", VALUES)
                done += 1
                if time.perf_counter() > end:
                    return done, time.perf_counter() - started
        return done, time.perf_counter() - started

    return run, prepare


def record_case(procedure: str, steps: int) -> Recording:
    """Run one case and keep every statement of its acts."""
    from touchstone.journal.session import Session, Statement, open_session
    from touchstone.process.actions.tasks import complete_task

    recording = Recording()

    class Recorder:
        """The usual session, with a list of what passes through."""

        def __init__(self) -> None:
            self._inner = open_session()
            self._reads: list[Sent] = []

        def __enter__(self) -> Session:
            self._inner.__enter__()
            return self

        def __exit__(self, *exc: object) -> None:
            self._inner.__exit__(*exc)

        def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
            self._reads.append((sql, params))
            return self._inner.read(sql, params)

        def write(self, statements: Any) -> None:
            sent: list[Statement] = list(statements)
            recording.acts.append((self._reads, [*sent]))
            self._inner.write(sent)

    with sessions_of(Recorder):
        recording.case = begin(1, procedure)[0]
        for number, person in enumerate(people_for(steps), start=1):
            complete_task(person, f"{recording.case}.w{number}", VALUES)
    return recording


def _under(sent: list[Sent], old: str, new: str) -> list[Sent]:
    return [
        (
            sql,
            tuple(value.replace(old, new) if isinstance(value, str) else value for value in params),
        )
        for sql, params in sent
    ]


def _in_postgresql(act: Act) -> None:
    from django.db import connection

    cursor = _prepared(connection.connection)
    for sql, params in act[0]:
        cursor.execute(sql, params, prepare=True).fetchall()
    for sql, params in act[1]:
        cursor.execute(sql, params, prepare=True)


def _in_sqlite(act: Act) -> None:
    from django.db import connection

    from touchstone.journal.session import SqliteSession

    raw = connection.connection
    with SqliteSession.turn:
        raw.execute("BEGIN IMMEDIATE")
        for sql, params in act[0]:
            raw.execute(sql, params).fetchall()
        for sql, params in act[1]:
            raw.execute(sql, params)
        raw.execute("COMMIT")


def _for_driver(sent: list[Sent], *, postgresql: bool, write: bool) -> list[Sent]:
    """Statements as the driver gets them: on PostgreSQL all writes of an act are one."""
    from touchstone.journal.session import as_one

    if not postgresql:
        return [(str(sql).replace("%s", "?"), params) for sql, params in sent]
    if not write:
        return sent
    values = [value for _, params in sent for value in params]
    return [(as_one(tuple(str(sql) for sql, _ in sent)), values)]


def _floor_client(recording: Recording, cases: int, seconds: float, *, postgresql: bool) -> Made:
    """A client that sends the recorded statements bare, each act as one transaction."""
    from django.db import connection

    from touchstone.kernel.chance import SystemChance, new_id

    send = _in_postgresql if postgresql else _in_sqlite
    ready: list[Act] = []

    def prepare() -> None:
        connection.ensure_connection()
        chance = SystemChance()
        for _ in range(cases):
            case = new_id(chance)
            begin, *steps = [
                (
                    _for_driver(
                        _under(reads, recording.case, case), postgresql=postgresql, write=False
                    ),
                    _for_driver(
                        _under(writes, recording.case, case), postgresql=postgresql, write=True
                    ),
                )
                for reads, writes in recording.acts
            ]
            send(begin)
            ready.extend(steps)

    def run() -> tuple[int, float]:
        done, started = 0, time.perf_counter()
        end = started + seconds
        for act in ready:
            send(act)
            done += 1
            if time.perf_counter() > end:
                break
        return done, time.perf_counter() - started

    return run, prepare


def _prepared(raw: Any) -> Any:
    from psycopg import Cursor
    from psycopg.types.numeric import Int8Dumper

    cursor = getattr(raw, "bench_cursor", None)
    if cursor is None:
        cursor = raw.bench_cursor = Cursor(raw)
        cursor.adapters.register_dumper(int, Int8Dumper)
        raw.prepared_max = 1000
    return cursor


def _sql(name: str) -> str:
    return (files("touchstone.bench") / "sql" / name).read_text(encoding="utf-8")


def make_reference() -> None:
    """The tables of the reference, in a schema of their own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS reference CASCADE; CREATE SCHEMA reference")
        cursor.execute("SET search_path TO reference")
        cursor.execute(_sql("schema.sql").replace("vacuum analyze;", ""))
        cursor.execute("SET search_path TO public")
        cursor.execute("ANALYZE")


def script_of(name: str) -> list[tuple[str, int]]:
    """A pgbench script as statements with ``%s`` for ``:i``, and how often it stands in each."""
    lines = [line for line in _sql(name).splitlines() if not line.startswith(("\\", "--"))]
    statements = [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
    return [
        (re.sub(r":i\b", "%s", text.replace("%", "%%")), len(re.findall(r":i\b", text)))
        for text in statements
    ]


def _reference_client(seconds: float, seed: int) -> Made:
    from django.db import connection

    script = script_of("classic-step.sql")
    chosen = random.Random(seed)  # noqa: S311

    def prepare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO reference")

    def run() -> tuple[int, float]:
        cursor = _prepared(connection.connection)
        done, started = 0, time.perf_counter()
        end = started + seconds
        while time.perf_counter() < end:
            row = chosen.randint(1, 20000)
            for sql, times in script:
                cursor.execute(sql, [row] * times, prepare=True)
            done += 1
        return done, time.perf_counter() - started

    return run, prepare


def together(clients: Sequence[Made], *, processes: int) -> float:
    """Let all clients run at once; steps a second.

    On PostgreSQL they share ``processes`` forked workers, each client a thread with a connection
    of its own, as a server runs them; on SQLite (``processes`` 0) one process serves everybody.
    """
    if not processes:
        return sum(
            done / took for done, took in _in_threads(clients, threading.Barrier(len(clients)))
        )
    from django.db import connections

    connections.close_all()
    forking = get_context("fork")
    gate, results = forking.Barrier(len(clients)), forking.SimpleQueue()

    def serve(mine: Sequence[Made]) -> None:
        results.put(_in_threads(mine, gate))
        os._exit(0)

    workers = [
        forking.Process(target=serve, args=(clients[place::processes],))
        for place in range(min(processes, len(clients)))
    ]
    for worker in workers:
        worker.start()
    found: list[tuple[int, float]] = [item for _ in workers for item in results.get()]
    for worker in workers:
        worker.join()
    return sum(done / took for done, took in found)


def _in_threads(clients: Sequence[Made], gate: Any) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []

    def serve(run: Client, prepare: Callable[[], None]) -> None:
        from django.db import connection

        try:
            prepare()
            gate.wait()
            found.append(run())
        finally:
            connection.close()

    threads = [threading.Thread(target=serve, args=client) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(clients), "a client broke off"
    return found


def _rates(lengths: Mapping[str, int], clients: int, seconds: float) -> Rates:
    """Steps a second of each procedure and side, each the median of several turns, alternating."""
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    workers = min(clients, os.cpu_count() or 1) if postgresql else 0
    recordings = {procedure: record_case(procedure, steps) for procedure, steps in lengths.items()}
    found: dict[tuple[str, str], list[float]] = {}

    def take(procedure: str, side: str, running: Sequence[Made]) -> None:
        rate = together(running, processes=workers)
        found.setdefault((procedure, side), []).append(rate)

    for turn in range(_ROUNDS):
        for procedure, steps in lengths.items():
            ours, bare = (
                max(1, int(rate * seconds / steps / clients)) for rate in (_OUR_MOST, _FLOOR_MOST)
            )
            mine = [_our_client(ours, procedure, steps, seconds) for _ in range(clients)]
            take(procedure, "ours", mine)
            recording = recordings[procedure]
            floor = [
                _floor_client(recording, bare, seconds, postgresql=postgresql)
                for _ in range(clients)
            ]
            take(procedure, "floor", floor)
        if postgresql:
            seeds = [turn * clients + place for place in range(clients)]
            take("", "reference", [_reference_client(seconds, seed) for seed in seeds])
    return {place: median(rates) for place, rates in found.items()}


def measure(lengths: Mapping[str, int], clients: int, seconds: float) -> dict[str, Any]:
    """One line of ``bench engine`` for the first of ``lengths`` (procedure -> steps).

    A second, shorter procedure takes turns with it on the same database, so that only their length
    tells them apart: how much slower the longer one's steps are, and how much slower its floor is.
    """
    from django.db import connection

    rates = _rates(lengths, clients, seconds)
    procedure, *others = lengths
    ours, floor = rates[procedure, "ours"], rates[procedure, "floor"]
    reference = rates.get(("", "reference"))
    line = {
        "database": connection.vendor,
        "clients": clients,
        "procedure_steps": lengths[procedure],
        "steps_per_second": round(ours, 1),
        "floor_steps_per_second": round(floor, 1),
        "reference_steps_per_second": None if reference is None else round(reference, 1),
        "ratio_to_floor": round(ours / floor, 3),
        "ratio_to_reference": None if reference is None else round(ours / reference, 3),
    }
    for short in others:
        line["time_to_10_steps"] = round(rates[short, "ours"] / ours, 3)
        line["floor_time_to_10_steps"] = round(rates[short, "floor"] / floor, 3)
    return line


def main() -> int:
    """``stepping STEPS SECONDS CLIENTS...``: measure on the configured database; JSON on stdout."""
    steps, seconds = int(sys.argv[1]), float(sys.argv[2])
    clients = [int(text) for text in sys.argv[3:]]
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from touchstone.bench.approval import open_approval_bank, slug_of

    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory() as folder:
        also = () if steps == _SHORT else (_SHORT,)
        open_approval_bank(context_of("system:setup"), Path(folder), steps, also)
    if connection.vendor == "postgresql" and clients:
        make_reference()
    short = slug_of(_SHORT)
    lengths = {"approval": steps, **({short: _SHORT} if also else {})}
    costs = engine_microseconds(lengths)
    cost = costs["approval"]
    table_bytes, wal = growth(steps, cases=max(4, 1000 // steps))
    common = {
        "engine_microseconds_per_step": round(cost.engine, 1),
        "bytes_per_step": round(table_bytes, 1),
        "wal_bytes_per_step": None if wal is None else round(wal, 1),
    }
    if also:
        common["cost_to_10_steps"] = round(cost.engine / costs[short].engine, 3)
        common["cost_with_database_to_10_steps"] = round(cost.whole / costs[short].whole, 3)
    results = [measure(lengths, count, seconds) | common for count in clients]
    json.dump(results or [common], sys.stdout)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "touchstone.config.settings")
    raise SystemExit(main())
