"""What another time limit would have done to the clocks of a past period (DOC-08, IMP-02).

Every clock that the parameter governed and that started in the period is run again from its own start
and pauses, under the proposed limit and the calendar it ran by; nothing else is changed: what people
would have done otherwise, nobody knows, and the result says so by saying nothing of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from touchstone.clocks.folds import CLOCKS
from touchstone.clocks.queries import calendar
from touchstone.clocks.rules import due_under
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.kernel.limits import Limit
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import at_local, day_of, from_microseconds, to_microseconds
from touchstone.standard.parameters import parameter

_TABLE = f"{CLOCKS.select} WHERE parameter = %s AND started_at >= %s AND started_at < %s"


@dataclass(frozen=True, slots=True)
class Tried:
    """One clock under both limits; instants in microseconds.

    Attributes:
        is_late: whether it ran out before it was stopped, or by the end of the trial.
        would_be_late: the same under the proposed limit.
    """

    case: str
    clock: str
    unit: str | None
    started_at: int
    stopped_at: int | None
    due_at: int
    would_be_due_at: int
    is_late: bool
    would_be_late: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """A proposed limit over a past period.

    Attributes:
        tried: every clock, by when it started.
        earlier_rounds: rounds before the last one of clocks that were started anew; not tried.
    """

    parameter: str
    proposed: Limit
    first: dt.date
    last: dt.date
    tried: tuple[Tried, ...]
    earlier_rounds: int

    @property
    def late(self) -> int:
        """How many were late."""
        return sum(item.is_late for item in self.tried)

    @property
    def would_be_late(self) -> int:
        """How many would have been late."""
        return sum(item.would_be_late for item in self.tried)

    @property
    def newly_late(self) -> tuple[Tried, ...]:
        """Those that were in time and would not have been."""
        return tuple(item for item in self.tried if item.would_be_late and not item.is_late)

    @property
    def late_no_more(self) -> tuple[Tried, ...]:
        """Those that were late and would not have been."""
        return tuple(item for item in self.tried if item.is_late and not item.would_be_late)

    def by_unit(self) -> Mapping[str | None, tuple[int, int, int]]:
        """Unit -> clocks tried, late, and late under the proposed limit."""
        found: dict[str | None, tuple[int, int, int]] = {}
        for item in self.tried:
            tried, late, would_be = found.get(item.unit, (0, 0, 0))
            found[item.unit] = (tried + 1, late + item.is_late, would_be + item.would_be_late)
        return found


def backtest(
    identity: str, proposed: str, first: dt.date, last: dt.date, *, now: dt.datetime
) -> Backtest:
    """Try a time limit on the clocks that a parameter governed and that started from ``first`` to ``last``.

    What still ran at ``now`` is late where it would have run out by then.

    Raises:
        Refusal: ``standard.no_such_parameter``, ``clocks.not_a_limit``, ``clocks.no_period``.
    """
    if parameter(identity).unit != "limit":
        raise refuse(
            "clocks.not_a_limit",
            "只有时限参数可以用历史计时回测",
            "Only a time limit can be tried on the clocks of the past",
            clause="DOC-08",
        )
    if first > last:
        raise refuse(
            "clocks.no_period",
            "起始日不能晚于截止日",
            "The period ends before it begins",
            remedy_zh="请检查回测期间",
            remedy_en="Check the period",
        )
    try:
        limit = Limit.parse(proposed.strip())
    except ValueError:
        raise refuse(
            "clocks.not_a_limit",
            "请按 2wd、15d、48h、30min 的写法填写时限",
            "Write the limit as 2wd, 15d, 48h or 30min",
            clause="DOC-08",
            remedy_zh="wd 为工作日，d 为自然日",
            remedy_en="wd are working days, d calendar days",
        ) from None
    start, end = (at_local(day, dt.time()) for day in (first, last + dt.timedelta(days=1)))
    period = (identity, to_microseconds(start), to_microseconds(end))
    rows = [
        CLOCKS.decode(row)
        for row in read_committed(f"{_TABLE} ORDER BY started_at, case_id, clock", period)
    ]
    return Backtest(
        identity,
        limit,
        first,
        last,
        tuple(try_limit(row, limit, now=to_microseconds(now)) for row in rows),
        sum(row["round"] - 1 for row in rows),
    )


def try_limit(row: Values, limit: Limit, *, now: int) -> Tried:
    """One clock run again under ``limit``, by the calendar it ran by."""
    started = from_microseconds(row["started_at"])
    used = calendar(row["calendar"], on=day_of(started))
    pauses: Sequence[Sequence[object]] = row["pauses"]
    if row["paused_at"] is not None:  # it stands still: until now it has not run
        reason = row["pause_reason"] or {"zh": "", "en": ""}
        pauses = [
            *pauses,
            [row["paused_at"], max(now, row["paused_at"]), reason["zh"], reason["en"]],
        ]
    due = due_under(used, row, limit, pauses)
    over = row["stopped_at"] if row["stopped_at"] is not None else now
    return Tried(
        row["case_id"],
        row["clock"],
        row["unit"],
        row["started_at"],
        row["stopped_at"],
        row["due_at"],
        due,
        over >= row["due_at"],
        over >= due,
    )
