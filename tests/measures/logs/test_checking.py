"""Time between steps, four eyes and order are judged as a person would count them by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from tests.measures.logs.small import Step, events_table
from touchstone.kernel.limits import Limit, deadline
from touchstone.kernel.refusal import Refusal
from touchstone.measures.logs.calendars import calendar_named, zone_named
from touchstone.measures.logs.checking import Checker

CHINA = ZoneInfo("Asia/Shanghai")
CN = calendar_named("cn", CHINA)


def checker(folder: Path, cases: Mapping[str, Iterable[Step]]) -> Checker:
    pq.write_table(events_table(cases), folder / "events.parquet")
    return Checker(folder / "events.parquet")


def test_two_working_days_end_at_midnight_and_skip_a_holiday(tmp_path: Path) -> None:
    # Thursday 30 April 2026; 1 to 5 May is a holiday, Saturday 9 May is worked.
    received = ("ask", "2026-04-30T10:00:00+08:00", "a")
    log = checker(
        tmp_path,
        {
            "in time": [received, ("answer", "2026-05-07T23:59:59+08:00", "b")],
            "late": [received, ("answer", "2026-05-08T00:00:00+08:00", "b")],
            "after hours": [
                ("ask", "2026-04-30T17:00:00+08:00", "a"),
                ("answer", "2026-05-08T23:59:59+08:00", "b"),
            ],
        },
    )

    within = log.within("ask", "answer", Limit.parse("2wd"), CN)

    assert (within.judged, within.breaches, within.provisional) == (3, ["late"], 0)
    # 30 April 10–17, then 6 and 7 May 9–17 each: 7 + 16 hours; the third has 24 without the first day.
    assert within.median_working_seconds == 23 * 3600


def test_a_calendar_without_a_notice_marks_the_deadline(tmp_path: Path) -> None:
    log = checker(
        tmp_path,
        {
            "1": [
                ("ask", "2028-05-03T10:00:00+08:00", ""),
                ("answer", "2028-05-04T10:00:00+08:00", ""),
            ]
        },
    )

    assert log.within("ask", "answer", Limit.parse("2wd"), CN).provisional == 1


def test_the_zone_decides_which_day_it_is(tmp_path: Path) -> None:
    cases = {"1": [("ask", "2026-03-02T10:00:00Z", ""), ("answer", "2026-03-03T23:30:00Z", "")]}
    log = checker(tmp_path, cases)
    limit = Limit.parse("1wd")

    breaches = {
        zone: log.within(
            "ask", "answer", limit, calendar_named("weekdays", zone_named(zone))
        ).breaches
        for zone in ("Europe/London", "Asia/Shanghai")
    }

    # 10:00 in London is 18:00 in Shanghai, after the cut-off, so day 0 there is the 3rd.
    assert breaches == {"Europe/London": [], "Asia/Shanghai": []}
    strict = Limit.parse("0wd")
    assert log.within(
        "ask", "answer", strict, calendar_named("weekdays", zone_named("Europe/London"))
    ).breaches == ["1"]


def test_running_hours_know_no_weekend(tmp_path: Path) -> None:
    log = checker(
        tmp_path,
        {
            "1": [
                ("ask", "2026-03-06T16:00:00+08:00", ""),
                ("answer", "2026-03-08T15:59:59+08:00", ""),
            ],
            "2": [
                ("ask", "2026-03-06T16:00:00+08:00", ""),
                ("answer", "2026-03-08T16:00:00+08:00", ""),
            ],
        },
    )

    within = log.within("ask", "answer", Limit.parse("48h"), CN)

    assert within.breaches == ["2"]
    assert within.median_working_seconds == 3600


def test_the_first_step_counts_to_the_first_end_after_it(tmp_path: Path) -> None:
    log = checker(
        tmp_path,
        {
            "again": [
                ("answer", "2026-03-02T09:00:00+08:00", ""), ("ask", "2026-03-02T10:00:00+08:00", ""),
                ("ask", "2026-03-02T11:00:00+08:00", ""), ("answer", "2026-03-02T12:00:00+08:00", ""),
                ("answer", "2026-03-09T12:00:00+08:00", ""),
            ],
            "open": [("answer", "2026-03-02T09:00:00+08:00", ""), ("ask", "2026-03-02T10:00:00+08:00", "")],
            "never asked": [("answer", "2026-03-02T09:00:00+08:00", "")],
        },
    )  # fmt: skip

    within = log.within("ask", "answer", Limit.parse("1wd"), CN)

    assert (within.judged, within.breaches, within.open) == (1, [], 1)
    assert within.median_working_seconds == 2 * 3600
    assert within.without_from == ["again", "never asked", "open"]


def test_at_the_same_instant_the_order_of_the_file_counts(tmp_path: Path) -> None:
    same = "2026-03-02T10:00:00+08:00"
    log = checker(
        tmp_path,
        {
            "a": [("ask", same, ""), ("answer", same, "")],
            "b": [("answer", same, ""), ("ask", same, "")],
        },
    )

    assert log.order("ask", "answer").violations == ["b"]
    assert log.within("ask", "answer", Limit.parse("1min"), CN).judged == 1


def test_four_eyes_finds_the_one_who_did_both(tmp_path: Path) -> None:
    def both(one: str, *others: str) -> list[Step]:
        start = [("enter", "2026-03-02T10:00:00+08:00", one)]
        return start + [("approve", "2026-03-02T11:00:00+08:00", other) for other in others]

    log = checker(
        tmp_path,
        {
            "two people": both("a", "b"),
            "one person": both("a", "a"),
            "one of two": both("a", "b", "a"),
            "nobody named": both("", ""),
            "one named": both("a", ""),
            "not approved": both("a"),
        },
    )

    eyes = log.four_eyes("enter", "approve")

    assert (eyes.violations, eyes.base, eyes.unknown) == (["one of two", "one person"], 5, 2)


def test_order_finds_what_was_done_before_its_review(tmp_path: Path) -> None:
    log = checker(
        tmp_path,
        {
            "right": [
                ("review", "2026-03-02T10:00:00+08:00", ""),
                ("pay", "2026-03-02T11:00:00+08:00", ""),
            ],
            "too early": [
                ("pay", "2026-03-02T09:00:00+08:00", ""),
                ("review", "2026-03-02T10:00:00+08:00", ""),
            ],
            "unreviewed": [("pay", "2026-03-02T09:00:00+08:00", "")],
            "unpaid": [("review", "2026-03-02T10:00:00+08:00", "")],
        },
    )

    order = log.order("review", "pay")

    assert (order.violations, order.base) == (["too early", "unreviewed"], 3)


@pytest.mark.parametrize("written", ["0wd", "2wd", "3d", "48h", "90wmin"])
def test_breaches_are_those_of_the_deadline_rule_itself(tmp_path: Path, written: str) -> None:
    draw = random.Random(written)
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    cases: dict[str, list[Step]] = {}
    for number in range(300):
        start = first + dt.timedelta(minutes=draw.randrange(300 * 1440))
        end = start + dt.timedelta(minutes=draw.randrange(1, 6 * 1440))
        cases[f"c{number:03}"] = [("ask", start.isoformat(), ""), ("answer", end.isoformat(), "")]
    limit = Limit.parse(written)

    within = checker(tmp_path, cases).within("ask", "answer", limit, CN)

    by_hand = [
        case
        for case, (ask, answer) in cases.items()
        if dt.datetime.fromisoformat(answer[1])
        >= deadline(CN, dt.datetime.fromisoformat(ask[1]), limit).due_at
    ]
    assert within.breaches == by_hand
    assert 0 < len(by_hand) < 300


def test_a_step_that_is_not_there_is_refused_with_those_near_it(tmp_path: Path) -> None:
    log = checker(tmp_path, {"1": [("first review", "2026-03-02T10:00:00+08:00", "")]})

    with pytest.raises(Refusal) as refused:
        log.four_eyes("first review", "first revew")

    assert refused.value.code == "log.unknown_step"
    assert "first review" in refused.value.text.en


@pytest.mark.parametrize(
    ("name", "zone", "code"),
    [("nowhere", "UTC", "log.unknown_calendar"), ("cn", "Mars/Base", "log.unknown_zone")],
)
def test_unknown_calendars_and_zones_are_refused(name: str, zone: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        calendar_named(name, zone_named(zone))

    assert refused.value.code == code


def test_a_calendar_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "2026.json"
    path.write_text(
        '{"year": 2026, "papers": ["x"], "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}',
        encoding="utf-8",
    )
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: [", encoding="utf-8")

    assert not calendar_named(str(path), CHINA).is_workday(dt.date(2026, 1, 1))
    with pytest.raises(Refusal):
        calendar_named(str(broken), CHINA)
