"""Time limits as the standard writes them, and the deadline they lead to.

``2wd`` working days, ``15d`` calendar days, ``48h`` and ``30min`` running time, ``90wmin`` working
minutes. Days end at 24:00 of the last day or at close of business; the day of receipt is day 0.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from touchstone.kernel.derivation import Derivation, Step, wall, wall_end
from touchstone.kernel.text import Text
from touchstone.kernel.workdays import Calendar, DayStatus

LimitUnit = Literal["wd", "d", "h", "min", "wmin"]
Ends = Literal["midnight", "close"]

_WRITTEN = re.compile(r"([0-9]{1,6})(wd|d|h|min|wmin)")
_DAY = dt.timedelta(days=1)
_LONGEST = {"wd": 20_000, "d": 36_525, "h": 876_600, "min": 999_999, "wmin": 999_999}
_UNIT_WORDS = {
    "wd": Text("{amount} 个工作日", "{amount} working days"),
    "d": Text("{amount} 日", "{amount} days"),
    "h": Text("{amount} 小时", "{amount} hours"),
    "min": Text("{amount} 分钟", "{amount} minutes"),
    "wmin": Text("{amount} 个工作分钟", "{amount} working minutes"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A span of time in the unit the clause names.

    Attributes:
        amount: how many; 0 days means the same day.
    """

    amount: int
    unit: LimitUnit

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``2wd``, ``15d``, ``48h``, ``30min`` or ``90wmin``.

        Raises:
            ValueError: anything else, or longer than a century.
        """
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not a time limit: write 2wd, 15d, 48h, 30min or 90wmin")
        amount, unit = int(found[1]), cast(LimitUnit, found[2])
        assert unit in get_args(LimitUnit)
        if amount > _LONGEST[unit]:
            raise ValueError(f"{text!r} is longer than any time limit")
        if amount == 0 and unit not in ("wd", "d"):
            raise ValueError(f"{text!r} leaves no time")
        return cls(amount, unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def in_days(self) -> bool:
        """Whether it is counted in whole days, so that the rule for the end of a day matters."""
        return self.unit in ("wd", "d")

    @property
    def in_working_time(self) -> bool:
        """Whether only working time counts."""
        return self.unit in ("wd", "wmin")

    @property
    def text(self) -> Text:
        """The limit in words."""
        words = _UNIT_WORDS[self.unit].format(amount=self.amount)
        if self.amount == 1:
            return Text(words.zh, words.en.removesuffix("s"))
        return words

    def running_time(self) -> dt.timedelta:
        """The amount as time.

        Raises:
            AssertionError: it is counted in days.
        """
        assert not self.in_days
        return dt.timedelta(**{"hours" if self.unit == "h" else "minutes": self.amount})


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock stood still.

    Attributes:
        reason: why, as the clause names it, in both languages.
    """

    began_at: dt.datetime
    ended_at: dt.datetime
    reason: Text

    def __post_init__(self) -> None:
        assert self.began_at <= self.ended_at, "a pause ends after it begins"


def deadline(
    calendar: Calendar,
    start: dt.datetime,
    limit: Limit,
    *,
    ends: Ends = "midnight",
    pauses: Sequence[Pause] = (),
) -> Derivation:
    """When ``limit`` runs out after ``start``, with the reasons.

    The instant returned is the first that is too late. ``pauses`` are in order and do not overlap;
    of limits in days, the days after the one on which a pause began, up to the day it ended, do not
    count.
    """
    steps = [Step("start", {"at": wall(start, calendar.zone)})]
    if limit.in_days:
        due, provisional = _by_days(calendar, start, limit, ends, pauses, steps)
    else:
        due, provisional = _by_time(calendar, start, limit, pauses, steps)
    return Derivation(
        started_at=start.astimezone(dt.UTC),
        due_at=due,
        limit=str(limit),
        provisional=provisional,
        calendar=calendar.id,
        digest=calendar.digest,
        zone=calendar.zone.key,
        steps=tuple(steps),
    )


def paused_days(
    calendar: Calendar, limit: Limit, began_at: dt.datetime, ended_at: dt.datetime
) -> int:
    """How many days of ``limit``'s unit a pause takes out of the count."""
    first = calendar.day_of(began_at)
    last = _day_resumed(calendar, ended_at, limit, "midnight")
    if limit.unit == "wd":
        return calendar.working_days_between(first, last)
    return (last - first).days


def time_between(
    calendar: Calendar, start: dt.datetime, end: dt.datetime, *, working: bool
) -> dt.timedelta:
    """Working time or running time from ``start`` to ``end``."""
    return calendar.working_time_between(start, end) if working else end - start


def time_used(
    calendar: Calendar,
    start: dt.datetime,
    end: dt.datetime,
    pauses: Sequence[Pause],
    *,
    working: bool,
) -> dt.timedelta:
    """Time from ``start`` to ``end`` without the pauses."""
    used = time_between(calendar, start, end, working=working)
    for pause in pauses:
        began, ended = (
            min(max(pause.began_at, start), end),
            min(max(pause.ended_at, start), end),
        )
        used -= time_between(calendar, began, ended, working=working)
    return used


def moment_after(
    calendar: Calendar,
    start: dt.datetime,
    time: dt.timedelta,
    pauses: Sequence[Pause],
    *,
    working: bool,
) -> dt.datetime:
    """The first instant by which ``time`` was used after ``start``, pauses left out."""
    here, left = start, time
    for pause in pauses:
        began = max(pause.began_at, here)
        used = time_between(calendar, here, began, working=working)
        if used >= left:
            break
        here, left = max(pause.ended_at, here), left - used
    return calendar.add_working_time(here, left) if working else here + left


def warning_at(
    calendar: Calendar, derivation: Derivation, limit: Limit, pauses: Sequence[Pause], percent: int
) -> dt.datetime:
    """When ``percent`` of the time up to the deadline is used; of working time where only that counts."""
    start, due = derivation.started_at, derivation.due_at
    working = limit.in_working_time
    whole = time_used(calendar, start, due, pauses, working=working)
    if working and not whole:
        working, whole = False, time_used(calendar, start, due, pauses, working=False)
    return moment_after(calendar, start, whole * percent // 100, pauses, working=working)


def _day_zero(calendar: Calendar, instant: dt.datetime, limit: Limit) -> dt.date:
    if limit.unit == "wd":
        return calendar.day_of_receipt(instant)
    return calendar.day_of(instant)


def _by_days(
    calendar: Calendar,
    start: dt.datetime,
    limit: Limit,
    ends: Ends,
    pauses: Sequence[Pause],
    steps: list[Step],
) -> tuple[dt.datetime, bool]:
    zero = _day_zero(calendar, start, limit)
    local = calendar.day_of(start)
    if zero != local:
        if calendar.is_workday(local):
            cut_off = f"{calendar.hours.cut_off:%H:%M}"
            steps.append(Step("cut_off", {"cut_off": cut_off, "day": str(zero)}))
        else:
            steps.append(Step("not_worked", {"day": str(zero)}))
    else:
        steps.append(Step("day_zero", {"day": str(zero)}))
    last, provisional = zero, False
    if limit.unit == "wd":
        provisional = calendar.is_provisional(local, zero)
    stills = _still_days(calendar, limit, ends, pauses)
    left = limit.amount
    runs = _Runs(steps)
    # A pause that began on the last day leaves that day's rest to the day it ended on.
    while left or any(first <= last < end for first, end, _ in stills):
        last += _DAY
        kind, reason, name = _standing(calendar, last, limit, stills)
        if limit.unit == "wd" and calendar.status(last) is DayStatus.PROVISIONAL:
            provisional = True
        if kind != "skipped":
            left -= 1
        runs.add(last, kind, reason, name)
    runs.close()
    due = calendar.end_of(last) if ends == "midnight" else calendar.close_of(last)
    steps.append(Step(ends, {"at": wall_end(due, calendar.zone)}))
    return due, provisional


def _still_days(
    calendar: Calendar, limit: Limit, ends: Ends, pauses: Sequence[Pause]
) -> list[tuple[dt.date, dt.date, Text]]:
    """Pauses as spans of days: after the first, up to and with the last."""
    return [
        (
            calendar.day_of(pause.began_at),
            _day_resumed(calendar, pause.ended_at, limit, ends),
            pause.reason,
        )
        for pause in pauses
        if pause.began_at < pause.ended_at
    ]


def _day_resumed(calendar: Calendar, instant: dt.datetime, limit: Limit, ends: Ends) -> dt.date:
    """The day that a pause ends on: the first whose end is still to come, and worked if need be."""
    day = calendar.day_of(instant)
    if ends == "close" and instant >= calendar.close_of(day):
        day += _DAY
    if limit.unit == "wd" and not calendar.is_workday(day):
        day = calendar.next_workday(day)
    return day


def _standing(
    calendar: Calendar,
    day: dt.date,
    limit: Limit,
    stills: Sequence[tuple[dt.date, dt.date, Text]],
) -> tuple[str, str, Text | None]:
    """Whether ``day`` counts: kind of step, reason, name."""
    listed = calendar.days.get(day)
    if limit.unit == "wd" and not calendar.is_workday(day):
        if listed and listed.name:
            return "skipped", "holiday", listed.name
        return "skipped", "weekend", None
    for first, end, reason in stills:
        if first < day <= end:
            return "skipped", "paused", reason
    if limit.unit == "wd" and listed and listed.name and listed.is_workday:
        return "made_up", "", listed.name
    return "counted", "", None


class _Runs:
    """Puts days of the same standing into one step."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._same: tuple[str, str, Text | None] | None = None
        self._first = self._last = dt.date.min
        self._count = 0

    def add(self, day: dt.date, kind: str, reason: str, name: Text | None) -> None:
        """The next day."""
        if (kind, reason, name) != self._same:
            self.close()
            self._same, self._first, self._count = (kind, reason, name), day, 0
        self._last = day
        self._count += 1

    def close(self) -> None:
        """Write the run that is open."""
        if self._same is None:
            return
        kind, reason, name = self._same
        data: dict[str, object] = {"first": str(self._first), "last": str(self._last)}
        if kind == "skipped":
            data["reason"] = reason
        else:
            data["count"] = self._count
        if name:
            data["name"] = name.as_dict()
        self._steps.append(Step(kind, data))
        self._same = None


def _by_time(
    calendar: Calendar,
    start: dt.datetime,
    limit: Limit,
    pauses: Sequence[Pause],
    steps: list[Step],
) -> tuple[dt.datetime, bool]:
    working = limit.unit == "wmin"
    due = moment_after(calendar, start, limit.running_time(), pauses, working=working)
    due = due.astimezone(dt.UTC)
    steps.append(Step("worked" if working else "elapsed", {"amount": limit.text.as_dict()}))
    steps.extend(_pauses_before(calendar, due, pauses))
    steps.append(Step("exact", {"at": wall(due, calendar.zone)}))
    provisional = working and calendar.is_provisional(calendar.day_of(start), calendar.day_of(due))
    return due, provisional


def _pauses_before(calendar: Calendar, due: dt.datetime, pauses: Sequence[Pause]) -> Iterator[Step]:
    for pause in pauses:
        if pause.began_at < due and pause.began_at < pause.ended_at:
            yield Step(
                "paused",
                {
                    "from": wall(pause.began_at, calendar.zone),
                    "to": wall(pause.ended_at, calendar.zone),
                    "name": pause.reason.as_dict(),
                },
            )
