"""A seeded bank repeats exactly, and what must hold in it holds."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from touchstone.improvement.xray import broken_invariants
from touchstone.journal.reading import rows
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation

FIRST = dt.date(2026, 1, 1)


def simulated(folder: Path, **environment: str) -> dict[str, object]:
    """A simulation by the command line in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "touchstone.cli.main",
        "simulate",
        "--seed",
        "7",
        "--days",
        "9",
    ]
    done = subprocess.run(
        [*command, "--json"],
        env={**os.environ, "TOUCHSTONE_DATA": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_heads_here_and_in_another_process(tmp_path: Path) -> None:
    make_room(fresh=False)
    simulation = Simulation(7, FIRST)
    simulation.run(9)

    other = simulated(
        tmp_path,
        TOUCHSTONE_DATABASE_URL=f"sqlite://{tmp_path / 'other.sqlite3'}",
        PYTHONHASHSEED="4711",
        TZ="America/New_York",
    )

    assert other["journal_head"] == simulation.journal_head()
    assert broken_invariants(simulation.clock.now()) == []

    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM process_case WHERE procedure = 'loan'")
        (loan,) = cursor.fetchone() or (None,)
        acted = '{"p001":["first_review","second_review"]}'
        cursor.execute("UPDATE process_case SET actors = %s WHERE id = %s", [acted, loan])
    broken = broken_invariants(simulation.clock.now())
    assert [item for item in broken if item.startswith(f"case {loan}: ")], broken


@pytest.mark.django_db(transaction=True)
def test_planted_faults_show(tmp_path: Path) -> None:
    make_room(fresh=False)
    simulation = Simulation(7, FIRST)
    simulation.run(16)

    kinds = {recorded.kind for row in rows() for recorded in row.recorded()}

    assert simulation.tally.refusals > 0
    assert {
        "process.act_refused",
        "clocks.breached",
        "process.escalated",
        "process.escalation_acknowledged",
        "clocks.paused",
        "clocks.calendar_imported",
    } <= kinds


@pytest.mark.django_db(transaction=True)
def test_another_seed_gives_other_heads() -> None:
    heads = []
    for seed in (1, 2):
        make_room(fresh=True)
        simulation = Simulation(seed, FIRST)
        simulation.run(6)
        heads.append(simulation.journal_head())

    assert heads[0] != heads[1]
