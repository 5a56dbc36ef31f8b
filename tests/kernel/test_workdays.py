"""Working days of 2026 as announced, deadlines over holidays, and minutes that add up."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.limits import Limit, deadline
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, at_local
from touchstone.kernel.workdays import (
    Calendar,
    CalendarDay,
    DayStatus,
    ServiceHours,
    calendar_from_days,
)

OFF = [
    ("01-01", 3),
    ("02-15", 9),
    ("04-04", 3),
    ("05-01", 5),
    ("06-19", 3),
    ("09-25", 3),
    ("10-01", 7),
]
MADE_UP = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def calendar_2026(hours: ServiceHours | None = None) -> Calendar:
    days = [
        CalendarDay(
            dt.date.fromisoformat(f"2026-{first}") + dt.timedelta(days=n),
            False,
            Text("假日", "Holiday"),
            DayStatus.OFFICIAL,
        )
        for first, count in OFF
        for n in range(count)
    ]
    days += [
        CalendarDay(
            dt.date.fromisoformat(f"2026-{day}"),
            True,
            Text("调休", "Make-up day"),
            DayStatus.OFFICIAL,
        )
        for day in MADE_UP
    ]
    return calendar_from_days("cn", days, hours=hours)


CALENDAR = calendar_2026()


def local(day: str, time: str = "10:00") -> dt.datetime:
    return at_local(dt.date.fromisoformat(f"2026-{day}"), dt.time.fromisoformat(time))


def test_2026_has_248_working_days_as_announced() -> None:
    months = [0] * 12
    day = dt.date(2026, 1, 1)
    while day.year == 2026:
        months[day.month - 1] += CALENDAR.is_workday(day)
        day += dt.timedelta(days=1)

    assert months == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("09-30", 1, "10-08"),
        ("09-30", 2, "10-09"),
        ("09-30", 5, "10-13"),
        ("02-13", 1, "02-14"),
        ("02-13", 2, "02-24"),
        ("02-13", 5, "02-27"),
        ("04-30", 1, "05-06"),
        ("04-30", 5, "05-11"),
    ],
)
def test_working_days_skip_holidays_and_count_make_up_days(
    start: str, count: int, expected: str
) -> None:
    first = dt.date.fromisoformat(f"2026-{start}")

    assert CALENDAR.add_working_days(first, count) == dt.date.fromisoformat(f"2026-{expected}")


def test_a_deadline_ends_at_midnight_or_at_the_close() -> None:
    start = local("09-30")

    assert deadline(CALENDAR, start, Limit.parse("2wd")).due_at == local("10-10", "00:00")
    close = deadline(CALENDAR, start, Limit.parse("2wd"), ends="close")
    assert close.due_at == local("10-09", "17:00")


def test_what_comes_after_the_cut_off_counts_from_the_next_working_day() -> None:
    late = deadline(CALENDAR, local("09-30", "17:01"), Limit.parse("1wd"))

    assert "2026-10-08" in late.lines()[1].en
    assert late.due_at == local("10-10", "00:00")


def test_hours_run_on_over_holidays() -> None:
    due = deadline(CALENDAR, local("09-30"), Limit.parse("48h")).due_at

    assert due == local("10-02")


def test_a_deadline_over_unannounced_days_is_provisional() -> None:
    start = at_local(dt.date(2026, 12, 30), dt.time(10))

    assert deadline(CALENDAR, start, Limit.parse("1wd")).provisional is False
    assert deadline(CALENDAR, start, Limit.parse("3wd")).provisional is True


@pytest.mark.parametrize("text", ["", "2", "wd", "-1d", "2 wd", "1.5h", "２d", "999999d"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time limit"):
        Limit.parse(text)


instants = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 1)).map(
    lambda value: value.replace(second=0, microsecond=0, tzinfo=INSTITUTION_ZONE).astimezone(dt.UTC)
)
LUNCH = calendar_2026(ServiceHours(pause=(dt.time(12), dt.time(13, 30))))


@given(instants, instants, instants)
def test_working_minutes_add_up(
    first: dt.datetime, second: dt.datetime, third: dt.datetime
) -> None:
    def between(start: dt.datetime, end: dt.datetime) -> int:
        return LUNCH.working_minutes_between(start, end)

    assert between(first, third) == between(first, second) + between(second, third)
    assert (between(first, second) >= 0) or second < first


@given(instants, st.integers(1, 5000))
def test_adding_working_minutes_is_undone_by_counting_them(
    start: dt.datetime, minutes: int
) -> None:
    end = LUNCH.add_working_minutes(start, minutes)

    assert LUNCH.working_minutes_between(start, end) == minutes
    assert LUNCH.working_minutes_between(start, end - dt.timedelta(minutes=1)) == minutes - 1


@given(instants, st.integers(0, 40), st.integers(0, 40))
def test_a_longer_limit_is_never_due_earlier(start: dt.datetime, one: int, more: int) -> None:
    short = deadline(CALENDAR, start, Limit(one, "wd")).due_at

    assert deadline(CALENDAR, start, Limit(one + more, "wd")).due_at >= short
