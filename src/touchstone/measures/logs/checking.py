"""Judges a foreign log by rules: time between two steps, four eyes, order.

A step is an activity, or ``activity+lifecycle`` (``W_Call+COMPLETE``). Events of a case are taken by
time and, at the same instant, as they stood in the file.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from statistics import median

from touchstone.kernel.limits import Limit, deadline
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import from_microseconds
from touchstone.kernel.workdays import Calendar
from touchstone.measures.logs.store import connect

_EVENTS = """
    SELECT case_id, epoch_us(timestamp), resource, file_row_number
    FROM read_parquet(?, file_row_number = true)
    WHERE activity = ? AND (? IS NULL OR lifecycle = ?)
    ORDER BY case_id, timestamp, file_row_number
"""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Done:
    """One execution of a step; ``place`` is instant (µs) and row, so that any two can be ordered."""

    place: Place
    resource: str | None

    @property
    def at(self) -> dt.datetime:
        """When, UTC."""
        return from_microseconds(self.place[0])


Executions = Mapping[str, list[Done]]


@dataclass(frozen=True)
class Within:
    """Time from the first FROM of a case to the first TO after it.

    Attributes:
        judged: cases that have both, in this order.
        breaches: cases in which TO came when the limit had run out.
        open: cases with FROM and no TO after it: the log does not say how they ended.
        without_from: cases with TO and no FROM before it.
        median_working_seconds: over the judged cases; None when there are none.
        provisional: judged cases whose deadline counted a day that no notice makes certain.
    """

    judged: int
    breaches: list[str]
    open: int
    without_from: list[str]
    median_working_seconds: float | None
    provisional: int


@dataclass(frozen=True)
class FourEyes:
    """Cases in which one person did both steps.

    Attributes:
        base: cases that have both steps.
        unknown: of these, cases without a violation in which somebody is not named.
    """

    violations: list[str]
    base: int
    unknown: int


@dataclass(frozen=True)
class Order:
    """Cases in which ``second`` was executed with no ``first`` before it; ``base`` have ``second``."""

    violations: list[str]
    base: int


class Checker:
    """The checks of one log."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        with connect() as database:
            steps = database.execute(
                "SELECT DISTINCT activity, lifecycle FROM read_parquet(?)", [self._path]
            ).fetchall()
            counted = database.execute(
                "SELECT count(DISTINCT case_id) FROM read_parquet(?)", [self._path]
            ).fetchall()
        self.cases: int = counted[0][0]
        self._activities = {activity for activity, _ in steps}
        self._steps = {
            f"{activity}+{lifecycle}": (activity, lifecycle) for activity, lifecycle in steps
        }

    def executions(self, step: str) -> Executions:
        """Every execution of ``step`` by case, in order.

        Raises:
            Refusal: the log has no such step (``log.unknown_step``).
        """
        activity, lifecycle = (step, None) if step in self._activities else self._step(step)
        found: dict[str, list[Done]] = defaultdict(list)
        with connect() as database:
            rows = database.execute(_EVENTS, [self._path, activity, lifecycle, lifecycle])
            for case, instant, resource, row in rows.fetchall():
                found[case].append(Done((instant, row), resource))
        return found

    def _step(self, step: str) -> tuple[str, str | None]:
        if step in self._steps:
            return self._steps[step]
        known = sorted(self._activities)
        near = get_close_matches(step, known, 3, 0.4) or known[:5]
        raise refuse(
            "log.unknown_step",
            f"日志中没有步骤“{step}”；相近的有：{'、'.join(near)}",
            f"the log has no step {step!r}; near it: {', '.join(near)}",
        )

    def within(self, first: str, second: str, limit: Limit, calendar: Calendar) -> Within:
        """Judge the time from ``first`` to ``second``.

        Raises:
            Refusal: a step is not in the log.
        """
        starts, ends = self.executions(first), self.executions(second)
        late: list[str] = []
        seconds: list[float] = []
        open_cases = provisional = 0
        due = _Deadlines(calendar, limit)
        for case in _sorted(starts):
            start = starts[case][0]
            end = next((done for done in ends.get(case, ()) if done.place > start.place), None)
            if end is None:
                open_cases += 1
                continue
            seconds.append(calendar.working_time_between(start.at, end.at) / _SECOND)
            due_at, uncertain = due.after(start.at)
            provisional += uncertain
            if end.at >= due_at:
                late.append(case)
        return Within(
            judged=len(seconds),
            breaches=late,
            open=open_cases,
            without_from=_unpreceded(starts, ends),
            median_working_seconds=median(seconds) if seconds else None,
            provisional=provisional,
        )

    def four_eyes(self, first: str, second: str) -> FourEyes:
        """Cases in which the same resource did ``first`` and ``second``.

        Raises:
            Refusal: a step is not in the log.
        """
        one, two = self.executions(first), self.executions(second)
        both = [case for case in _sorted(one) if case in two]
        same: list[str] = []
        unknown = 0
        for case in both:
            of_one = {done.resource for done in one[case]}
            of_two = {done.resource for done in two[case]}
            if (of_one & of_two) - {None}:
                same.append(case)
            elif None in of_one | of_two:
                unknown += 1
        return FourEyes(same, len(both), unknown)

    def order(self, first: str, second: str) -> Order:
        """Cases in which ``second`` was executed before or without ``first``.

        Raises:
            Refusal: a step is not in the log.
        """
        before, after = self.executions(first), self.executions(second)
        return Order(_unpreceded(before, after), len(after))


_SECOND = dt.timedelta(seconds=1)


def _sorted(cases: Iterable[str]) -> list[str]:
    return sorted(cases, key=lambda case: (len(case), case) if case.isdigit() else (0, case))


def _unpreceded(before: Executions, after: Executions) -> list[str]:
    """Cases whose first execution in ``after`` has none in ``before`` ahead of it."""
    return [
        case
        for case in _sorted(after)
        if case not in before or before[case][0].place > after[case][0].place
    ]


class _Deadlines:
    """Deadlines of one limit; those in days are the same for all that arrives on one day."""

    def __init__(self, calendar: Calendar, limit: Limit) -> None:
        self._calendar, self._limit = calendar, limit
        self._known: dict[dt.date, tuple[dt.datetime, bool]] = {}

    def after(self, start: dt.datetime) -> tuple[dt.datetime, bool]:
        """The first instant that is too late, and whether an uncertain day was counted."""
        if not self._limit.in_days:
            return self._derived(start)
        calendar = self._calendar
        day = calendar.day_of(start)
        # What comes after the cut-off or on a day off has a day 0 of its own: derived each time.
        if self._limit.in_working_time and calendar.day_of_receipt(start) != day:
            return self._derived(start)
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._derived(start)
        return known

    def _derived(self, start: dt.datetime) -> tuple[dt.datetime, bool]:
        derivation = deadline(self._calendar, start, self._limit)
        return derivation.due_at, derivation.provisional
