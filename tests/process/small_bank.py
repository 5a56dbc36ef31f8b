"""A bank with one outlet for tests that write their own pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.process.small_pack import write_pack
from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.followers import FollowerRun
from touchstone.journal.reading import stream_rows
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import ActContext
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.machines import run_due
from touchstone.process.actions.tasks import complete_task
from touchstone.simulation.reset import forget

YES = {"opinion": "approve"}
STAFF = {
    "ann": ("clerk", "o1"),
    "bob": ("approver", "o1"),
    "cat": ("approver", "o1"),
    "sue": ("supervisor", "o1"),
    "oli": ("outlet_head", "o1"),
    "hal": ("branch_head", "b1"),
    "qin": ("quality_officer", "head"),
    "aud": ("security_auditor", "head"),
}


def local(day: str, time: str = "10:00") -> dt.datetime:
    """An instant by the institution's wall clock, in 2026."""
    return at_local(dt.date.fromisoformat(f"2026-{day}"), dt.time.fromisoformat(time))


@dataclass
class SmallBank:
    """The bank, its clock and its machines."""

    context: ActContext
    clock: VirtualClock
    followers: FollowerRun

    def by(self, person: str, key: str | None = None) -> ActContext:
        """The context of a person's act."""
        return replace(self.context, actor=person, key=key)

    def at(self, day: str, time: str = "10:00") -> None:
        """Go forward to a wall time."""
        self.clock.move_to(local(day, time))

    def machines(self) -> None:
        """Serve jobs and deliver facts until nothing is left."""
        worker = self.by("system:worker")
        while run_due(worker) + self.followers.deliver(worker):
            pass

    def begin(self, procedure: str = "review", **values: Any) -> str:
        """Start a case at the outlet."""
        return start_case(self.by("ann"), procedure, unit="o1", values={**YES, **values})

    def task(self, case: str, element: str) -> str:
        """The open task of a step."""
        return str(column("id", "process_task", case, f"element = '{element}'")[-1])

    def complete(self, case: str, element: str, person: str, **values: Any) -> None:
        """Complete the open task of a step."""
        complete_task(self.by(person), self.task(case, element), {**YES, **values})


def column(name: str, table: str, case: str, more: str = "1 = 1") -> list[Any]:
    """One column of the case's rows in a table, in order of id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {name} FROM {table} WHERE case_id = %s AND {more} ORDER BY id", (case,)
        )
        return [row[0] for row in cursor.fetchall()]


def facts(case: str, kind: str) -> list[dict[str, Any]]:
    """Data of every fact of a kind on a case."""
    return [
        dict(item.data)
        for row in stream_rows(f"case:{case}")
        for item in row.recorded()
        if item.kind == kind
    ]


def holds() -> bool:
    """The chain verifies and replay gives the tables."""
    return verify().ok and all(table.differences == 0 for table in replay().values())


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    """Expect a refusal."""
    return pytest.RaisesExc(Refusal, check=lambda error: error.code == code)


def found_small_bank(
    folder: Path, files: Mapping[str, str], *, without: frozenset[str] = frozenset()
) -> SmallBank:
    """Open the bank on Monday 2 March 2026, 09:30, with a pack of ``files``."""
    forget()
    clock = VirtualClock(local("03-02", "09:30"))
    context = ActContext("system:setup", clock, SeededChance(7))
    apply_pack(context, read(write_pack(folder, files)))
    open_unit(context, "head", Text("总行", "Head office"), "head")
    open_unit(context, "b1", Text("一分行", "Branch one"), "branch", "head")
    open_unit(context, "o1", Text("一支行", "Outlet one"), "outlet", "b1")
    for person, (post, unit) in STAFF.items():
        if person not in without:
            join_person(context, person, Text(person, person))
            grant_post(context, person, post, unit)
    return SmallBank(context, clock, FollowerRun())
