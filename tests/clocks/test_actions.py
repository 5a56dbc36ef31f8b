"""The sweeper and a changed calendar, on the database: once each, by whoever comes first."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from tests.clocks.test_rules import LIMITS, clock
from tests.conftest import shared_folder
from tests.kernel.test_calendar_content import PACK
from touchstone.clocks import actions, queries
from touchstone.clocks.actions import import_calendar, recompute_for_calendar, sweep
from touchstone.clocks.definition import ClockDefinition
from touchstone.clocks.queries import calendar, clocks_of, open_clocks, overdue_count, rows_for
from touchstone.clocks.rules import Happening, Surroundings, react
from touchstone.journal.followers import FollowerRun
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.limits import Limit
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import VirtualClock, at_local, day_of
from touchstone.kernel.workdays import DayStatus
from touchstone.packs import catalogue
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    catalogue.forget()
    queries.forget()


@pytest.fixture
def clerk(clock: VirtualClock) -> ActContext:
    return ActContext("system:setup", clock, SeededChance(1))


def at(day: str, time: str = "10:00") -> dt.datetime:
    return at_local(dt.date.fromisoformat(day), dt.time.fromisoformat(time))


def later(context: ActContext, day: str, time: str = "10:00") -> ActContext:
    return replace(context, clock=VirtualClock(at(day, time)))


def imported(context: ActContext, year: int) -> actions.CalendarImport:
    name = f"cn-{year}.yaml"
    outcome = import_calendar(context, (PACK / name).read_bytes(), name)
    assert isinstance(outcome, actions.CalendarImport), outcome
    return outcome


def happens(
    context: ActContext, case: str, *happenings: Happening, of: ClockDefinition | None = None
) -> None:
    def work(unit: UnitOfWork) -> None:
        around = Surroundings(
            calendar("cn", on=day_of(unit.now)), lambda name: Limit.parse(LIMITS[name])
        )
        rows = rows_for(unit, case)
        facts = react([of or clock()], rows, happenings, now=unit.now_us, around=around)
        unit.record(f"case:{case}", *facts)

    perform("test.happen", context, work)


ENTERED = Happening("entered", "review")
COMPLETED = Happening("completed", "review")


def kinds(case: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload FROM journal_event WHERE stream = %s ORDER BY position",
            (f"case:{case}",),
        )
        payloads = [row[0] for row in cursor.fetchall()]
    return [
        part.split('"')[0] for payload in payloads for part in payload.split('"kind":"clocks.')[1:]
    ]


def no_differences() -> bool:
    differences = sum(table.differences for table in replay().values())
    return verify().first_broken is None and differences == 0


def test_the_calendar_is_what_was_imported(clerk: ActContext) -> None:
    outcome = imported(clerk, 2026)

    assert outcome.written
    assert len(outcome.changed) == 25
    assert dt.date(2026, 2, 14) in outcome.changed
    assert calendar("cn").is_workday(dt.date(2026, 2, 14))
    assert calendar("cn").status(dt.date(2026, 3, 2)) is DayStatus.OFFICIAL
    assert calendar("cn").status(dt.date(2028, 3, 2)) is DayStatus.PROVISIONAL
    assert no_differences()


def test_the_same_notice_twice_is_written_once(clerk: ActContext) -> None:
    imported(clerk, 2026)

    again = imported(clerk, 2026)

    assert not again.written
    assert again.changed == ()


def test_the_notice_as_published_changes_nothing_in_the_pack_s_year(clerk: ActContext) -> None:
    imported(clerk, 2026)
    path = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "calendars" / "2026.json"

    outcome = import_calendar(clerk, path.read_bytes(), path.name)

    assert isinstance(outcome, actions.CalendarImport)
    assert outcome.changed == ()


def test_a_provisional_year_never_replaces_an_official_one(clerk: ActContext) -> None:
    imported(clerk, 2026)
    text = (PACK / "cn-2026.yaml").read_bytes().replace(b"status: official", b"status: provisional")

    outcome = import_calendar(clerk, text, "cn-2026.yaml")

    assert isinstance(outcome, actions.CalendarImport)
    assert not outcome.written
    assert calendar("cn").status(dt.date(2026, 3, 2)) is DayStatus.OFFICIAL


def test_a_broken_calendar_writes_nothing(clerk: ActContext) -> None:
    problems = import_calendar(clerk, b"id: cn\n", "broken.yaml")

    assert isinstance(problems, tuple)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert queries.imported_years("cn") == ()


def test_nobody_without_the_post_imports_a_calendar(clerk: ActContext) -> None:
    with pytest.raises(Refusal, match=r"identity\.not_permitted"):
        import_calendar(replace(clerk, actor="zhang_san"), b"", "x.yaml")


def test_a_clock_can_say_why(clerk: ActContext) -> None:
    imported(clerk, 2026)
    happens(later(clerk, "2026-02-13"), "c1", ENTERED)

    (view,) = clocks_of("c1")

    assert view.due_at == at("2026-02-25", "00:00")
    assert view.derivation.in_language("zh").splitlines() == [
        "自 2026-02-13 10:00 起算",
        "收件日 2026-02-13 不计（第0日）",
        "2026-02-14 调休上班（春节调休上班），计 1 日",
        "2026-02-15 至 2026-02-23 不计：春节",
        "2026-02-24 计 1 日",
        "到期：2026-02-24 24:00（当日24时止）",
    ]
    assert not view.provisional
    assert (view.status, view.limit.en) == ("running", "2 working days")


def test_the_sweeper_records_warnings_and_the_breach_once(clerk: ActContext) -> None:
    imported(clerk, 2026)
    happens(later(clerk, "2026-03-02"), "c1", ENTERED)
    assert queries.next_instant() == at("2026-03-03", "13:30")

    assert sweep(later(clerk, "2026-03-03", "13:29")) == 0
    assert sweep(later(clerk, "2026-03-03", "13:30")) == 1
    assert overdue_count(at("2026-03-06")) == 1
    assert queries.unnoticed_count(at("2026-03-06")) == 1
    assert sweep(later(clerk, "2026-03-06")) == 1
    assert sweep(later(clerk, "2026-03-06")) == 0

    assert kinds("c1") == ["started", "warned", "breached"]
    assert queries.unnoticed_count(at("2026-03-06")) == 0
    assert [view.status for view in open_clocks("c1")] == ["breached"]
    assert queries.next_instant() is None
    assert no_differences()


def test_many_sweepers_record_a_breach_once(clerk: ActContext) -> None:
    cases = [f"c{number}" for number in range(12)]
    for case in cases:
        happens(later(clerk, "2026-03-02"), case, ENTERED)
    handled: list[int] = []

    def run(number: int) -> None:
        try:
            context = ActContext(
                "system:sweeper", VirtualClock(at("2026-03-09")), SeededChance(number)
            )
            handled.append(sweep(context))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(handled) == len(cases)
    assert [kinds(case) for case in cases] == [["started", "breached"]] * len(cases)


def test_a_clock_that_cannot_be_handled_keeps_no_other_waiting(
    clerk: ActContext, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(4):
        happens(later(clerk, "2026-03-02"), f"c{number}", ENTERED)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clocks_clock SET derivation = 'broken' WHERE case_id = 'c0'")

    with caplog.at_level(logging.CRITICAL):
        handled = sweep(later(clerk, "2026-03-09"), limit=3)

    assert handled == 3
    assert kinds("c0") == ["started"]
    assert kinds("c3") == ["started", "breached"]


def test_a_deadline_over_unannounced_days_is_computed_again_when_they_are(
    clerk: ActContext,
) -> None:
    imported(clerk, 2026)
    happens(later(clerk, "2026-12-31"), "c1", ENTERED)
    happens(later(clerk, "2026-12-01"), "c2", ENTERED)
    run = FollowerRun()
    run.deliver(later(clerk, "2026-12-31"))
    (before,) = clocks_of("c1")
    assert before.provisional
    assert before.due_at == at("2027-01-05", "00:00")

    notice = (
        "id: cn\nyear: 2027\nstatus: official\nsource: notice\ndays:\n"
        "  - {from: 2027-01-01, to: 2027-01-04, off: true, name: {zh: 元旦, en: New Year}}\n"
    )
    import_calendar(later(clerk, "2026-12-31", "11:00"), notice.encode(), "cn-2027.yaml")
    run.deliver(later(clerk, "2026-12-31", "11:00"))

    (after,) = clocks_of("c1")
    assert not after.provisional
    assert after.due_at == at("2027-01-07", "00:00")
    assert kinds("c1") == ["started", "recomputed"]
    assert kinds("c2") == ["started"]
    assert recompute_for_calendar(later(clerk, "2026-12-31"), "cn") == 0
    assert no_differences()


def test_a_clock_stopped_in_time_is_left_alone_by_the_sweeper(clerk: ActContext) -> None:
    happens(later(clerk, "2026-03-02"), "c1", ENTERED)
    happens(later(clerk, "2026-03-03"), "c1", COMPLETED)

    assert sweep(later(clerk, "2026-03-09")) == 0
    assert [view.status for view in clocks_of("c1")] == ["stopped"]
    assert open_clocks("c1") == ()


def test_the_packs_years_hold_until_a_notice_is_imported(clerk: ActContext, tmp_path: Path) -> None:
    shutil.copy(shipped_pack() / "pack.yaml", tmp_path)
    shutil.copytree(shipped_pack() / "calendars", tmp_path / "calendars")
    apply_pack(clerk, read(tmp_path))

    before = calendar("cn")
    assert not before.is_workday(dt.date(2026, 10, 1))
    assert before.status(dt.date(2027, 2, 9)) is DayStatus.PROVISIONAL
    assert before.hours.cut_off == dt.time(17)

    notice = (
        "id: cn\nyear: 2027\nstatus: official\nsource: notice\ndays:\n"
        "  - {on: 2027-02-09, work: true}\n"
    )
    outcome = import_calendar(clerk, notice.encode(), "cn-2027.yaml")

    assert isinstance(outcome, actions.CalendarImport)
    assert outcome.was is DayStatus.PROVISIONAL
    assert dt.date(2027, 2, 9) in outcome.changed
    assert calendar("cn").status(dt.date(2027, 2, 9)) is DayStatus.OFFICIAL
    assert not calendar("cn").is_workday(dt.date(2026, 10, 1))
