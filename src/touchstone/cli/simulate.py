"""``touchstone simulate``: a seeded bank on a virtual clock."""

from __future__ import annotations

import datetime as dt
import time
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database, sqlite_without_sync
from touchstone.cli.output import ERRORS, emit, progress
from touchstone.kernel.refusal import refuse

MAX_DAYS = 1100


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    word = words.add_parser("simulate", help="let a seeded bank live by the standard")
    word.add_argument("--seed", type=int, required=True)
    word.add_argument("--days", type=int, required=True)
    word.add_argument("--from", dest="first_day", type=dt.date.fromisoformat, metavar="DAY")
    word.add_argument("--fresh", action="store_true", help="replace an earlier simulation")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    if not 1 <= args.days <= MAX_DAYS:
        raise refuse(
            "simulation.days", f"天数须在 1 至 {MAX_DAYS} 之间", f"Days are 1 to {MAX_DAYS}"
        )
    data = simulate(args.seed, args.days, args.first_day or dt.date(2026, 1, 1), fresh=args.fresh)
    lines = [f"{name:16} {value}" for name, value in data.items() if name != "broken"]
    emit(args, data, [*lines, *data["broken"]])
    return 1 if data["broken"] else 0


def simulate(seed: int, days: int, first_day: dt.date, *, fresh: bool = False) -> dict[str, Any]:
    """Run a simulation and check its invariants; the fields of ``--json``."""
    from touchstone.improvement.queries import Asked, finding_counts
    from touchstone.improvement.xray import broken_invariants
    from touchstone.journal.queries import act_and_fact_counts
    from touchstone.simulation.reset import make_room
    from touchstone.simulation.run import Simulation

    ready_database()
    make_room(fresh=fresh)
    if sqlite_without_sync():
        ERRORS.print("SQLite: synchronous is off during the simulation", style="dim")
    started = time.monotonic()
    simulation = Simulation(seed, first_day)
    with progress("simulate") as advance:
        simulation.run(days, advance)
    broken = broken_invariants(simulation.clock.now())
    counts = act_and_fact_counts()
    counted = finding_counts(Asked())
    findings = sum(count for (level, _), count in counted.items() if level == "finding")
    return {
        "seed": seed,
        "days": days,
        "first_day": first_day.isoformat(),
        "last_day": (first_day + dt.timedelta(days=days - 1)).isoformat(),
        "cases": counts.facts.get("process.case_started", 0),
        "tasks_completed": simulation.tally.tasks_completed,
        "acts": counts.acts,
        "events": counts.events,
        "refusals": simulation.tally.refusals,
        "breaches": counts.facts.get("clocks.breached", 0),
        "findings": findings,
        "journal_head": simulation.journal_head(),
        "seconds": round(time.monotonic() - started, 3),
        "broken": broken,
    }
