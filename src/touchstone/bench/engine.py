"""What a step of an approval costs, on both databases, beside its floor and the reference.

Each database is measured in a process of its own (``bench.stepping``): SQLite with full sync,
PostgreSQL with fsync on, from ``TOUCHSTONE_BENCH_DATABASE_URL`` or thrown up from the installed
binaries. A procedure of 200 steps follows, beside one of 10 on the same database, to see whether a
step's cost grows with the procedure.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from touchstone.bench.apart import own_environment, run_module
from touchstone.bench.postgresql import NoPostgresqlError, throwaway

Progress = Callable[[int, int], None]
_SECONDS = {False: 0.5, True: 4.0}
_LONG = 200


def _stepping(address: str, steps: int, seconds: float, *clients: int) -> list[dict[str, Any]]:
    words = [str(steps), str(seconds), *map(str, clients)]
    with own_environment(address, TOUCHSTONE_SQLITE_SYNCHRONOUS="FULL") as environment:
        found: list[dict[str, Any]] = json.loads(
            run_module(environment, "touchstone.bench.stepping", *words)
        )
    return found


@contextmanager
def postgresql() -> Iterator[str]:
    """An empty database: the one named for benches, else a throw-away one.

    Raises:
        NoPostgresqlError: neither is there.
    """
    named = os.environ.get("TOUCHSTONE_BENCH_DATABASE_URL")
    if named:
        yield named
        return
    with throwaway() as address:
        yield address


def machine() -> dict[str, Any]:
    """On what the figures were taken."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "fsync": True,
        "system": f"{platform.system()} {platform.machine()}",
    }


def bench_engine(
    *, full: bool = False, progress: Progress = lambda done, total: None
) -> dict[str, Any]:
    """Everything that ``touchstone bench engine`` prints.

    Raises:
        Refusal: ``bench.broke_off``.
    """
    seconds, clients = _SECONDS[full], (1, 16)
    results: list[Mapping[str, Any]] = []
    missing: list[dict[str, str]] = []
    progress(0, 4)
    results += _stepping("", 10, seconds, *clients)
    progress(1, 4)
    results += _stepping("", _LONG, seconds, 1)
    progress(2, 4)
    try:
        with postgresql() as address:
            results += _stepping(address, 10, seconds, *clients)
            progress(3, 4)
    except NoPostgresqlError as reason:
        missing.append({"database": "postgresql", "reason": str(reason)})
    progress(4, 4)
    long = next(line for line in results if line["procedure_steps"] == _LONG)
    return {
        "machine": machine(),
        "results": results,
        "cost_of_200_steps_to_10": long["cost_to_10_steps"],
        "cost_with_database_of_200_steps_to_10": long["cost_with_database_to_10_steps"],
        "time_of_200_steps_to_10": long["time_to_10_steps"],
        "floor_time_of_200_steps_to_10": long["floor_time_to_10_steps"],
        "not_measured": missing,
    }
