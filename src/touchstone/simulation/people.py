"""How the bank's people spend a quarter of an hour: what they take up, pass on, send back and decide.

They act only through the actions that a person's click calls.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from django.db import connection

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import INSTITUTION_ZONE, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import split_pool
from touchstone.process.actions.cases import withdraw_case
from touchstone.process.actions.delegation import resolve_task
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.machines import retry_incident, run_due
from touchstone.process.actions.matters import acknowledge_escalation, complete_handoff
from touchstone.process.actions.tasks import (
    claim_task,
    complete_task,
    delegate_task,
    release_hold,
    send_back,
    take_back,
    transfer_task,
)
from touchstone.process.queries import WorklistEntry, case_so_far, worklist
from touchstone.simulation.bank import Employee
from touchstone.simulation.behaviours import BEHAVIOUR, EVIDENCE
from touchstone.simulation.pace import hours_of
from touchstone.simulation.scripts import Scripts
from touchstone.simulation.wording import text

_PER_TICK = 3
_TICK_HOURS = 0.25
_TAKEN_IN_HAND = 3.0  # steps of so many hours are claimed first and finished later
# What happens to a task now and then, by the share of the moments at which somebody looks at it.
_CLAIMED, _HANDED_ON, _SENT_BACK, _TAKEN_BACK = 0.15, 0.006, 0.05, 0.01
# Working hours until a matter or a hold is seen to.
_MATTER_HOURS, _HOLD_HOURS, _INCIDENT_HOURS = 10.0, 12.0, 2.0
# What corrective action brings about: how diligent the slow become, and what happens near a deadline.
_DILIGENT, _HURRIED, _SOON = 0.5, 0.6, 6 * 3_600_000_000
_DUTY = frozenset(
    ["duty_responder", "complaint_handler", "branch_consumer_protection", "outlet_head"]
)


@dataclass
class Tally:
    """What the people did."""

    tasks_completed: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a task is about besides its entry in the worklist."""

    procedure: str
    owner: str | None
    signed: frozenset[str]


class People:
    """Everybody at work, on one clock."""

    def __init__(
        self, context: ActContext, random: Random, staff: Sequence[Employee], scripts: Scripts
    ) -> None:
        self.tally = Tally()
        self.absent: set[str] = set()
        self.deputies: dict[Employee, str] = {}
        self.staff = staff
        self._scripts = scripts
        self._refused = ""
        self._improved: set[str] = set()
        self._barred: set[tuple[str, str]] = set()
        self._by_id = {person.id: person for person in staff}
        self._context = context
        self._random = random

    def quarter_hour(self) -> None:
        """Everybody who is there works."""
        self._everybody(self.staff, None)
        self._releases()
        self._matters()
        self._incidents()
        self._own_review()

    def on_duty(self) -> None:
        """At weekends the duty roster sees to complaints, whose clocks know no weekend."""
        roster = [person for person in self.staff if not _DUTY.isdisjoint(person.posts)]
        self._everybody(roster, "complaint")

    def holder(self, post: str, unit: str) -> Employee:
        """Whoever holds a post at a unit."""
        return next(item for item in self.staff if post in item.posts and item.unit == unit)

    def nearest(self, posts: Sequence[str], unit: str) -> Employee:
        """Whoever holds one of the posts at a unit, else at its branch, else at head office."""
        return next(
            person
            for place in (unit, unit[:2], "head")
            for person in self.staff
            if person.unit == place and not set(posts).isdisjoint(person.posts)
        )

    def _by(self, person: str) -> ActContext:
        return replace(self._context, actor=person)

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Refusal as refusal:
            self.tally.refusals += 1
            self._refused = refusal.code
            return False
        self._refused = ""
        return True

    def _everybody(self, staff: Sequence[Employee], only: str | None) -> None:
        desks = _desks()
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT pool FROM process_task WHERE state = 'open'")
            waiting = {row[0] for row in cursor.fetchall()}
            cursor.execute("SELECT DISTINCT claimed_by FROM process_task WHERE state = 'claimed'")
            claimed = {row[0] for row in cursor.fetchall()}
        by_unit: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for pool in sorted(waiting):
            posts, unit = split_pool(pool)
            by_unit.setdefault(unit, []).append((pool, posts))
        for person in staff:
            if person.id in self.absent:
                continue
            places = [(person.posts, person.unit), *self._represented(person)]
            pools = sorted(
                {
                    pool
                    for held, at in places
                    for pool, posts in by_unit.get(at, ())
                    if not set(posts).isdisjoint(held)
                }
            )
            if pools or person.id in claimed:
                self._one(person, pools, desks, only)

    def _represented(self, person: Employee) -> list[tuple[tuple[str, ...], str]]:
        """The posts of the absent whom he stands in for."""
        return [
            (other.posts, other.unit)
            for other, deputy in self.deputies.items()
            if deputy == person.id and other.id in self.absent
        ]

    def _one(
        self, person: Employee, pools: list[str], desks: Mapping[str, _Desk], only: str | None
    ) -> None:
        done = 0
        for entry in worklist(person.id, pools, limit=200):
            desk = desks.get(entry.task)  # None: somebody opened it within this quarter of an hour
            if desk is None or person.id in desk.signed or only not in (None, desk.procedure):
                continue
            if (person.id, entry.task) in self._barred:
                continue  # he knows by now that it must be somebody else
            hours = hours_of(desk.procedure, entry.element)
            if self._random.random() < self._likely(person, entry, hours):
                self._see_to(person, entry, desk)
                done += 1
                if done == _PER_TICK:
                    return
            elif hours >= _TAKEN_IN_HAND:
                self._take_in_hand(person, entry, desk)

    def _likely(self, person: Employee, entry: WorklistEntry, hours: float) -> float:
        """How likely somebody is done with a step now.

        Where corrective action was carried out the slow are slow no more, and nobody lets a deadline pass.
        """
        diligence = person.diligence
        if person.unit[:2] in self._improved:
            diligence = max(diligence, _DILIGENT)
            left = None if entry.due_at is None else entry.due_at - self._now()
            if left is not None and left < _SOON:
                return _HURRIED
        return min(1.0, diligence * 2 * _TICK_HOURS / hours)

    def _now(self) -> int:
        return to_microseconds(self._context.clock.now())

    def _take_in_hand(self, person: Employee, entry: WorklistEntry, desk: _Desk) -> None:
        chance = self._random.random()
        if entry.state == "open":
            if chance < _CLAIMED * person.diligence and not desk.signed:
                self._tried(lambda: claim_task(self._by(person.id), entry.task))
        elif chance < _HANDED_ON and desk.owner is None:
            colleague = self._colleague(person, entry)
            if colleague:
                act = delegate_task if chance < _HANDED_ON / 2 else transfer_task
                self._tried(lambda: act(self._by(person.id), entry.task, colleague))

    def _colleague(self, person: Employee, entry: WorklistEntry) -> str | None:
        posts, unit = split_pool(entry.pool)
        found = [
            other.id
            for other in self.staff
            if other.id != person.id
            and other.id not in self.absent
            and other.unit == unit
            and not set(posts).isdisjoint(other.posts)
        ]
        return self._random.choice(found) if found else None

    def _see_to(self, person: Employee, entry: WorklistEntry, desk: _Desk) -> None:
        by = self._by(person.id)
        if desk.owner is not None:
            note = text(self._random, "resolve")
            self._tried(lambda: resolve_task(by, entry.task, note))
            return
        targets = _step(desk.procedure, entry.element).get("back_to") or ()
        if targets and self._random.random() < _SENT_BACK:
            target, why = self._random.choice(targets), text(self._random, "send_back")
            self._tried(lambda: send_back(by, entry.task, target, why))
            return
        if not self._work(person, entry.task, entry.case, entry.element):
            return
        if self._random.random() < _TAKEN_BACK:
            with suppress(Refusal):
                take_back(by, entry.task)
                return
        self._at_once(person, entry.case)

    def go_on(self, person: str, case: str) -> None:
        """Somebody who has just begun a case goes on with it."""
        self._at_once(self._by_id[person], case)

    def _at_once(self, person: Employee, case: str) -> None:
        """The customer sits there: what comes next at the same counter is done in one go."""
        run_due(replace(self._context, actor="system:worker"), limit=20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id, t.element, t.pool, c.procedure FROM process_task t JOIN process_case c"
                " ON c.id = t.case_id WHERE t.case_id = %s AND t.state = 'open' ORDER BY t.id",
                (case,),
            )
            waiting = list(cursor.fetchall())
        for task, element, pool, procedure in waiting:
            posts, unit = split_pool(pool)
            here = unit == person.unit and not set(posts).isdisjoint(person.posts)
            if here and hours_of(procedure, element) <= 2 * _TICK_HOURS:
                self._work(person, task, case, element)

    def _work(self, person: Employee, task: str, case: str, element: str) -> bool:
        procedure, variables = case_so_far(case)
        now = self._context.clock.now().astimezone(INSTITUTION_ZONE)
        variables["today"] = now.date().isoformat()
        variables["in_a_month"] = (now.date() + dt.timedelta(days=30)).isoformat()
        draw = BEHAVIOUR.get(procedure, {}).get(element)
        if draw is not None:
            values = draw(self._random, variables)
            papers = EVIDENCE.get((procedure, element), ())
        else:
            given = self._scripts.answer(procedure, case, element, now)
            values, papers = dict(given.values), given.evidence
        if person.is_sloppy and self._random.random() < 0.3:
            papers = ()
            if "cost_table_confirmed" in values:
                values["cost_table_confirmed"] = False
        by = self._by(person.id)

        def work() -> None:
            evidence = {name: _handed_in(by, task, name, case) for name in papers}
            complete_task(by, task, values, evidence=evidence)

        if not self._tried(work):
            if self._refused == "process.same_person":
                self._barred.add((person.id, task))
            return False
        self.tally.tasks_completed += 1
        if (procedure, element) == ("corrective_action", "implement"):
            self._improved.add(_unit_of(case)[:2])
        return True

    def _soon(self, person: Employee, hours: float) -> bool:
        return self._random.random() < person.diligence * 2 * _TICK_HOURS / hours

    def _releases(self) -> None:
        """Held steps are released, or handed back, by the post the control names."""
        with connection.cursor() as cursor:
            # Sorted here: an order by id would read every task there ever was.
            cursor.execute("SELECT id, held FROM process_task WHERE state = 'held'")
            held = [(task, json.loads(hold)) for task, hold in sorted(cursor.fetchall())]
        for task, hold in held:
            others = (item for item in self.staff if hold["post"] in item.posts)
            person = next((item for item in others if item.id not in hold["by"]), None)
            if person and self._soon(person, _HOLD_HOURS):
                accept = self._random.random() < 0.8
                why = text(self._random, "hold_accept" if accept else "hold_refuse")
                release_hold(self._by(person.id), task, accept=accept, reason=why)

    def _matters(self) -> None:
        """Superiors who were told of a breach say what they do; owners see to what they were handed."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, kind, persons FROM process_matter WHERE state = 'open'"
                " AND kind IN ('escalation', 'handoff')"
            )
            rows = sorted(cursor.fetchall())
        told = [(matter, kind, json.loads(found)) for matter, kind, found in rows]
        for matter, kind, persons in told:
            person = next((item for item in self.staff if item.id in persons), None)
            slower = 1 if kind == "escalation" else 4
            if person is None or not self._soon(person, _MATTER_HOURS * slower):
                continue
            if kind == "escalation":
                said = text(self._random, "acknowledge")
                acknowledge_escalation(self._by(person.id), matter, said)
            else:
                complete_handoff(self._by(person.id), matter, text(self._random, "handoff"))

    def _incidents(self) -> None:
        """The administrator lets what stood still be tried again."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, case_id, wait FROM process_wait WHERE next_at IS NULL"
                " AND problem IS NOT NULL"
            )
            found = [(case, wait) for _, case, wait in sorted(cursor.fetchall())]
        administrator = self.holder("system_administrator", "head")
        for case, wait in found:
            if self._soon(administrator, _INCIDENT_HOURS):
                retry_incident(self._by(administrator.id), case, wait)

    def _own_review(self) -> None:
        """A planted fault: a customer manager tries to give the first review of his own case."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM process_task WHERE state = 'open' AND element = 'first_review'"
            )
            waiting = sorted(row[0] for row in cursor.fetchall())
        sloppy = [person for person in self.staff if person.is_sloppy]
        if waiting and self._random.random() < 0.02:
            context = self._by(sloppy[0].id)
            if self._tried(lambda: complete_task(context, waiting[0], {"opinion": "approve"})):
                raise AssertionError("nobody reviews his own work")

    def withdrawals(self) -> None:
        """Now and then a customer changes his mind and the head of the outlet closes the case."""
        if self._random.random() >= 0.25:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, unit FROM process_case WHERE state = 'open' AND caller_case IS NULL"
                " AND procedure IN ('loan', 'acceptance', 'account_opening')"
            )
            found = sorted(cursor.fetchall())
        if found:
            case, unit = self._random.choice(found)
            head = self.holder("outlet_head", unit)
            if head.id not in self.absent:
                withdraw_case(self._by(head.id), case, "客户撤回申请")


def _handed_in(by: ActContext, task: str, document: str, case: str) -> str:
    """A document of the simulation, stored as a real one would be; its sha256."""
    said = f"模拟材料 simulated document\n{document}\n{case}\n"
    return hand_in(by, AtTask(task), f"{document}.txt", said.encode()).sha256


def _unit_of(case: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit FROM process_case WHERE id = %s", (case,))
        return str(cursor.fetchone()[0])


_DESK = (
    "SELECT t.id, c.procedure, t.owner, t.signers FROM process_task t JOIN process_case c"
    " ON c.id = t.case_id"
)


def _desks() -> dict[str, _Desk]:
    """Every task somebody could see to now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_DESK} WHERE t.state = 'open' UNION ALL {_DESK} WHERE t.state = 'claimed'"
        )
        return {
            task: _Desk(procedure, owner, _signed(signers))
            for task, procedure, owner, signers in cursor.fetchall()
        }


def _signed(signers: str | None) -> frozenset[str]:
    given = json.loads(signers) if signers else {}
    return frozenset(person for person, opinion in given.items() if opinion is not None)


def _step(procedure: str, element: str) -> Mapping[str, Any]:
    found = catalogue().get("procedure", procedure)
    assert found is not None, procedure
    step: Mapping[str, Any] = found.data["steps"][element]
    return step
