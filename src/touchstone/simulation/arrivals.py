"""What comes through the door, hour by hour: customers, complaints, findings, wishes to revise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from django.db import connection

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.time import day_of
from touchstone.process.actions.cases import start_case
from touchstone.records.actions.customers import register_customer
from touchstone.simulation.bank import BRANCHES, Employee
from touchstone.simulation.customers import invented_customer
from touchstone.simulation.dealing import complaint
from touchstone.simulation.improving import finding, revision_request
from touchstone.simulation.occasions import OCCASIONS, Occasion
from touchstone.simulation.registers import RegisterKeeping
from touchstone.simulation.scripts import Scripts

# The hours of a day weigh differently; so do its days (Monday first).
_HOURS: Mapping[int, float] = {
    9: 1.3,
    10: 1.5,
    11: 1.2,
    12: 0.5,
    13: 0.7,
    14: 1.2,
    15: 1.2,
    16: 0.9,
}
_WEEKDAYS = (1.3, 1.1, 1.0, 0.9, 1.0, 0.6, 0.4)
_FINDING, _REVISION, _REOPENED, _OFF = 0.009, 0.02, 0.15, 0.02


class Arrivals:
    """Begins cases as their first people would."""

    def __init__(
        self,
        context: ActContext,
        random: Random,
        staff: Sequence[Employee],
        registers: RegisterKeeping,
        scripts: Scripts,
        go_on: Callable[[str, str], None],
    ) -> None:
        """``go_on`` lets a person go on with the case that he has just begun."""
        self._context = context
        self._random = random
        self._registers = registers
        self._scripts = scripts
        self._go_on = go_on
        self._holders: dict[tuple[str, str], list[str]] = {}
        for person in staff:
            for post in person.posts:
                self._holders.setdefault((post, person.unit), []).append(person.id)
        self._known: dict[tuple[str, bool], list[str]] = {}
        self.cases = 0

    def quarter_hour(self, local: dt.datetime) -> None:
        """Everybody who comes within the quarter of an hour that begins at ``local``."""
        weight = _HOURS.get(local.hour, 0.6) * _WEEKDAYS[local.weekday()]
        for branch, _, _ in BRANCHES:
            for occasion in OCCASIONS:
                if occasion.place != "head":
                    place = f"{branch}1" if occasion.place == "outlet" else branch
                    self._perhaps(occasion, place, weight)
            if self._random.random() < _FINDING * weight:
                person = self._holders["quality_officer", "head"][0]
                self._start(person, "rectification", branch, finding(self._random, self._late()))
        for occasion in OCCASIONS:
            if occasion.place == "head":
                self._perhaps(occasion, "head", weight)
        if self._random.random() < _REVISION * weight:
            person = self._holders["document_owner", "head"][0]
            self._start(person, "revision", "head", revision_request(self._random, self._late()))

    def _perhaps(self, occasion: Occasion, place: str, weight: float) -> None:
        """Begin a case of it at ``place``, or not."""
        if self._random.random() >= occasion.share * weight:
            return
        script = None
        if occasion.draw is None:
            script = self._scripts.pick(occasion.procedure, self._random, occasion.seldom)
            values = self._scripts.start(script, self._context.clock.now())
        else:
            values = occasion.draw(self._random)
        if occasion.procedure == "complaint":
            values |= self._reopened()
        person = self._random.choice(self._holders_near(occasion.post, place))
        customer = None
        if occasion.customer:
            customer = self._customer(person, place, self._is_firm(values))
        case = self._start(person, occasion.procedure, place, values, customer)
        if script:
            self._scripts.follow(case, script)
            if occasion.customer:
                self._go_on(person, case)

    def _holders_near(self, post: str, place: str) -> list[str]:
        """Who holds ``post`` at the place, else at its branch, else at head office."""
        near = (place, place[:-1], "head")
        return next(self._holders[post, at] for at in near if (post, at) in self._holders)

    def half_hour_off(self) -> None:
        """A day off: complaints alone, by telephone, taken in by the service desk."""
        for branch, _, _ in BRANCHES:
            if self._random.random() < _OFF:
                values = {**complaint(self._random), "channel": "phone"} | self._reopened()
                clerk = self._holders["complaint_clerk", f"{branch}1"][0]
                customer = self._customer(clerk, f"{branch}1", firm=False)
                self._start(clerk, "complaint", f"{branch}1", values, customer)

    def _is_firm(self, values: Mapping[str, Any]) -> bool:
        """Whether a firm asks: it says so, or borrows for its business, or now and then otherwise."""
        kind = values.get("customer_type")
        if kind is not None:
            return bool(kind == "corporate")
        share = {"business": 0.6, "consumer": 0.0}.get(values.get("product", ""), 0.08)
        return self._random.random() < share

    def _start(
        self,
        person: str,
        procedure: str,
        unit: str,
        values: Mapping[str, Any],
        customer: str | None = None,
    ) -> str:
        context = replace(self._context, actor=person)
        self.cases += 1
        return start_case(context, procedure, unit=unit, values=values, customer=customer)

    def _customer(self, person: str, unit: str, firm: bool) -> str:
        """Somebody who comes again, or comes for the first time and is registered."""
        known = self._known.setdefault((unit, firm), [])
        if known and self._random.random() < 0.3:
            return self._random.choice(known)
        number = sum(len(items) for items in self._known.values())
        context = replace(self._context, actor=person)
        values = invented_customer(self._random, number, corporate=firm)
        customer = register_customer(context, values, unit=unit)
        known.append(customer)
        day = day_of(self._context.clock.now())
        self._registers.customer_registered(customer, person, unit, day)
        return customer

    def _reopened(self) -> dict[str, str]:
        """A planted fault: some complaints come back after they were closed."""
        if self._random.random() >= _REOPENED:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT number FROM process_case WHERE procedure = 'complaint' AND state = 'ended'"
                " ORDER BY ended_at DESC, id LIMIT 1"
            )
            found = cursor.fetchone()
        return {"reopens": found[0]} if found else {}

    def _late(self) -> str:
        """The clause that was broken last, which is what people look at."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT clause FROM clocks_clock WHERE breached_at IS NOT NULL"
                " ORDER BY breached_at DESC, case_id, clock LIMIT 1"
            )
            found = cursor.fetchone()
        return str(found[0]) if found else "ACP-06"
