"""What was done on paper is entered later by a second person, marked, and judged by its real time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tests.process.small_bank import (
    SmallBank,
    column,
    facts,
    found_small_bank,
    holds,
    local,
    refused,
)
from tests.process.small_pack import parameter, review_files
from touchstone.clocks.actions import sweep
from touchstone.clocks.queries import clocks_of
from touchstone.identity.actions import grant_post
from touchstone.journal.reading import stream_rows
from touchstone.kernel.time import to_microseconds
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.tasks import claim_task, complete_task
from touchstone.process.later import LaterEntry

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"opinion": "approve"}
WHY = "系统停机,先以纸质办理"


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    limit = {"parameters/controls/paper_entry_limit.yaml": parameter("limit", "1wd")}
    return found_small_bank(tmp_path, {**review_files(), **limit})


def waiting(bank: SmallBank) -> str:
    """A check that is due at the end of Wednesday."""
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    return bank.task(case, "check")


def on_paper(day: str, time: str, person: str = "bob", reason: str = WHY) -> LaterEntry:
    return LaterEntry(person, local(day, time), reason)


def test_a_step_done_on_paper_stops_its_clock_when_it_was_done(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    bank.at("03-05", "09:00")

    complete_task(bank.by("oli"), task, YES, later=on_paper("03-04", "16:00"))

    (mark,) = facts(case, "process.entered_later")
    assert (mark["performed_by"], mark["reason"], mark["clause"]) == ("bob", WHY, "APR-09")
    row = list(stream_rows(f"case:{case}"))[-1]
    assert (row.actor, row.on_behalf_of) == ("oli", "bob")
    assert row.occurred_at == to_microseconds(local("03-04", "16:00"))
    assert row.recorded_at == to_microseconds(local("03-05", "09:00"))
    assert facts(case, "clocks.stopped")[0]["in_time"] is True
    assert facts(case, "clocks.breached") == []
    assert column("done_by", "process_task", case) == ["ann", "bob"]
    assert holds()


def test_a_breach_that_the_paper_refutes_stays_in_the_journal_but_not_on_the_clock(
    bank: SmallBank,
) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    bank.at("03-05", "09:00")
    sweep(bank.by("system:sweeper"))

    complete_task(bank.by("oli"), task, YES, later=on_paper("03-04", "16:00"))

    assert len(facts(case, "clocks.breached")) == 1
    (stopped,) = facts(case, "clocks.stopped")
    assert (stopped["in_time"], stopped["at"]) == (True, to_microseconds(local("03-04", "16:00")))
    assert [clock.status for clock in clocks_of(case)] == ["stopped"]
    assert holds()


def test_what_was_late_on_paper_is_late(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    bank.at("03-05", "15:00")

    complete_task(bank.by("oli"), task, YES, later=on_paper("03-05", "09:00"))

    assert len(facts(case, "clocks.breached")) == 1
    assert facts(case, "clocks.stopped")[0]["in_time"] is False
    assert [clock.status for clock in clocks_of(case)] == ["breached"]


def test_a_case_taken_up_on_paper_begins_when_it_was(bank: SmallBank) -> None:
    bank.at("03-03", "09:00")

    case = start_case(
        bank.by("oli"),
        "review",
        unit="o1",
        values=YES,
        later=LaterEntry("ann", local("03-02", "15:00"), WHY),
    )
    prepared = LaterEntry("ann", local("03-02", "15:30"), WHY)
    complete_task(bank.by("oli"), bank.task(case, "prepare"), YES, later=prepared)

    assert facts(case, "clocks.started")[0]["started_at"] == to_microseconds(
        local("03-02", "15:30")
    )
    grant_post(bank.context, "ann", "approver", "o1", from_day=dt.date(2026, 3, 2))
    with refused("process.same_person"):
        same = LaterEntry("ann", local("03-02", "16:00"), WHY)
        complete_task(bank.by("oli"), bank.task(case, "check"), YES, later=same)
    assert holds()


@pytest.mark.parametrize(
    ("recorder", "later", "code"),
    [
        ("oli", on_paper("03-03", "16:00", reason="补"), "process.reason_needed"),
        ("oli", on_paper("03-03", "16:00", "qin"), "process.not_permitted"),
        ("oli", on_paper("03-03", "16:00", "nobody"), "process.not_permitted"),
        ("oli", on_paper("03-05", "09:01"), "process.impossible_time"),
        ("oli", on_paper("03-02", "09:00"), "process.impossible_time"),
        ("oli", on_paper("03-03", "16:00"), "process.entered_too_late"),
        ("ann", on_paper("03-04", "16:00"), "identity.not_permitted"),
        ("bob", on_paper("03-04", "16:00"), "process.own_later_entry"),
    ],
)
def test_a_later_entry_that_is_not_in_order_leaves_no_event(
    bank: SmallBank, recorder: str, later: LaterEntry, code: str
) -> None:
    task = waiting(bank)
    stream = f"case:{task.partition('.')[0]}"
    before = len(list(stream_rows(stream)))
    bank.at("03-05", "09:00")

    with refused(code):
        complete_task(bank.by(recorder), task, YES, later=later)

    assert len(list(stream_rows(stream))) == before


def test_nobody_acts_in_the_past_without_saying_so(bank: SmallBank) -> None:
    task = waiting(bank)
    yesterday = replace(bank.by("bob"), occurred_at=bank.clock.now() - dt.timedelta(days=1))

    with refused("process.not_a_later_entry"):
        complete_task(yesterday, task, YES)
    with refused("process.not_a_later_entry"):
        claim_task(yesterday, task)
    with refused("process.not_a_later_entry"):
        start_case(replace(yesterday, actor="ann"), "review", unit="o1", values=YES)


def test_without_a_limit_in_the_standard_there_is_no_later_entry(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, review_files())
    task = waiting(bank)
    bank.at("03-02", "15:00")

    with refused("process.no_later_entry"):
        complete_task(bank.by("oli"), task, YES, later=on_paper("03-02", "14:00"))
