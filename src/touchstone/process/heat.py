"""Where a procedure is busy, slow, done twice or late: one pass over the journal of its cases.

A stay counts in the period in which the case came to the step. Waiting is working time until somebody
took it, work is working time from then on; where nobody took it before completing it, all is waiting.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from django.db import connection

from touchstone.clocks.queries import calendar
from touchstone.identity.queries import directory
from touchstone.kernel.text import Language, Text
from touchstone.kernel.time import at_local, from_microseconds, to_microseconds
from touchstone.kernel.workdays import Calendar
from touchstone.process.course.wording import span
from touchstone.process.picture import Mark, Overlay

Measure = Literal["volume", "waiting", "work", "rework", "breaches"]
LEVELS = 5

# CROSS JOIN keeps SQLite from walking the whole journal: first the cases, then each one's stream.
_ROWS = (
    "SELECT c.id, e.occurred_at, e.payload FROM process_case c CROSS JOIN journal_event e"
    " WHERE e.stream = 'case:' || c.id AND c.procedure = %s AND c.started_at < %s AND (c.ended_at IS NULL OR c.ended_at >= %s)"
)
# Machines and called cases are at work as soon as they are reached; the rest waits.
_AT_WORK = frozenset({"service", "call"})
_FIRST = to_microseconds(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))


@dataclass(frozen=True, slots=True)
class StepHeat:
    """One step in the period.

    Attributes:
        visits: how often cases came to it; ``cases`` how many did.
        open: stays that last still.
        waiting, work: working time of all stays together, those that last counted up to now.
        again: stays that were not the case's first; ``sent_back`` how often it was sent back from here.
        breaches: deadlines that passed here.
    """

    element: str
    visits: int
    cases: int
    completed: int
    open: int
    waiting: dt.timedelta
    work: dt.timedelta
    again: int
    sent_back: int
    breaches: int

    @property
    def rework(self) -> int:
        """Stays that repeat an earlier one, and sendings back."""
        return self.again + self.sent_back

    def mean(self, total: dt.timedelta) -> dt.timedelta:
        """A total per stay."""
        return total / self.visits if self.visits else dt.timedelta()


@dataclass(frozen=True)
class Heat:
    """A procedure in a period.

    Attributes:
        cases: cases that moved in the period.
        flows: sequence flow -> how often it was gone along.
        late: sequence flow -> how often a case went along it after a deadline had passed.
    """

    procedure: str
    first: dt.date
    last: dt.date
    unit: str | None
    cases: int
    steps: Mapping[str, StepHeat]
    flows: Mapping[str, int]
    late: Mapping[str, int]

    def value(self, element: str, measure: Measure) -> float:
        """What is measured of one step, as a number to compare steps by."""
        step = self.steps.get(element)
        return float(_VALUES[measure](step)) if step else 0.0

    def level(self, element: str, measure: Measure) -> int:
        """0 where there is nothing, else 1 to 5 by the share of the highest."""
        highest = max((self.value(name, measure) for name in self.steps), default=0.0)
        return _share(self.value(element, measure), highest)

    def overlay(
        self,
        measure: Measure,
        language: Language,
        *,
        links: Mapping[str, str] | None = None,
    ) -> Overlay:
        """The period laid over the picture: one measure as heat, its number printed."""
        marks = {
            element: Mark(
                heat=self.level(element, measure),
                numbers=(_PRINTED[measure](step).in_language(language),)
                if _VALUES[measure](step) > 0
                else (),
                hint=_told(step).in_language(language),
                href=(links or {}).get(element),
            )
            for element, step in self.steps.items()
        }
        most = max(self.flows.values(), default=0)
        return Overlay(
            marks,
            {flow: _share(count, most) for flow, count in self.flows.items()},
            {flow: str(count) for flow, count in self.flows.items()},
        )


def _share(value: float, highest: float) -> int:
    if value <= 0 or highest <= 0:
        return 0
    return min(LEVELS, 1 + int(LEVELS * value / highest * 0.9999))


_VALUES: Mapping[Measure, Callable[[StepHeat], float]] = {
    "volume": lambda step: step.visits,
    "waiting": lambda step: step.mean(step.waiting).total_seconds(),
    "work": lambda step: step.mean(step.work).total_seconds(),
    "rework": lambda step: step.rework,
    "breaches": lambda step: step.breaches,
}


def _number(zh: str, en: str) -> Callable[[int], Text]:
    return lambda value: Text(f"{value}{zh}", f"{value} {en}")


_PRINTED: Mapping[Measure, Callable[[StepHeat], Text]] = {
    "volume": lambda step: _number("次", "×")(step.visits),
    "waiting": lambda step: span(step.mean(step.waiting), working=True),
    "work": lambda step: span(step.mean(step.work), working=True),
    "rework": lambda step: _number("次返工", "again")(step.rework),
    "breaches": lambda step: _number("次超时", "late")(step.breaches),
}


def _told(step: StepHeat) -> Text:
    waiting, work = (
        span(step.mean(step.waiting), working=True),
        span(step.mean(step.work), working=True),
    )
    return Text(
        f"到达 {step.visits} 次，平均等待 {waiting.zh}、办理 {work.zh}（工作时间），"
        f"返工 {step.rework} 次，超时 {step.breaches} 次",
        f"reached {step.visits} times, waiting {waiting.en} and work {work.en} on average"
        f" (working time), {step.rework} again, {step.breaches} late",
    )


def read_heat(
    procedure: str,
    first: dt.date,
    last: dt.date,
    *,
    now: dt.datetime,
    unit: str | None = None,
) -> Heat:
    """The heat of ``procedure`` from day ``first`` to day ``last``, both included.

    ``unit`` narrows it to the cases of a unit and of everything below it.
    """
    begin = to_microseconds(at_local(first, dt.time()))
    end = to_microseconds(at_local(last + dt.timedelta(days=1), dt.time()))
    gathered = _Gathering(begin, end, to_microseconds(now), calendar())
    sql, values = _ROWS, [procedure, end, begin]
    if unit is not None:
        units = sorted(directory().under(unit))
        sql += f" AND c.unit IN ({', '.join(['%s'] * len(units))})"
        values += units
    for stream, occurred_at, payload in _rows(f"{sql} ORDER BY c.id, e.position", values):
        gathered.take(stream, occurred_at, payload)
    return gathered.heat(procedure, first, last, unit)


def _rows(sql: str, values: list[Any]) -> Iterator[tuple[str, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(2000):
            yield from batch


@dataclass(slots=True)
class _Sums:
    """What is added up of one step."""

    visits: int = 0
    completed: int = 0
    waiting: int = 0
    work: int = 0
    again: int = 0
    sent_back: int = 0
    breaches: int = 0
    open: int = 0
    cases: set[str] = field(default_factory=set)


class _Gathering:
    """The pass over the rows, case by case; instants are microseconds."""

    def __init__(self, begin: int, end: int, now: int, used: Calendar) -> None:
        self._begin, self._end, self._now = begin, end, now
        self._calendar = used
        self._origin = from_microseconds(_FIRST)
        self._worked: dict[int, int] = {}
        self._sums: dict[str, _Sums] = {}
        self._flows: Counter[str] = Counter()
        self._late: Counter[str] = Counter()
        self._cases: set[str] = set()
        self._stream = ""
        # Of the case at hand: wait -> (element, kind, opened, taken), elements it has been at.
        self._open: dict[str, tuple[str, str, int, int | None]] = {}
        self._been: set[str] = set()
        self._is_late = False

    def take(self, stream: str, at: int, payload: str) -> None:
        """One row."""
        if stream != self._stream:
            self._close_case()
            self._stream, self._open, self._been, self._is_late = stream, {}, set(), False
        counts = self._begin <= at < self._end
        if counts:
            self._cases.add(stream)
        for fact in orjson.loads(payload)["facts"]:
            change = _CHANGES.get(fact["kind"])
            if change is not None:
                change(self, fact["data"], at, counts)

    def _of(self, element: str) -> _Sums:
        found = self._sums.get(element)
        if found is None:
            found = self._sums[element] = _Sums()
        return found

    def enter(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """The case came to a step."""
        element, kind = data["element"], data.get("kind", "user")
        if "h" in (data.get("x") or ()):
            return  # a boundary event that is armed is no stay
        taken = at if data.get("offered_to") or kind in _AT_WORK else None
        self._open[data["wait"]] = (element, kind, at, taken)
        if counts:
            sums = self._of(element)
            sums.visits += 1
            sums.cases.add(self._stream)
            sums.again += element in self._been
        self._been.add(element)

    def leave(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """It left one."""
        found = self._open.pop(data["wait"], None)
        if found is not None:
            self._add(found, at, completed=data["how"] == "completed")

    def _add(self, visit: tuple[str, str, int, int | None], until: int, *, completed: bool) -> None:
        element, _, opened, taken = visit
        if not self._begin <= opened < self._end:
            return
        sums = self._of(element)
        sums.completed += completed
        if until > opened:
            between = until if taken is None else taken
            sums.waiting += self._working(between) - self._working(opened)
            sums.work += self._working(until) - self._working(between)

    def _working(self, instant: int) -> int:
        """Working time before an instant, microseconds."""
        found = self._worked.get(instant)
        if found is None:
            spent = self._calendar.working_time_between(self._origin, from_microseconds(instant))
            found = self._worked[instant] = spent // dt.timedelta(microseconds=1)
        return found

    def claim(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """Somebody took a step."""
        found = self._open.get(data["wait"])
        if found is not None and found[3] is None:
            self._open[data["wait"]] = (*found[:3], at)

    def release(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """Somebody gave one back."""
        found = self._open.get(data["wait"])
        if found is not None:
            self._open[data["wait"]] = (*found[:3], None)

    def send_back(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """A step was sent back from here."""
        if counts:
            self._of(data["element"]).sent_back += 1

    def breach(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """A clock of a step counts there, one of the whole case where the case was."""
        self._is_late = True
        if not counts:
            return
        if data["element"] is not None:
            places = {data["element"]}
        else:
            places = {element for element, kind, _, _ in self._open.values() if kind == "user"}
        for element in places:
            self._of(element).breaches += 1

    def advance(self, data: Mapping[str, Any], at: int, counts: bool) -> None:
        """The case went along flows."""
        flows = data.get("flows")
        if flows and counts:
            self._flows.update(flows)
            if self._is_late:
                self._late.update(flows)

    def _close_case(self) -> None:
        until = min(self._now, self._end)
        for visit in self._open.values():
            if visit[2] < until:
                self._add(visit, until, completed=False)
            if self._begin <= visit[2] < self._end:
                self._of(visit[0]).open += 1

    def heat(self, procedure: str, first: dt.date, last: dt.date, unit: str | None) -> Heat:
        """What it came to."""
        self._close_case()
        self._open = {}
        steps = {
            element: StepHeat(
                element=element,
                visits=sums.visits,
                cases=len(sums.cases),
                completed=sums.completed,
                open=sums.open,
                waiting=dt.timedelta(microseconds=sums.waiting),
                work=dt.timedelta(microseconds=sums.work),
                again=sums.again,
                sent_back=sums.sent_back,
                breaches=sums.breaches,
            )
            for element, sums in sorted(self._sums.items())
        }
        return Heat(
            procedure,
            first,
            last,
            unit,
            len(self._cases),
            steps,
            dict(self._flows),
            dict(self._late),
        )


_CHANGES = {
    "process.step_entered": _Gathering.enter,
    "process.step_left": _Gathering.leave,
    "process.task_claimed": _Gathering.claim,
    "process.glass_broken": _Gathering.claim,
    "process.task_released": _Gathering.release,
    "process.sent_back": _Gathering.send_back,
    "process.advanced": _Gathering.advance,
    "clocks.breached": _Gathering.breach,
}
