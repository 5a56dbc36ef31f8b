"""What runs out today for a person, and how the week went for the head of a unit; frozen values.

A limit that ends with a day ends at its 24:00, which is the next day's first instant and still counts
to the day before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.identity.directory import Directory
from touchstone.kernel.text import Text
from touchstone.kernel.time import at_local, from_microseconds, to_microseconds
from touchstone.process.access import split_pool
from touchstone.process.answering import answerable
from touchstone.process.deployment import deployment
from touchstone.process.queries import matters, worklist

MOST_LINES = 100
_RUNNING = "state = 'running' AND NOT (state = 'stopped')"
_KINDS: Mapping[str, Text] = {
    "escalation": Text("超时督办", "escalation"),
    "handoff": Text("移交事项", "hand-off"),
    "review": Text("应急放行复查", "review of a break-glass"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on a list.

    Attributes:
        case: id of the case; ``number`` is what people call it.
        what: the step, time limit or matter.
        due_at: when it runs out, or ran out; None where nothing does.
    """

    case: str
    number: str
    what: Text
    due_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class MorningList:
    """What runs out today for one person.

    Attributes:
        taken: tasks he has claimed.
        may_take: tasks that wait for somebody like him.
        clocks: time limits whose breach would be reported to him.
        matters: what he must see to, whenever it is due.
    """

    person: str
    day: dt.date
    taken: tuple[Line, ...]
    may_take: tuple[Line, ...]
    clocks: tuple[Line, ...]
    matters: tuple[Line, ...]

    @property
    def total(self) -> int:
        """How many things there are."""
        return len(self.taken) + len(self.may_take) + len(self.clocks) + len(self.matters)


@dataclass(frozen=True, slots=True)
class WeeklyList:
    """How the last week went in a unit and everything below it; both days are inclusive.

    Attributes:
        breaches: time limits that were passed in the week.
        overdue: time limits that are passed now and still run.
        escalations: breaches that nobody has answered for yet.
    """

    unit: str
    from_day: dt.date
    to_day: dt.date
    breaches: tuple[Line, ...]
    overdue: tuple[Line, ...]
    escalations: tuple[Line, ...]

    @property
    def total(self) -> int:
        """How many things there are."""
        return len(self.breaches) + len(self.overdue) + len(self.escalations)


def morning_lists(people: Directory, day: dt.date) -> dict[str, MorningList]:
    """Person -> his list for ``day``, for everybody who has one; read at one go."""
    end = to_microseconds(at_local(day + dt.timedelta(days=1), dt.time()))
    tasks = _pools("SELECT DISTINCT pool FROM process_task WHERE state = 'open'")
    open_matters = _pools("SELECT DISTINCT pool FROM process_matter WHERE state = 'open'")
    clocks = _clocks_by_person(people, day, end)
    found: dict[str, MorningList] = {}
    for person in sorted(people.persons):
        if not people.is_here(person, day):
            continue
        made = _morning(people, person, day, end, (tasks, open_matters), clocks)
        if made.total:
            found[person] = made
    return found


def morning_list(people: Directory, person: str, day: dt.date) -> MorningList:
    """What runs out for one person on ``day``."""
    end = to_microseconds(at_local(day + dt.timedelta(days=1), dt.time()))
    tasks = _pools("SELECT DISTINCT pool FROM process_task WHERE state = 'open'")
    open_matters = _pools("SELECT DISTINCT pool FROM process_matter WHERE state = 'open'")
    clocks = _clocks_by_person(people, day, end)
    return _morning(people, person, day, end, (tasks, open_matters), clocks)


def _morning(
    people: Directory,
    person: str,
    day: dt.date,
    end: int,
    pools: tuple[list[str], list[str]],
    clocks: Mapping[str, list[tuple[str, str, int]]],
) -> MorningList:
    held = {(item.post, item.unit) for item in people.posts_of(person, day)}
    for other in people.represented(person, day):
        held |= {(item.post, item.unit) for item in people.posts_of(other, day)}
    tasks = [
        entry
        for entry in worklist(person, _held(pools[0], held), limit=MOST_LINES)
        if entry.due_at is not None and entry.due_at <= end
    ]
    seen_to = matters(person, _held(pools[1], held), limit=MOST_LINES)
    mine = clocks.get(person, [])[:MOST_LINES]
    heads = _heads({*(e.case for e in tasks), *(m.case for m in seen_to), *(c[0] for c in mine)})
    return MorningList(
        person,
        day,
        tuple(heads.step(e.case, e.element, e.due_at) for e in tasks if e.state == "claimed"),
        tuple(heads.step(e.case, e.element, e.due_at) for e in tasks if e.state != "claimed"),
        tuple(heads.clock(*item) for item in mine),
        tuple(
            Line(m.case, heads.number(m.case), _KINDS[m.kind], _instant(m.due_at)) for m in seen_to
        ),
    )


def weekly_list(people: Directory, unit: str, day: dt.date) -> WeeklyList:
    """The seven days before ``day`` in ``unit`` and below; what is open, as it stands now."""
    first = day - dt.timedelta(days=7)
    begin = to_microseconds(at_local(first, dt.time()))
    end = to_microseconds(at_local(day, dt.time()))
    below = people.under(unit)
    marks = ", ".join(["%s"] * len(below))
    units = sorted(below)
    select = f"SELECT case_id, clock, due_at FROM clocks_clock WHERE unit IN ({marks}) AND"
    order = f"ORDER BY due_at, case_id, clock LIMIT {MOST_LINES}"
    breaches = _rows(
        f"{select} breached_at > %s AND breached_at <= %s {order}", [*units, begin, end]
    )
    overdue = _rows(f"{select} {_RUNNING} AND due_at <= %s {order}", [*units, end])
    told = [
        row
        for row in _rows(
            "SELECT case_id, subject, due_at, pool FROM process_matter WHERE state = 'open'"
            " AND kind = 'escalation' ORDER BY due_at, id",
            [],
        )
        if split_pool(row[3])[1] in below
    ][:MOST_LINES]
    heads = _heads({row[0] for row in (*breaches, *overdue, *told)})
    return WeeklyList(
        unit,
        first,
        day - dt.timedelta(days=1),
        tuple(heads.clock(*row) for row in breaches),
        tuple(heads.clock(*row) for row in overdue),
        tuple(heads.clock(case, subject.partition("/")[0], at) for case, subject, at, _ in told),
    )


def _clocks_by_person(
    people: Directory, day: dt.date, end: int
) -> dict[str, list[tuple[str, str, int]]]:
    """Person -> the running time limits that end by ``end`` and whose breach he would be told of."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    told: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for case, clock, due_at, unit, post in _rows(
        f"SELECT case_id, clock, due_at, unit, escalate_to FROM clocks_clock WHERE {_RUNNING}"
        " AND due_at <= %s AND breached_at IS NULL ORDER BY due_at, case_id, clock",
        [end],
    ):
        if unit not in people.units:
            continue
        if (post, unit) not in told:
            told[post, unit] = answerable(people, [post] if post else [], unit, day).persons
        for person in told[post, unit]:
            found.setdefault(person, []).append((case, clock, due_at))
    return found


class _Heads:
    """What people call the cases of a list, their steps and their time limits."""

    def __init__(self, known: Mapping[str, tuple[str, str, int]]) -> None:
        self._known = known

    def number(self, case: str) -> str:
        return self._known[case][0]

    def step(self, case: str, element: str, due_at: int | None) -> Line:
        number, slug, content = self._known[case]
        step = deployment(content, slug).procedure.steps.get(element)
        return Line(case, number, step.title if step else Text(element, element), _instant(due_at))

    def clock(self, case: str, clock: str, due_at: int | None) -> Line:
        number, slug, content = self._known[case]
        titles = {item.id: item.title for item in deployment(content, slug).clocks}
        return Line(case, number, titles.get(clock, Text(clock, clock)), _instant(due_at))


def _heads(cases: Iterable[str]) -> _Heads:
    wanted = sorted(set(cases))
    known: dict[str, tuple[str, str, int]] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ", ".join(["%s"] * len(part))
        for case, *head in _rows(
            f"SELECT id, number, procedure, content FROM process_case WHERE id IN ({marks})", part
        ):
            known[case] = (head[0], head[1], head[2])
    return _Heads(known)


def _held(pools: Iterable[str], held: set[tuple[str, str]]) -> list[str]:
    return [
        pool
        for pool in pools
        for posts, unit in [split_pool(pool)]
        if any((post, unit) in held for post in posts)
    ]


def _pools(sql: str) -> list[str]:
    return sorted(row[0] for row in _rows(sql, []))


def _rows(sql: str, params: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def _instant(value: int | None) -> dt.datetime | None:
    return None if value is None else from_microseconds(value)
