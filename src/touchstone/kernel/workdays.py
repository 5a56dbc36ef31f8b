"""The institution's calendar: working days with make-up days (调休), service hours, working minutes.

Immutable, and knows no file and no table. A day that nobody announced follows its weekday and is
provisional: what is counted over it is marked, and counted again when the notice comes.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from zoneinfo import ZoneInfo

from touchstone.kernel.canonical import canonical_bytes
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE

_ORIGIN = 1970
_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)
_NOTHING = dt.timedelta()


class DayStatus(StrEnum):
    """Whether a day's nature is certain."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One listed day: a holiday, or a weekend day worked to make up for one."""

    day: dt.date
    is_workday: bool
    name: Text | None = None
    status: DayStatus = DayStatus.OFFICIAL


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year's notice: the days it lists, and how certain all the others are.

    Attributes:
        calendar: id of the calendar it belongs to (``cn``).
        source: the notice it was taken from.
        days: the listed days, in order; a notice may list neighbours in the year before or after.
    """

    calendar: str
    year: int
    status: DayStatus
    source: str
    days: tuple[CalendarDay, ...]


@dataclass(frozen=True)
class ServiceHours:
    """Opening hours on working days, local time; ``pause`` is the lunch break.

    Attributes:
        cut_off: what is received at this time or later counts as received on the next working day.
    """

    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(17)
    cut_off: dt.time = dt.time(17)
    pause: tuple[dt.time, dt.time] | None = None

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("service opens before it closes, within one day")
        if self.pause and not self.opens < self.pause[0] < self.pause[1] < self.closes:
            raise ValueError("the lunch break lies within the service hours")

    @cached_property
    def stretches(self) -> tuple[tuple[dt.timedelta, dt.timedelta], ...]:
        """Open stretches as times after midnight."""
        opens, closes = _since_midnight(self.opens), _since_midnight(self.closes)
        if self.pause is None:
            return ((opens, closes),)
        return ((opens, _since_midnight(self.pause[0])), (_since_midnight(self.pause[1]), closes))

    @cached_property
    def per_day(self) -> dt.timedelta:
        """Working time of a whole working day."""
        return sum((end - start for start, end in self.stretches), _NOTHING)

    def worked_before(self, moment: dt.timedelta) -> dt.timedelta:
        """Working time of a working day before ``moment`` after midnight."""
        return sum(
            (min(max(moment, start), end) - start for start, end in self.stretches), _NOTHING
        )

    def moment_after(self, worked: dt.timedelta) -> dt.timedelta:
        """The first moment after midnight by which ``worked`` was worked."""
        left = worked
        for start, end in self.stretches:
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("the day has less working time")


def _since_midnight(time: dt.time) -> dt.timedelta:
    return dt.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )


@dataclass(frozen=True, eq=False)
class Calendar:
    """The calendar of one institution.

    Attributes:
        id: its name (``cn``).
        days: listed days.
        years: announced years: unlisted days in them follow their weekday, with the year's status.
        hours: service hours and cut-off.
        zone: zone whose days these are.
    """

    id: str
    days: Mapping[dt.date, CalendarDay]
    years: Mapping[int, DayStatus] = field(default_factory=dict)
    hours: ServiceHours = field(default_factory=ServiceHours)
    zone: ZoneInfo = INSTITUTION_ZONE
    _prefixes: dict[int, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)
    _bases: dict[int, int] = field(init=False, repr=False, default_factory=lambda: {_ORIGIN: 0})

    @classmethod
    def of_years(
        cls,
        id: str,
        years: Iterable[CalendarYear],
        *,
        hours: ServiceHours | None = None,
        zone: ZoneInfo = INSTITUTION_ZONE,
    ) -> Calendar:
        """A calendar of several notices; where two list the same day, the later year's holds."""
        ordered = sorted(years, key=lambda year: year.year)
        return cls(
            id,
            days={day.day: day for year in ordered for day in year.days},
            years={year.year: year.status for year in ordered},
            hours=hours or ServiceHours(),
            zone=zone,
        )

    @cached_property
    def digest(self) -> str:
        """sha256 over everything that decides a deadline and its derivation, in hexadecimal."""
        listed = [
            [day.day, day.is_workday, day.status.value, day.name and day.name.as_dict()]
            for _, day in sorted(self.days.items())
        ]
        years = {str(year): status.value for year, status in self.years.items()}
        hours = [self.hours.opens, self.hours.closes, self.hours.cut_off, *(self.hours.pause or ())]
        content = [self.id, self.zone.key, listed, years, hours]
        return sha256(canonical_bytes(content)).hexdigest()

    def is_workday(self, day: dt.date) -> bool:
        """Whether people work on ``day``."""
        found = self.days.get(day)
        return found.is_workday if found else day.weekday() < 5

    def status(self, day: dt.date) -> DayStatus:
        """Whether the day's nature is certain."""
        found = self.days.get(day)
        return found.status if found else self.years.get(day.year, DayStatus.PROVISIONAL)

    def is_provisional(self, first: dt.date, last: dt.date) -> bool:
        """Whether a day from ``first`` to ``last``, both included, is provisional."""
        return any(
            self.status(first + dt.timedelta(days=n)) is DayStatus.PROVISIONAL
            for n in range((last - first).days + 1)
        )

    def name(self, day: dt.date) -> Text | None:
        """Name of a holiday or make-up day; None for a plain day."""
        found = self.days.get(day)
        return found.name if found else None

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The local day at ``instant``."""
        return instant.astimezone(self.zone).date()

    def day_of_receipt(self, instant: dt.datetime) -> dt.date:
        """Day 0 of what arrives at ``instant``.

        From the cut-off on, or on a day that is not worked, it is the next working day.
        """
        local = instant.astimezone(self.zone)
        day = local.date()
        if local.time() >= self.hours.cut_off or not self.is_workday(day):
            return self.next_workday(day)
        return day

    def start_of(self, day: dt.date) -> dt.datetime:
        """00:00 of ``day`` as an instant, UTC."""
        return self._instant(day, _NOTHING)

    def end_of(self, day: dt.date) -> dt.datetime:
        """24:00 of ``day`` as an instant, UTC."""
        return self._instant(day + _DAY, _NOTHING)

    def close_of(self, day: dt.date) -> dt.datetime:
        """Close of business of ``day`` as an instant, UTC."""
        return self._instant(day, _since_midnight(self.hours.closes))

    def next_workday(self, day: dt.date) -> dt.date:
        """The first working day after ``day``."""
        return self.add_working_days(day, 1)

    def add_working_days(self, start: dt.date | dt.datetime, count: int) -> dt.date:
        """The working day ``count`` after ``start``, which is day 0 and need not be one itself.

        An instant counts from its day of receipt. A negative ``count`` goes back.
        """
        day = self.day_of_receipt(start) if isinstance(start, dt.datetime) else start
        if count == 0:
            return day
        if count > 0:
            return self._workday_at(self._workdays_before(day + _DAY) + count - 1)
        return self._workday_at(self._workdays_before(day) + count)

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Working days after ``start`` up to and with ``end``; negative when ``end`` is earlier."""
        return self._workdays_before(end + _DAY) - self._workdays_before(start + _DAY)

    def working_time_between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Working time from ``start`` to ``end``, to the microsecond; negative when reversed."""
        return self._worked_before(end) - self._worked_before(start)

    def working_minutes_between(self, start: dt.datetime, end: dt.datetime) -> int:
        """Whole working minutes from ``start`` to ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.working_minutes_between(end, start)
        return self.working_time_between(start, end) // _MINUTE

    def add_working_time(self, start: dt.datetime, time: dt.timedelta) -> dt.datetime:
        """The first instant, UTC, by which ``time`` was worked since ``start``."""
        assert time >= _NOTHING, "working time is added forwards"
        if not time:
            return start.astimezone(dt.UTC)
        days, rest = divmod(self._worked_before(start) + time, self.hours.per_day)
        if not rest:
            days, rest = days - 1, self.hours.per_day
        return self._instant(self._workday_at(days), self.hours.moment_after(rest))

    def add_working_minutes(self, start: dt.datetime, minutes: int) -> dt.datetime:
        """The first instant, UTC, by which ``minutes`` were worked since ``start``."""
        return self.add_working_time(start, minutes * _MINUTE)

    def _instant(self, day: dt.date, since_midnight: dt.timedelta) -> dt.datetime:
        wall = dt.datetime.combine(day, dt.time()) + since_midnight
        return wall.replace(tzinfo=self.zone).astimezone(dt.UTC)

    def _worked_before(self, instant: dt.datetime) -> dt.timedelta:
        """Working time since the origin."""
        local = instant.astimezone(self.zone).replace(tzinfo=None)
        day = local.date()
        worked = self._workdays_before(day) * self.hours.per_day
        if self.is_workday(day):
            worked += self.hours.worked_before(local - dt.datetime.combine(day, dt.time()))
        return worked

    def _prefix(self, year: int) -> tuple[int, ...]:
        """Working days of ``year`` before its n-th day; the last entry is the whole year's."""
        known = self._prefixes.get(year)
        if known is None:
            first = dt.date(year, 1, 1)
            length = (dt.date(year, 12, 31) - first).days + 1
            worked = (self.is_workday(first + dt.timedelta(days=n)) for n in range(length))
            known = self._prefixes[year] = (0, *accumulate(map(int, worked)))
        return known

    def _base(self, year: int) -> int:
        """Working days from the origin to the beginning of ``year``."""
        if year not in self._bases:
            for passed in range(_ORIGIN, year):
                self._bases[passed + 1] = self._bases[passed] + self._prefix(passed)[-1]
            for passed in range(_ORIGIN - 1, year - 1, -1):
                self._bases[passed] = self._bases[passed + 1] - self._prefix(passed)[-1]
        return self._bases[year]

    def _workdays_before(self, day: dt.date) -> int:
        return self._base(day.year) + self._prefix(day.year)[day.timetuple().tm_yday - 1]

    def _workday_at(self, index: int) -> dt.date:
        """The working day before which exactly ``index`` working days lie since the origin."""
        year = _ORIGIN + index // 262
        while self._base(year) > index:
            year -= 1
        while self._base(year) + self._prefix(year)[-1] <= index:
            year += 1
        place = bisect_right(self._prefix(year), index - self._base(year)) - 1
        return dt.date(year, 1, 1) + dt.timedelta(days=place)


def calendar_from_days(
    id: str,
    days: Iterable[CalendarDay],
    *,
    hours: ServiceHours | None = None,
) -> Calendar:
    """A calendar of the listed days; a year is as certain as the least certain day listed in it."""
    listed = {day.day: day for day in days}
    years: dict[int, DayStatus] = {}
    for day in listed.values():
        if day.status is DayStatus.PROVISIONAL or day.day.year not in years:
            years[day.day.year] = day.status
    return Calendar(id, listed, years, hours or ServiceHours())
