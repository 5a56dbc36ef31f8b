"""Instants, the institution's day, and clocks that are handed in.

An instant is an aware UTC datetime, stored as integer microseconds since 1970-01-01T00:00Z. A day
is a date in Asia/Shanghai. Nothing below the edge asks the machine what time it is.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

INSTITUTION_ZONE = ZoneInfo("Asia/Shanghai")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Clock(Protocol):
    """The port for time."""

    def now(self) -> dt.datetime:
        """The current instant, UTC."""
        ...


class SystemClock:
    """The wall clock; made only at the edge."""

    def now(self) -> dt.datetime:
        """The machine's instant, UTC."""
        return dt.datetime.now(dt.UTC)


class VirtualClock:
    """A clock that stands still until it is moved; for simulation, trials and tests."""

    def __init__(self, start: dt.datetime) -> None:
        self._now = in_utc(start)

    def now(self) -> dt.datetime:
        """The instant it was last moved to."""
        return self._now

    def move_to(self, instant: dt.datetime) -> None:
        """Go forward to ``instant``; never back."""
        assert instant >= self._now, "a virtual clock does not run backwards"
        self._now = in_utc(instant)


def in_utc(instant: dt.datetime) -> dt.datetime:
    """``instant`` in UTC; a naive datetime is a programming error."""
    assert instant.tzinfo is not None, "an instant has a zone"
    return instant.astimezone(dt.UTC)


def to_microseconds(instant: dt.datetime) -> int:
    """Microseconds since the epoch, the stored form of an instant."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> dt.datetime:
    """The instant of a stored value, UTC."""
    return _EPOCH + dt.timedelta(microseconds=value)


def day_of(instant: dt.datetime) -> dt.date:
    """The institution's calendar day at ``instant`` (Asia/Shanghai)."""
    return instant.astimezone(INSTITUTION_ZONE).date()


def at_local(day: dt.date, time: dt.time) -> dt.datetime:
    """The instant, UTC, of a local wall time at the institution."""
    return dt.datetime.combine(day, time, INSTITUTION_ZONE).astimezone(dt.UTC)


def end_of_day(instant: dt.datetime) -> dt.datetime:
    """The first instant, UTC, after the institution's day at ``instant``."""
    return at_local(day_of(instant) + dt.timedelta(days=1), dt.time())
