"""How long the database takes for one person's worklist over 100,000 open tasks.

Run by ``bench_worklist`` in a process of its own for each database. The peer is the same question
asked the usual way in the same run: one query over all pools and states, sorted as a whole.
Two layouts are asked: the bank's (tasks spread over its outlets) and the worst (all in one pool).
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

import django

from touchstone.bench.apart import own_environment, run_module

TASKS = 100_000
_OUTLETS = 100
_POSTS = ("clerk", "reviewer", "approver")
_ASKED = 30
_INSERT = (
    "INSERT INTO process_task (id, case_id, wait, element, pool, state, claimed_by, opened_at,"
    " due_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_USUAL = (
    "SELECT id, case_id, element, pool, state, opened_at, due_at FROM process_task"
    " WHERE state IN ('open', 'claimed') AND (claimed_by = %s OR"
    " (claimed_by IS NULL AND pool IN ({pools})))"
    " ORDER BY CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, due_at, id LIMIT 50"
)


def _rows(pools: list[str], chance: random.Random) -> Iterable[tuple[Any, ...]]:
    for number in range(TASKS):
        case = f"{chance.randrange(36**8):09x}{number:06d}"
        claimed = number % 20 == 0
        person = f"p{chance.randrange(500)}" if claimed else None
        due = None if number % 10 == 0 else 1_790_000_000_000_000 + chance.randrange(10**12)
        state = "claimed" if claimed else "open"
        pool = pools[chance.randrange(len(pools))]
        yield f"{case}.w1", case, "w1", "review", pool, state, person, 1_780_000_000_000_000, due


def _median_milliseconds(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(_ASKED):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return median(took) * 1000


def _measure(name: str, pools: list[str], mine: list[str]) -> dict[str, Any]:
    from django.db import connection

    from touchstone.process.queries import worklist

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM process_task")
        cursor.executemany(_INSERT, list(_rows(pools, random.Random(7))))  # noqa: S311
        cursor.execute("ANALYZE")
    usual = _USUAL.format(pools=", ".join(["%s"] * len(mine)))

    def ask_usual() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(usual, ["p7", *mine])
            return list(cursor.fetchall())

    ours = [entry.task for entry in worklist("p7", mine)]
    assert ours == [row[0] for row in ask_usual()], "both ways find the same tasks"
    value, peer = (
        _median_milliseconds(lambda: worklist("p7", mine)),
        _median_milliseconds(ask_usual),
    )
    return {
        "name": f"worklist of one person, {TASKS} open tasks, {name}, {connection.vendor}",
        "value": round(value, 3),
        "unit": "ms",
        "peer": "one query over all pools, sorted as a whole",
        "peer_value": round(peer, 3),
        "ratio": round(peer / value, 2),
    }


def bench_worklist(addresses: Iterable[str]) -> list[dict[str, Any]]:
    """Measure on each database; an empty address means a new SQLite file.

    Raises:
        Refusal: ``bench.broke_off``.
    """
    results: list[dict[str, Any]] = []
    for address in addresses:
        with own_environment(address) as environment:
            results += json.loads(run_module(environment, "touchstone.bench.worklist"))
    return results


def main() -> int:
    """Measure on the configured database; JSON on stdout."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    spread = [f"{post}@outlet{number}" for number in range(_OUTLETS) for post in _POSTS]
    found = [
        _measure("spread over 100 outlets", spread, ["clerk@outlet7", "reviewer@outlet7"]),
        _measure("all in one pool", ["approver@head"], ["approver@head"]),
    ]
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
