"""Another limit tried on the past: the same as what a bank that lived by it would have had."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.process.small_bank import SmallBank, found_small_bank, refused
from tests.process.small_pack import review_files
from touchstone.clocks.actions import sweep
from touchstone.clocks.backtesting import Backtest, backtest
from touchstone.kernel.time import day_of
from touchstone.simulation.reset import forget

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
# How many hours after its start each case's check is completed; None: never.
DELAYS = (1, 20, 30, 47, 50, 71, 73, 96, 120, None)


def lived(folder: Path, limit: str) -> tuple[SmallBank, list[str], set[int]]:
    """A bank under a limit, in which nobody hurries for it: its cases, and which ran out of time."""
    files = review_files()
    name = "parameters/review/limit.yaml"
    files[name] = files[name].replace("2wd", limit)
    bank = found_small_bank(folder, files)
    begun = bank.clock.now()
    cases = []
    for _ in DELAYS:
        case = bank.begin()
        bank.complete(case, "prepare", "ann")
        cases.append(case)
    later = sorted((delay, case) for delay, case in zip(DELAYS, cases, strict=True) if delay)
    for delay, case in later:
        bank.clock.move_to(begun + dt.timedelta(hours=delay))
        sweep(bank.by("system:sweeper"))
        bank.complete(case, "check", "bob")
    bank.clock.move_to(begun + dt.timedelta(days=10))
    sweep(bank.by("system:sweeper"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id FROM clocks_clock WHERE breached_at IS NOT NULL")
        late = {row[0] for row in cursor.fetchall()}
    return bank, cases, {place for place, case in enumerate(cases) if case in late}


def tried(bank: SmallBank, cases: list[str], limit: str) -> tuple[Backtest, set[int]]:
    """The trial of a limit over everything, and the cases that would have been late."""
    day = day_of(bank.clock.now())
    found = backtest("review.limit", limit, day - dt.timedelta(days=30), day, now=bank.clock.now())
    return found, {cases.index(item.case) for item in found.tried if item.would_be_late}


@pytest.mark.parametrize("other", ["1wd", "3wd", "24h", "4d"])
def test_a_trial_equals_a_bank_that_lived_by_the_other_limit(tmp_path: Path, other: str) -> None:
    bank, cases, late = lived(tmp_path / "one", "2wd")
    found, would_be = tried(bank, cases, other)
    assert len(found.tried) == len(DELAYS)
    assert found.late == len(late)
    assert tried(bank, cases, "2wd")[1] == late, "the same limit gives the same"
    assert found.would_be_late - found.late == len(found.newly_late) - len(found.late_no_more)

    call_command("flush", interactive=False, verbosity=0)
    forget()
    _, _, really = lived(tmp_path / "two", other)

    assert would_be == really


def test_what_cannot_be_tried_is_refused_with_what_to_do(tmp_path: Path) -> None:
    bank, _, _ = lived(tmp_path, "2wd")
    day, now = day_of(bank.clock.now()), bank.clock.now()
    for wrong in ("soon", "0h", "2 days", "99999999wd"):
        with refused("clocks.not_a_limit"):
            backtest("review.limit", wrong, day, day, now=now)
    with refused("clocks.no_period"):
        backtest("review.limit", "1wd", day, day - dt.timedelta(days=1), now=now)
    with refused("standard.no_such_parameter"):
        backtest("no.such", "1wd", day, day, now=now)
    nothing = backtest("review.limit", "1wd", day, day, now=now)
    assert (nothing.tried, nothing.would_be_late) == ((), 0)
