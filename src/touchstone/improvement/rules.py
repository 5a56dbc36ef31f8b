"""The numbers of the standard that judging asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from touchstone.clocks.queries import calendar
from touchstone.improvement.judging import Rules
from touchstone.kernel.limits import deadline
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.standard.parameters import parameters

IN_A_ROW = "improvement.windows_in_a_row"
SAME_CAUSE = "improvement.same_cause"
FLOOR_ITEMS = "measures.small_denominator"
RECOVERY = "improvement.recovery_windows"
WATCH = "rectification.recurrence_watch"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a version of the standard says on a day.

    Attributes:
        same_cause: findings of one cause and owner from which on it is a common cause.
        recovery: good windows in a row that show that an action worked.
    """

    rules: Rules
    same_cause: int
    recovery: int


def numbers(version: int, day: dt.date) -> Numbers | None:
    """The numbers in force on ``day``; None where the standard does not know this loop."""
    known = parameters(version)
    found: dict[str, int] = {}
    for name in (IN_A_ROW, SAME_CAUSE, FLOOR_ITEMS, RECOVERY):
        value = known[name].value_on(day) if name in known else None
        if not isinstance(value, Decimal):
            return None
        found[name] = int(value)
    return Numbers(Rules(found[IN_A_ROW], found[FLOOR_ITEMS]), found[SAME_CAUSE], found[RECOVERY])


def watched_until(version: int, closed_at: int) -> int:
    """The instant, in microseconds, until which what was closed is watched for recurrence."""
    known = parameters(version).get(WATCH)
    closed = from_microseconds(closed_at)
    if known is None:
        return closed_at
    day = closed.date()
    return to_microseconds(deadline(calendar(on=day), closed, known.limit_on(day)).due_at)
