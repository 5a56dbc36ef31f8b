"""How long the server takes for every page, on a simulated month and with 100,000 open tasks more.

Run by ``bench_pages`` in a process of its own for each database. The figure is what the process
spends on one request, from the first middleware to the last byte: on SQLite its processor time, which
another program on the machine does not lengthen; on PostgreSQL, which works elsewhere, the time that
passes. Beside it stands what the house allows.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from statistics import median, quantiles
from typing import Any

import django

from touchstone.bench.apart import own_environment, run_module
from touchstone.kernel.time import SystemClock, day_of

MEDIAN, P95 = 150, 300
TASKS = 100_000
DAYS, SEED = 30, 7
_ASKED = 40
_BATCH = 5_000


def bench_pages(addresses: Iterable[str]) -> list[dict[str, Any]]:
    """Measure on each database; an empty address means a new SQLite file.

    Raises:
        Refusal: ``bench.broke_off``.
    """
    results: list[dict[str, Any]] = []
    for address in addresses:
        with own_environment(address) as environment:
            first = day_of(SystemClock().now()) - dt.timedelta(days=DAYS)
            month = f"simulate --seed {SEED} --days {DAYS} --from {first} --json"
            run_module(environment, "touchstone.cli.main", *month.split())
            results += json.loads(run_module(environment, "touchstone.bench.pages"))
    return results


def add_open_tasks(count: int) -> None:
    """Copies of the open cases under new ids, with their tasks and clocks, as rows of the projections.

    Nothing of them is in the journal: they are there to be walked past.
    """
    from django.db import connection, transaction

    from touchstone.clocks.folds import CLOCKS
    from touchstone.process.folds import CASES, TASKS

    def read(projection: Any, where: str) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(f"{projection.select} WHERE {where}")
            names = list(projection.columns)
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def write(projection: Any, rows: Iterable[dict[str, Any]]) -> None:
        names = list(projection.columns)
        sql = (
            f"INSERT INTO {projection.table} ({', '.join(names)})"
            f" VALUES ({', '.join(['%s'] * len(names))})"
        )
        with connection.cursor() as cursor:
            cursor.executemany(sql, [[row[name] for name in names] for row in rows])

    tasks: dict[str, list[dict[str, Any]]] = {}
    for task in read(TASKS, "state IN ('open', 'claimed', 'held')"):
        tasks.setdefault(task["case_id"], []).append(task)
    clocks: dict[str, list[dict[str, Any]]] = {}
    for clock in read(CLOCKS, "state <> 'stopped'"):
        clocks.setdefault(clock["case_id"], []).append(clock)
    cases = [case for case in read(CASES, "state = 'open'") if case["id"] in tasks]
    chance = random.Random(7)  # noqa: S311 - spreads copies over the month, guards nothing
    made = 0
    while made < count:
        copies: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        while made < count and len(copies[1]) < _BATCH:
            case = chance.choice(cases)
            new, moved = f"{chance.randrange(36**8):09x}{made:06d}", chance.randrange(10**12)
            copies[0].append(
                {**case, "id": new, "number": f"{case['number'][:-6]}{made:06d}"}
                | {
                    "started_at": case["started_at"] - moved,
                    # So many open cases are those of many customers, each with his own.
                    "customer": case["customer"] and f"c{new}",
                    # A case calls one at a time: a copy is called by none.
                    "caller_case": None,
                    "caller_wait": None,
                }
            )
            for task in tasks[case["id"]]:
                due = task["due_at"] and task["due_at"] + moved
                copies[1].append(
                    {**task, "id": f"{new}.{task['wait']}", "case_id": new, "due_at": due}
                )
                made += 1
            for clock in clocks.get(case["id"], ()):
                copies[2].append({**clock, "case_id": new, "due_at": clock["due_at"] + moved})
        with transaction.atomic():
            for projection, rows in zip((CASES, TASKS, CLOCKS), copies, strict=True):
                write(projection, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _clients(actors: Iterable[str]) -> dict[str, Any]:
    """A browser for each person, logged in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    found: dict[str, Any] = {}
    for actor in set(actors):
        found[actor] = client = Client()
        if actor:
            user, _ = get_user_model().objects.get_or_create(username=actor)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            session = client.session
            session["second_factor"] = "own"
            session.save()
    return found


def _took(ask: Callable[[], Any], clock: Callable[[], float]) -> float:
    started = clock()
    answer = ask()
    # A stream is spent only when it is read.
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    took = clock() - started
    assert answer.status_code in (200, 302), (answer.status_code, body[:300])
    return took * 1000


def measure(setting: str, names: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
    """Median and 95th percentile of each page, its addresses in turn, warmed up."""
    from django.db import connection

    from touchstone.bench.tour import PAGES, stops

    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    unit = "ms of processor" if connection.vendor == "sqlite" else "ms"
    found = stops(day_of(SystemClock().now()), names or PAGES)
    clients = _clients(stop.actor for stop in found)
    by_page: dict[str, list[Callable[[], Any]]] = {}
    for stop in found:
        visit = partial(clients[stop.actor].get, stop.address)
        by_page.setdefault(stop.page, []).append(visit)
    for page, asks in by_page.items():
        for ask in asks:
            _took(ask, clock)
        turns = -(-_ASKED // len(asks))
        times = [_took(ask, clock) for _ in range(turns) for ask in asks]
        for name, value, limit in (
            ("median", median(times), MEDIAN),
            ("95th percentile", quantiles(times, n=20, method="inclusive")[-1], P95),
        ):
            yield {
                "name": f"{page}, {name}, {setting}, {connection.vendor}",
                "value": round(value, 1),
                "unit": unit,
                "peer": "what the house allows",
                "peer_value": limit,
                "ratio": round(limit / value, 2),
            }


def main() -> int:
    """Measure on the configured database, first as it is; JSON on stdout."""
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    found = list(measure("a simulated month"))
    add_open_tasks(TASKS)
    found += measure(f"and {TASKS} open tasks")
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
