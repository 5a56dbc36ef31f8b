"""When the simulated bank measures itself: each night of a short run, each week of a long one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.measures.actions import measure_now
from touchstone.measures.keeping import HistoryKeeper

# A longer run is measured by the week, a year by the month, else measuring would cost more than living.
_DAILY_UP_TO, _WEEKLY_UP_TO = 45, 150
_SUNDAY = 6
_QUARTER_ENDS = (3, 6, 9, 12)


class Measuring:
    """Measures after a day's end, reading each event once."""

    def __init__(
        self, context: ActContext, clock: VirtualClock, first_day: dt.date, days: int
    ) -> None:
        self._clock = clock
        self._context = replace(context, actor="system:worker")
        self._keeper = HistoryKeeper()
        self._last_day = first_day + dt.timedelta(days=days - 1)
        self._is_daily = days <= _DAILY_UP_TO
        self._is_weekly = days <= _WEEKLY_UP_TO

    def day_ended(self, day: dt.date) -> None:
        """Measure ``day`` where its turn has come.

        Verifying the record waits for the month's or run's end, in a short run for the week's, in a
        long one for the quarter's.
        """
        following = day + dt.timedelta(days=1)
        is_last = day == self._last_day or following.day == 1
        is_week = day.weekday() == _SUNDAY and self._is_weekly
        is_verified = is_last and (
            self._is_weekly or day == self._last_day or day.month in _QUARTER_ENDS
        )
        if not (is_last or is_week or self._is_daily):
            return
        self._clock.move_to(at_local(following, dt.time()))
        measure_now(
            self._context,
            day,
            keeper=self._keeper,
            with_records=is_verified or (is_week and self._is_daily),
        )
