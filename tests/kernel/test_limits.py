"""Deadlines say why, stand still while the clock is paused, and never move back."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.test_workdays import CALENDAR, LUNCH, local
from touchstone.kernel.canonical import plain
from touchstone.kernel.derivation import Derivation
from touchstone.kernel.limits import Ends, Limit, Pause, deadline, time_used, warning_at
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE

WAITING = Text("等待客户补充材料", "waiting for the customer")


def paused(first: str, last: str, *, at: str = "11:00") -> Pause:
    return Pause(local(first, at), local(last, at), WAITING)


def due(start: dt.datetime, limit: str, *pauses: Pause) -> dt.datetime:
    return deadline(CALENDAR, start, Limit.parse(limit), pauses=pauses).due_at


def test_a_deadline_says_why_in_both_languages() -> None:
    found = deadline(CALENDAR, local("02-12", "18:00"), Limit.parse("2wd"))

    assert found.in_language("zh").splitlines() == [
        "自 2026-02-12 18:00 起算",
        "已过 17:00 截止时刻，收件日按 2026-02-13 计（第0日）",
        "2026-02-14 调休上班（调休），计 1 日",
        "2026-02-15 至 2026-02-23 不计：假日",
        "2026-02-24 计 1 日",
        "到期：2026-02-24 24:00（当日24时止）",
    ]
    assert found.in_language("en").splitlines() == [
        "Starts at 2026-02-12 18:00",
        "After the cut-off at 17:00: received as of 2026-02-13 (day 0)",
        "2026-02-14: worked (Make-up day), 1 counted",
        "2026-02-15 to 2026-02-23: not counted, Holiday",
        "2026-02-24: 1 counted",
        "Due 2026-02-24 24:00 (end of that day)",
    ]


def test_a_derivation_comes_back_from_its_plain_data() -> None:
    found = deadline(
        CALENDAR, local("02-12"), Limit.parse("5wd"), pauses=[paused("02-13", "02-24")]
    )

    back = Derivation.from_data(plain(found.data))  # type: ignore[arg-type]

    assert back == found
    assert "暂停（等待客户补充材料）" in back.in_language("zh")


def test_a_day_of_receipt_that_is_not_worked_becomes_the_next_working_day() -> None:
    assert due(local("10-03"), "1wd") == due(local("10-08"), "1wd")


def test_calendar_days_count_holidays_too() -> None:
    assert due(local("09-30", "18:00"), "15d") == local("10-16", "00:00")


def test_working_minutes_run_only_in_service_hours() -> None:
    assert due(local("09-30", "16:30"), "90wmin") == local("10-08", "10:00")


def test_days_after_the_one_a_pause_began_on_do_not_count() -> None:
    assert due(local("03-02"), "3wd") == local("03-06", "00:00")
    assert due(local("03-02"), "3wd", paused("03-03", "03-05")) == local("03-10", "00:00")
    assert due(local("03-02"), "3wd", paused("03-03", "03-03")) == local("03-06", "00:00")


def test_a_pause_on_the_last_day_leaves_the_rest_of_a_day() -> None:
    assert due(local("03-02"), "1wd", paused("03-03", "03-10")) == local("03-11", "00:00")


def test_hours_stand_still_for_exactly_as_long_as_the_pause() -> None:
    pause = Pause(local("03-02", "12:15"), local("03-04", "08:20"), WAITING)

    found = due(local("03-02"), "24h", pause)

    assert found - due(local("03-02"), "24h") == pause.ended_at - pause.began_at


def test_warnings_stand_at_shares_of_working_time() -> None:
    found = deadline(CALENDAR, local("03-06", "09:00"), Limit.parse("1wd"))

    half = warning_at(CALENDAR, found, Limit.parse("1wd"), (), 50)

    assert half == local("03-06", "17:00")
    assert warning_at(CALENDAR, found, Limit.parse("1wd"), (), 80) == local("03-09", "13:48")


def test_the_same_day_may_be_a_limit() -> None:
    assert due(local("03-02"), "0wd") == local("03-03", "00:00")


instants = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 11, 1)).map(
    lambda value: value.replace(tzinfo=INSTITUTION_ZONE).astimezone(dt.UTC)
)
starts_on_the_hour = st.integers(0, 7000).map(
    lambda hours: local("01-01", "00:00") + dt.timedelta(hours=hours)
)
limits = st.builds(Limit, st.integers(1, 30), st.sampled_from(["wd", "d", "h", "min", "wmin"]))


@given(instants, st.timedeltas(dt.timedelta(), dt.timedelta(days=20)), limits)
def test_what_starts_later_is_never_due_earlier(
    start: dt.datetime, later: dt.timedelta, limit: Limit
) -> None:
    assert (
        deadline(CALENDAR, start + later, limit).due_at >= deadline(CALENDAR, start, limit).due_at
    )


@given(instants, limits, st.data())
def test_a_pause_before_the_deadline_never_brings_it_forward(
    start: dt.datetime, limit: Limit, data: st.DataObject
) -> None:
    without = deadline(CALENDAR, start, limit).due_at
    began = data.draw(st.datetimes(_naive(start), _naive(without))).replace(tzinfo=dt.UTC)
    ended = began + data.draw(st.timedeltas(dt.timedelta(), dt.timedelta(days=15)))

    found = deadline(CALENDAR, start, limit, pauses=[Pause(began, ended, WAITING)]).due_at

    assert found >= without
    if not limit.in_days:
        working = limit.in_working_time
        pauses = [Pause(began, ended, WAITING)]
        used = time_used(CALENDAR, start, found, pauses, working=working)
        assert used == limit.running_time()


spans = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
        lambda hours: tuple(dt.timedelta(hours=number) for number in hours)
    ),
    max_size=4,
)


@given(starts_on_the_hour, limits, st.sampled_from(["midnight", "close"]), spans)
def test_a_resumed_clock_is_not_over_at_once(
    start: dt.datetime, limit: Limit, ends: Ends, spans: list[tuple[dt.timedelta, dt.timedelta]]
) -> None:
    pauses: list[Pause] = []
    here = start
    for run, still in spans:
        here += run
        if here >= deadline(CALENDAR, start, limit, ends=ends, pauses=pauses).due_at:
            break
        pauses.append(Pause(here, here + still, WAITING))
        here += still

        assert deadline(CALENDAR, start, limit, ends=ends, pauses=pauses).due_at > here


@given(instants, st.integers(0, 50), st.integers(0, 50))
def test_working_days_add_up(start: dt.datetime, one: int, more: int) -> None:
    day = CALENDAR.day_of_receipt(start)

    there = CALENDAR.add_working_days(CALENDAR.add_working_days(day, one), more)

    assert there == CALENDAR.add_working_days(day, one + more)
    assert CALENDAR.working_days_between(day, there) == one + more
    assert CALENDAR.add_working_days(there, -one - more) == day


@given(instants, st.timedeltas(dt.timedelta(), dt.timedelta(days=9)))
def test_working_time_is_exact_to_the_microsecond(start: dt.datetime, time: dt.timedelta) -> None:
    end = LUNCH.add_working_time(start, time)

    assert LUNCH.working_time_between(start, end) == time
    if time:
        before = end - dt.timedelta(microseconds=1)
        assert LUNCH.working_time_between(start, before) < time


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2wd", "2 个工作日", "2 working days"),
        ("1h", "1 小时", "1 hour"),
        ("15d", "15 日", "15 days"),
    ],
)
def test_a_limit_reads_in_both_languages(text: str, zh: str, en: str) -> None:
    assert Limit.parse(text).text == Text(zh, en)
    assert str(Limit.parse(text)) == text


def _naive(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC).replace(tzinfo=None)
