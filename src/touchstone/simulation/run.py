"""The simulated days: customers come, people work, machines serve, clocks run out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from django.db import connection

from touchstone.clocks.actions import import_calendar, sweep
from touchstone.clocks.queries import calendar
from touchstone.identity.actions import name_deputy
from touchstone.journal.checkpoint import current_heads, root_of, take_checkpoint
from touchstone.journal.followers import FollowerRun
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import INSTITUTION_ZONE, VirtualClock, at_local
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import split_pool
from touchstone.process.actions.machines import deliver_message, run_due
from touchstone.process.actions.matters import acknowledge_escalation
from touchstone.process.actions.tasks import complete_task, release_hold
from touchstone.process.queries import case_so_far, worklist
from touchstone.simulation.arrivals import Arrivals
from touchstone.simulation.bank import BRANCHES, Employee, found_bank
from touchstone.simulation.behaviours import BEHAVIOUR, EVIDENCE
from touchstone.simulation.measuring import Measuring
from touchstone.simulation.registers import RegisterKeeping

_TICK = dt.timedelta(minutes=15)
_PER_TICK = 3
Progress = Callable[[int, int], None]


@dataclass
class Tally:
    """What the people did."""

    tasks_completed: int = 0
    refusals: int = 0


class Simulation:
    """One seeded run on an empty database."""

    def __init__(self, seed: int, first_day: dt.date) -> None:
        self.random = Random(seed)  # noqa: S311 - repeatability is the point
        self.clock = VirtualClock(at_local(first_day, dt.time(7)))
        self.context = ActContext("system:simulation", self.clock, SeededChance(seed))
        self.first_day = first_day
        self.tally = Tally()
        self.followers = FollowerRun()
        self.absent: set[str] = set()
        self.deputies: dict[Employee, str] = {}
        self._know_staff(())

    def run(self, days: int, progress: Progress | None = None) -> None:
        """Found the bank and let ``days`` calendar days pass."""
        self._know_staff(found_bank(self.context))
        self._machines()
        measuring = Measuring(self.context, self.clock, self.first_day, days)
        for number in range(days):
            day = self.first_day + dt.timedelta(days=number)
            if number == 7:
                self._change_calendar()
            if calendar("cn").is_workday(day):
                self._working_day(day)
            else:
                self.clock.move_to(at_local(day, dt.time(12)))
                self._machines()
            if number + 1 == days:
                self._midnight(day)
            measuring.day_ended(day)
            if progress:
                progress(number + 1, days)
        take_checkpoint(self.clock)

    def _midnight(self, day: dt.date) -> None:
        self.clock.move_to(at_local(day + dt.timedelta(days=1), dt.time()))
        self._machines()

    def _know_staff(self, staff: tuple[Employee, ...]) -> None:
        self.staff = staff
        self.registers = RegisterKeeping(self.context, self.random, staff)
        self.arrivals = Arrivals(self.context, self.random, staff, self.registers)

    def journal_head(self) -> str:
        """Merkle root over all stream heads, hex."""
        return root_of(current_heads()).hex()

    def _working_day(self, day: dt.date) -> None:
        self._absences(day)
        now = at_local(day, dt.time(9))
        while now <= at_local(day, dt.time(17)):
            self.clock.move_to(now)
            self.arrivals.quarter_hour(now.astimezone(INSTITUTION_ZONE))
            self._machines()
            self._people()
            self._releases()
            self._superiors()
            self._own_review()
            self._customers()
            self._machines()
            now += _TICK
        self.registers.end_of_day(day)

    def _machines(self) -> None:
        worker = replace(self.context, actor="system:worker")
        while True:
            served = run_due(worker, limit=500)
            served += self.followers.deliver(worker)
            served += sweep(replace(self.context, actor="system:sweeper"))
            if not served:
                return

    def _people(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT pool FROM process_task WHERE state = 'open'")
            waiting = {row[0] for row in cursor.fetchall()}
            cursor.execute("SELECT DISTINCT claimed_by FROM process_task WHERE state = 'claimed'")
            claimed = {row[0] for row in cursor.fetchall()}
        open_to = {pool: split_pool(pool) for pool in sorted(waiting)}
        for person in self.staff:
            if person.id in self.absent:
                continue
            places = [(person.posts, person.unit), *self._represented(person)]
            pools = [
                pool
                for pool, (posts, unit) in open_to.items()
                if any(unit == at and not set(posts).isdisjoint(held) for held, at in places)
            ]
            if not pools and person.id not in claimed:
                continue
            for entry in worklist(person.id, pools, limit=200)[:_PER_TICK]:
                if self.random.random() < person.diligence:
                    self._work(person, entry.task, entry.case, entry.element)
                    self._at_once(person, entry.case)

    def _at_once(self, person: Employee, case: str) -> None:
        """The customer sits there: what comes next at the same counter is done in one go."""
        run_due(replace(self.context, actor="system:worker"), limit=20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, element, pool FROM process_task WHERE case_id = %s AND state = 'open'",
                (case,),
            )
            waiting = list(cursor.fetchall())
        for task, element, pool in waiting:
            posts, unit = split_pool(pool)
            if unit == person.unit and not set(posts).isdisjoint(person.posts):
                self._work(person, task, case, element)

    def _represented(self, person: Employee) -> list[tuple[tuple[str, ...], str]]:
        """The posts of the absent whom he stands in for."""
        return [
            (other.posts, other.unit)
            for other, deputy in self.deputies.items()
            if deputy == person.id and other.id in self.absent
        ]

    def _work(self, person: Employee, task: str, case: str, element: str) -> None:
        procedure, variables = case_so_far(case)
        values = BEHAVIOUR[procedure][element](self.random, variables)
        evidence = {
            name: sha256(f"{case}/{name}".encode()).hexdigest()
            for name in EVIDENCE.get((procedure, element), ())
        }
        if person.is_sloppy and self.random.random() < 0.3:
            evidence = {}
            if "cost_table_confirmed" in values:
                values["cost_table_confirmed"] = False
        try:
            complete_task(replace(self.context, actor=person.id), task, values, evidence=evidence)
        except Refusal:
            self.tally.refusals += 1
        else:
            self.tally.tasks_completed += 1

    def _absences(self, day: dt.date) -> None:
        """Some people are away for a day; one branch head for a week, with a deputy named."""
        self.absent = {person.id for person in self.staff if self.random.random() < 0.03}
        number = (day - self.first_day).days
        away = self._holder("branch_head", BRANCHES[1][0])
        if 9 <= number <= 15:
            self.absent.add(away.id)
        if number >= 9 and not self.deputies:
            deputy = self._holder("outlet_head", f"{BRANCHES[1][0]}1")
            setup = replace(self.context, actor="system:setup")
            last = self.first_day + dt.timedelta(days=15)
            name_deputy(setup, away.id, deputy.id, day, max(day, last))
            self.deputies = {away: deputy.id}

    def _holder(self, post: str, unit: str) -> Employee:
        return next(item for item in self.staff if post in item.posts and item.unit == unit)

    def _releases(self) -> None:
        """Held steps are released, or handed back, by the post the control names."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, held FROM process_task WHERE state = 'held' ORDER BY id")
            held = [(task, json.loads(text)) for task, text in cursor.fetchall()]
        for task, hold in held:
            person = next(item for item in self.staff if hold["post"] in item.posts)
            if self.random.random() < person.diligence:
                context = replace(self.context, actor=person.id)
                accept = self.random.random() < 0.8
                release_hold(context, task, accept=accept, reason="已核实补充担保")

    def _superiors(self) -> None:
        """Superiors who were told of a breach say what they do about it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, persons FROM process_matter WHERE state = 'open'"
                " AND kind = 'escalation' ORDER BY id"
            )
            told = [(matter, json.loads(text)) for matter, text in cursor.fetchall()]
        for matter, persons in told:
            person = next((item for item in self.staff if item.id in persons), None)
            if person and self.random.random() < person.diligence:
                context = replace(self.context, actor=person.id)
                acknowledge_escalation(context, matter, "已督促经办人员限期办结")

    def _own_review(self) -> None:
        """A planted fault: a customer manager tries to give the first review of his own case."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM process_task WHERE state = 'open' AND element = 'first_review'"
                " ORDER BY id"
            )
            waiting = [row[0] for row in cursor.fetchall()]
        sloppy = [person for person in self.staff if person.is_sloppy]
        if waiting and self.random.random() < 0.1:
            context = replace(self.context, actor=sloppy[0].id)
            try:
                complete_task(context, waiting[0], {"opinion": "approve"})
            except Refusal:
                self.tally.refusals += 1
            else:
                raise AssertionError("nobody reviews his own work")

    def _change_calendar(self) -> None:
        """A planted change: a day off is announced, and open deadlines are computed anew."""
        manager = self._holder("standard_manager", "head")
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
        """Customers who were asked for documents bring them, sooner or later."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT case_id, name FROM process_wait WHERE kind = 'receive'"
                " AND name IS NOT NULL ORDER BY id"
            )
            asked = list(cursor.fetchall())
        for case, name in asked:
            if self.random.random() < 0.05:
                deliver_message(replace(self.context, actor=f"customer:{case}"), case, name, {})
