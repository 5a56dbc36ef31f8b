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
from touchstone.journal.checkpoint import current_heads, root_of, take_checkpoint
from touchstone.journal.followers import FollowerRun
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import VirtualClock, at_local, day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import pool_of
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.machines import deliver_message, run_due
from touchstone.process.actions.matters import acknowledge_escalation
from touchstone.process.actions.tasks import complete_task, release_hold
from touchstone.process.queries import case_variables, worklist
from touchstone.records.actions.customers import register_customer
from touchstone.simulation.bank import BRANCHES, Employee, found_bank
from touchstone.simulation.behaviour import BEHAVIOUR, EVIDENCE, application, service_request
from touchstone.simulation.customers import invented_customer
from touchstone.simulation.registers import RegisterKeeping

_TICK = dt.timedelta(minutes=30)
_PER_TICK = 3
Progress = Callable[[int, int], None]


@dataclass
class Tally:
    """What the people did."""

    cases: int = 0
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
        self.staff: tuple[Employee, ...] = ()
        self.customers: dict[str, list[str]] = {}
        self.registers = RegisterKeeping(self.context, self.random, ())

    def run(self, days: int, progress: Progress | None = None) -> None:
        """Found the bank and let ``days`` calendar days pass."""
        self.staff = found_bank(self.context)
        self.registers = RegisterKeeping(self.context, self.random, self.staff)
        self._machines()
        for number in range(days):
            day = self.first_day + dt.timedelta(days=number)
            if number == 7:
                self._change_calendar()
            if calendar("cn").is_workday(day):
                self._working_day(day)
            else:
                self.clock.move_to(at_local(day, dt.time(12)))
                self._machines()
            if progress:
                progress(number + 1, days)
        self.clock.move_to(at_local(self.first_day + dt.timedelta(days=days), dt.time()))
        self._machines()
        take_checkpoint(self.clock)

    def journal_head(self) -> str:
        """Merkle root over all stream heads, hex."""
        return root_of(current_heads()).hex()

    def _working_day(self, day: dt.date) -> None:
        now = at_local(day, dt.time(9))
        while now <= at_local(day, dt.time(17)):
            self.clock.move_to(now)
            self._arrivals(now)
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

    def _arrivals(self, now: dt.datetime) -> None:
        for branch, _, _ in BRANCHES:
            outlet = f"{branch}1"
            if self.random.random() < 0.10:
                manager = self._holder("account_manager", outlet)
                self._start(manager, "loan", outlet, application(self.random))
            if self.random.random() < 0.15:
                clerk = self._holder("acceptance_clerk", outlet)
                self._start(clerk, "acceptance", outlet, service_request(self.random))

    def _holder(self, post: str, unit: str) -> str:
        found = [person.id for person in self.staff if (person.post, person.unit) == (post, unit)]
        return self.random.choice(found)

    def _start(self, person: str, procedure: str, unit: str, values: dict[str, object]) -> None:
        context = replace(self.context, actor=person)
        customer = self._customer(context, unit)
        start_case(context, procedure, unit=unit, values=values, customer=customer)
        self.tally.cases += 1

    def _customer(self, context: ActContext, unit: str) -> str:
        """Somebody who comes again, or comes for the first time and is registered."""
        known = self.customers.setdefault(unit, [])
        if known and self.random.random() < 0.3:
            return self.random.choice(known)
        number = sum(len(items) for items in self.customers.values())
        customer = register_customer(context, invented_customer(self.random, number), unit=unit)
        known.append(customer)
        day = day_of(self.clock.now())
        self.registers.customer_registered(customer, context.actor, unit, day)
        return customer

    def _people(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT pool FROM process_task WHERE state = 'open'")
            waiting = {row[0] for row in cursor.fetchall()}
            cursor.execute("SELECT DISTINCT claimed_by FROM process_task WHERE state = 'claimed'")
            claimed = {row[0] for row in cursor.fetchall()}
        for person in self.staff:
            pools = [pool_of(person.post, person.unit)]
            if waiting.isdisjoint(pools) and person.id not in claimed:
                continue
            for entry in worklist(person.id, pools, limit=200)[:_PER_TICK]:
                if self.random.random() < person.diligence:
                    self._work(person, entry.task, entry.case, entry.element)

    def _work(self, person: Employee, task: str, case: str, element: str) -> None:
        values = BEHAVIOUR[element](self.random, case_variables(case))
        evidence = {
            name: sha256(f"{case}/{name}".encode()).hexdigest()
            for name in EVIDENCE.get(element, ())
        }
        if person.is_sloppy and self.random.random() < 0.3:
            evidence = {}
            if element == "sign_contract":
                values["cost_table_confirmed"] = False
        try:
            complete_task(replace(self.context, actor=person.id), task, values, evidence=evidence)
        except Refusal:
            self.tally.refusals += 1
        else:
            self.tally.tasks_completed += 1

    def _releases(self) -> None:
        """Held steps are released, or handed back, by the post the control names."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, held FROM process_task WHERE state = 'held' ORDER BY id")
            held = [(task, json.loads(text)) for task, text in cursor.fetchall()]
        for task, hold in held:
            person = next(item for item in self.staff if item.post == hold["post"])
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
        manager = next(person for person in self.staff if person.post == "standard_manager")
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
