"""A school: the shipped standard, an agent, a manager of accounts, and the officer of training."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest

from tests.process.small_bank import forget
from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack


@dataclass(frozen=True)
class School:
    """People and their clock."""

    context: ActContext
    clock: VirtualClock

    def by(self, person: str) -> ActContext:
        """An act of ``person``."""
        return replace(self.context, actor=person)

    def pass_minutes(self, minutes: int) -> None:
        """Let time pass."""
        self.clock.move_to(self.clock.now() + dt.timedelta(minutes=minutes))


def refused(code: str, *, clause: str | None = None) -> pytest.RaisesExc[Refusal]:
    """Expect a refusal, of that clause where it is named."""

    def fits(error: Refusal) -> bool:
        return error.code == code and clause in (None, error.clause)

    return pytest.RaisesExc(Refusal, check=fits)


@pytest.fixture
def school() -> School:
    """Monday 2 March 2026, 09:30."""
    forget()
    clock = VirtualClock(at_local(dt.date(2026, 3, 2), dt.time(9, 30)))
    context = ActContext("system:setup", clock, SeededChance(7))
    apply_pack(context, read(shipped_pack()))
    open_unit(context, "head", Text("总行", "Head office"), "head")
    open_unit(context, "b1", Text("一分行", "Branch one"), "branch", "head")
    open_unit(context, "o1", Text("一支行", "Outlet one"), "outlet", "b1")
    staff = {
        "ann": ("complaint_clerk", "o1"),
        "bob": ("account_manager", "o1"),
        "tom": ("training_officer", "head"),
    }
    for person, (post, unit) in staff.items():
        join_person(context, person, Text(person, person))
        grant_post(context, person, post, unit)
    return School(context, clock)
