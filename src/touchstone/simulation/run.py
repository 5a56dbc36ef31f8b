"""The simulated days: customers come, people work, machines serve, clocks run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import Any

from django.db import connection

from touchstone.clocks.actions import import_calendar, sweep
from touchstone.clocks.queries import calendar
from touchstone.identity.actions import name_deputy
from touchstone.journal.checkpoint import current_heads, root_of, take_checkpoint
from touchstone.journal.followers import FollowerRun
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.time import INSTITUTION_ZONE, VirtualClock, at_local
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.actions.machines import run_due
from touchstone.process.ports import SERVICE_HANDLERS, HandlerFailed, Request
from touchstone.service.actions import delivering
from touchstone.service.ports import ROUTING
from touchstone.service.routing import simulated
from touchstone.simulation.arrivals import Arrivals
from touchstone.simulation.bank import BRANCHES, Employee, found_bank
from touchstone.simulation.learning import Learning
from touchstone.simulation.measuring import Measuring
from touchstone.simulation.people import People, Tally
from touchstone.simulation.registers import RegisterKeeping
from touchstone.simulation.scripts import Scripts

_TICK = dt.timedelta(minutes=15)
_CALENDAR_CHANGES_ON, _FEED_FAILS_ON = 7, 11
# Messages from outside: how likely one comes in a quarter of an hour of a working day.
_ARRIVES: Mapping[str, float] = {
    "customer_documents": 0.013,
    "appeal": 0.02,
    "loan_settled": 0.0006,
}
_NEVER_ANSWERS = 0.1
# What a scenario knows of comes within a few working days.
_SCRIPTED = 0.04
Progress = Callable[[int, int], None]


class Simulation:
    """One seeded run on an empty database."""

    def __init__(self, seed: int, first_day: dt.date) -> None:
        self.seed = seed
        self.random = Random(seed)  # noqa: S311 - repeatability is the point
        self.clock = VirtualClock(at_local(first_day, dt.time(7)))
        self.context = ActContext("system:simulation", self.clock, SeededChance(seed))
        self.first_day = first_day
        self.followers = FollowerRun()
        self._silent: dict[str, bool] = {}
        self._know_staff(())

    @property
    def tally(self) -> Tally:
        """What the people did."""
        return self.people.tally

    def run(self, days: int, progress: Progress | None = None) -> None:
        """Found the bank and let ``days`` calendar days pass; no letter leaves the house."""
        with ROUTING.stand_in("routing", simulated):
            self._run(days, progress)

    def _run(self, days: int, progress: Progress | None) -> None:
        self._know_staff(found_bank(self.context, self.random))
        self._machines()
        measuring = Measuring(self.context, self.clock, self.first_day, days)
        for number in range(days):
            day = self.first_day + dt.timedelta(days=number)
            if number == _CALENDAR_CHANGES_ON:
                self._change_calendar()
            if calendar("cn").is_workday(day):
                self._working_day(day)
            else:
                self._day_off(day)
            if number + 1 == days:
                self._midnight(day)
            measuring.day_ended(day)
            if progress:
                progress(number + 1, days)
        # What the last measuring found is followed up too.
        self._machines()
        take_checkpoint(self.clock)

    def _midnight(self, day: dt.date) -> None:
        self.clock.move_to(at_local(day + dt.timedelta(days=1), dt.time()))
        self._machines()

    def _know_staff(self, staff: tuple[Employee, ...]) -> None:
        self.scripts = Scripts(catalogue())
        self.people = People(self.context, self.random, staff, self.scripts)
        self.learning = Learning(self.context, Random(f"{self.seed}/learning"), staff)  # noqa: S311 - as above
        self.registers = RegisterKeeping(self.context, self.random, staff)
        self.arrivals = Arrivals(
            self.context, self.random, staff, self.registers, self.scripts, self.people.go_on
        )

    def journal_head(self) -> str:
        """Merkle root over all stream heads, hex."""
        return root_of(current_heads()).hex()

    def _working_day(self, day: dt.date) -> None:
        self._absences(day)
        self.clock.move_to(at_local(day, dt.time(8, 20)))
        self.learning.morning(day, self.people.absent)
        self.clock.move_to(at_local(day, dt.time(8, 50)))
        self.learning.hand_in(day)
        now = at_local(day, dt.time(9))
        while now <= at_local(day, dt.time(17)):
            self.clock.move_to(now)
            with ExitStack() as stack:
                if (day - self.first_day).days == _FEED_FAILS_ON:
                    self._feed_fails(stack, now.astimezone(INSTITUTION_ZONE).hour)
                self.arrivals.quarter_hour(now.astimezone(INSTITUTION_ZONE))
                self._machines()
                self.people.quarter_hour()
                self._customers()
                self._machines()
            now += _TICK
        self.people.withdrawals()
        self._machines()
        self.registers.end_of_day(day)

    def _day_off(self, day: dt.date) -> None:
        """The outlets are closed; complaints come by telephone, and the duty roster answers them."""
        self.people.absent = set()
        for hour in range(10, 16):
            for minute in (0, 30):
                self.clock.move_to(at_local(day, dt.time(hour, minute)))
                self.arrivals.half_hour_off()
                self._machines()
                self.people.on_duty()
                self._machines()

    def _machines(self) -> None:
        worker = replace(self.context, actor="system:worker")
        while True:
            served = run_due(worker, limit=500)
            served += self.followers.deliver(worker)
            served += delivering.run_due(worker, limit=500)
            served += sweep(replace(self.context, actor="system:sweeper"))
            if not served:
                return

    def _feed_fails(self, stack: ExitStack, hour: int) -> None:
        """A planted fault: the list provider does not answer for an hour; some jobs give up."""
        if hour == 10:
            stack.enter_context(SERVICE_HANDLERS.stand_in("screening", _no_answer))

    def _absences(self, day: dt.date) -> None:
        """Some people are away for a day; one branch head for a week, with a deputy named."""
        people = self.people
        people.absent = {person.id for person in people.staff if self.random.random() < 0.03}
        number = (day - self.first_day).days
        away = people.holder("branch_head", BRANCHES[1][0])
        if 9 <= number <= 15:
            people.absent.add(away.id)
        if number >= 9 and not people.deputies:
            deputy = people.holder("outlet_head", f"{BRANCHES[1][0]}1")
            setup = replace(self.context, actor="system:setup")
            last = self.first_day + dt.timedelta(days=15)
            name_deputy(setup, away.id, deputy.id, day, max(day, last))
            people.deputies = {away: deputy.id}

    def _change_calendar(self) -> None:
        """A planted change: a day off is announced, and open deadlines are computed anew."""
        manager = self.people.holder("standard_manager", "head")
        year = self.first_day.year
        shipped = catalogue().get("calendar", f"cn-{year}")
        day = calendar("cn").add_working_days(self.first_day, 12)
        if shipped is None or day.year != year:
            return
        added = f"days:\n  - {{on: {day}, off: true, name: {{zh: 临时放假, en: Extra day off}}}}\n"
        content = shipped.content.decode().replace("days:\n", added, 1).encode()
        context = replace(self.context, actor=manager.id)
        import_calendar(context, content, f"cn-{year}.yaml")

    def _customers(self) -> None:
        """Customers who were asked for something bring it to the outlet, sooner or later; a few never do."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.id, w.case_id, w.name, c.procedure, c.unit FROM process_wait w"
                " JOIN process_case c ON c.id = w.case_id WHERE w.kind IN ('receive', 'message')"
                " AND w.name IS NOT NULL"
            )
            asked = [row[1:] for row in sorted(cursor.fetchall())]
        told: set[str] = set()
        for case, name, procedure, unit in asked:
            if case in told:
                continue  # what came first may have ended the other wait
            if name not in _ARRIVES:
                values = self.scripts.message(procedure, case, name, self.clock.now())
                if values is not None and self.random.random() < _SCRIPTED:
                    told.add(case)
                    self._bring(case, name, procedure, unit, values)
                continue
            if case not in self._silent:
                self._silent[case] = self.random.random() < _NEVER_ANSWERS
            if not self._silent[case] and self.random.random() < _ARRIVES[name]:
                told.add(case)
                self._bring(case, name, procedure, unit, {})

    def _bring(
        self, case: str, name: str, procedure: str, unit: str, values: Mapping[str, Any]
    ) -> None:
        bringer = self._bringer(procedure, name, unit)
        if bringer is not None:
            deliver_message(replace(self.context, actor=bringer), case, name, values)

    def _bringer(self, procedure: str, name: str, unit: str) -> str | None:
        """Who takes in at the unit what the customer brings, or the system that knows of it.

        None where another case or the house's own machines send it.
        """
        found = catalogue().get("procedure", procedure)
        assert found is not None, procedure
        brought = found.data["messages"][name].get("delivered_by")
        if brought is None or "system:worker" in brought.get("systems", ()):
            return None
        if brought.get("systems"):
            return str(brought["systems"][0])
        return self.people.nearest(brought["posts"], unit).id


def _no_answer(context: ActContext, request: Request) -> Mapping[str, Any]:
    raise HandlerFailed("the list provider does not answer")
