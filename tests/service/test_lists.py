"""Everybody gets what runs out for him today, once, on working days; heads get the week."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, holds
from touchstone.clocks.actions import sweep
from touchstone.identity.actions import name_deputy
from touchstone.identity.queries import directory
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.tasks import claim_task
from touchstone.service.actions.listing import queue_lists
from touchstone.service.lists import MorningList, morning_list, weekly_list
from touchstone.service.queries import print_list, recent_messages

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def begin(bank: SmallBank) -> str:
    return start_case(bank.by("ann"), "notice", unit="o1", values={"opinion": "approve"})


def list_of(person: str, day: str) -> MorningList:
    return morning_list(directory(), person, dt.date.fromisoformat(f"2026-{day}"))


def queued(bank: SmallBank) -> int:
    return queue_lists(replace(bank.context, actor="system:worker"))


def readers(letter: str) -> list[str]:
    return sorted(item.recipient for item in recent_messages() if item.letter == letter)


def test_a_task_is_on_the_list_on_the_day_it_runs_out_and_after(bank: SmallBank) -> None:
    case = begin(bank)

    assert list_of("ann", "03-03").may_take == ()
    found = list_of("ann", "03-04").may_take
    assert [(line.case, line.what.zh) for line in found] == [(case, "decide")]
    assert len(list_of("ann", "03-05").may_take) == 1
    assert list_of("bob", "03-04").total == 0


def test_what_is_taken_is_only_on_the_list_of_who_took_it(bank: SmallBank) -> None:
    case = begin(bank)
    claim_task(bank.by("ann"), bank.task(case, "decide"))

    found = list_of("ann", "03-04")
    assert (len(found.taken), len(found.may_take)) == (1, 0)


def test_time_limits_and_escalations_are_on_the_list_of_the_superior(bank: SmallBank) -> None:
    begin(bank)
    assert [line.what.en for line in list_of("sue", "03-04").clocks] == ["Time to decide"]
    assert list_of("sue", "03-03").clocks == ()

    bank.at("03-05")
    sweep(bank.by("system:sweeper"))
    bank.machines()

    found = list_of("sue", "03-05")
    assert ([line.what.en for line in found.matters], found.clocks) == (["escalation"], ())


def test_a_deputy_sees_the_list_of_whom_he_stands_in_for(bank: SmallBank) -> None:
    begin(bank)
    day = dt.date(2026, 3, 4)
    assert list_of("oli", "03-04").total == 0
    name_deputy(bank.by("system:setup"), "ann", "oli", day, day)

    assert len(list_of("oli", "03-04").may_take) == 1


def test_the_week_counts_what_was_passed_what_still_is_and_who_has_not_answered(
    bank: SmallBank,
) -> None:
    case = begin(bank)
    bank.at("03-05")
    sweep(bank.by("system:sweeper"))
    bank.machines()

    found = weekly_list(directory(), "b1", dt.date(2026, 3, 9))
    assert [line.case for line in found.breaches] == [case]
    assert (len(found.overdue), len(found.escalations), found.total) == (1, 1, 3)
    assert weekly_list(directory(), "b1", dt.date(2026, 3, 16)).breaches == ()


def test_lists_are_queued_once_a_working_day_after_eight(bank: SmallBank) -> None:
    begin(bank)
    bank.at("03-04", "07:59")
    assert queued(bank) == 0
    bank.at("03-04", "08:00")

    assert queued(bank) == 2
    assert queued(bank) == 0
    assert readers("morning") == ["person:ann", "person:sue"]
    assert readers("weekly") == []
    assert len(print_list([], lists=True)) == 2
    assert print_list(["o1"]) == ()
    assert holds()


def test_a_run_that_broke_off_is_finished_without_a_second_copy(bank: SmallBank) -> None:
    begin(bank)
    bank.at("03-04", "08:00")
    queued(bank)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_event WHERE stream = 'lists:2026-03-04'")

    assert queued(bank) == 0
    assert readers("morning") == ["person:ann", "person:sue"]


def test_nothing_comes_on_a_day_off_and_the_week_on_its_first_working_day(bank: SmallBank) -> None:
    begin(bank)
    bank.at("03-07", "09:00")
    assert queued(bank) == 0
    bank.at("03-09", "09:00")
    queued(bank)

    assert readers("weekly") == ["person:hal", "person:oli"]
    bank.at("03-10", "09:00")
    queued(bank)
    assert readers("weekly") == ["person:hal", "person:oli"]
