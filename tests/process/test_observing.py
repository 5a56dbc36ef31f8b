"""A foreign log becomes cases with the clocks and control points of a procedure, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.process.small_bank import facts, holds, refused
from touchstone.cli import log as log_command
from touchstone.clocks.actions import sweep
from touchstone.identity.actions import open_unit
from touchstone.journal.checkpoint import covering_checkpoint
from touchstone.journal.followers import FollowerRun
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock
from touchstone.measures.actions import measure_now
from touchstone.measures.keeping import HistoryKeeper
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack
from touchstone.process.actions.observing import observed_id
from touchstone.process.course import read_course

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

COLUMNS = "{case: nr, activity: what, timestamp: at, resource: who, zone: Asia/Shanghai}"
MAPPING = """
source: core
begins: received
unit: {column: "event:place", words: {"021": o1}}
activities:
  received:
    enters: confirm_elements
    values: {amount: "event:amount", channel: {is: counter}}
  confirmed:
    completes: confirm_elements
    enters: review
    values:
      factors: "event:factors"
      amount_confirmed: {is: true}
      payee_verified: {is: true}
      purpose_true: {is: true}
  reviewed: {completes: review, enters: execute, values: {opinion: {column: "event:opinion", words: {ok: approve}}}}
  told: {completes: [execute, feedback], delivers: feedback}
  closed: {ends: end_executed}
ignore: [printed]
"""
LATE, ONE_FACTOR, SILENT, OPEN = 7, 12, 15, 19
Run = Callable[..., dict[str, Any]]


def log_of(cases: int = 20) -> str:
    """Transfers that begin at nine on Monday 2 March 2026, a minute apart."""
    lines = ["nr,what,at,who,place,amount,factors,opinion"]
    for number in range(cases):
        begun = dt.datetime(2026, 3, 2, 9, number)
        told = dt.datetime(2026, 3, 6, 10) if number == LATE else begun + dt.timedelta(hours=3)
        factors = {ONE_FACTOR: "1", SILENT: ""}.get(number, "2")
        lines.append(f"T{number},received,{begun},zhang,021,60000,,")
        if number == OPEN:
            continue
        lines += [
            f"T{number},confirmed,{begun + dt.timedelta(hours=1)},zhang,021,,{factors},",
            f"T{number},reviewed,{begun + dt.timedelta(hours=2)},li,021,,,ok",
            f"T{number},told,{told},,021,,,",
            f"T{number},closed,{told},,021,,,",
        ]
    return "\n".join([*lines, "T0,printed,2026-03-02 09:00,,021,,,"]) + "\n"


@pytest.fixture
def run(
    context: ActContext,
    tmp_path: Path,
    settings: Any,
    nothing_cached: None,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """``touchstone log`` over the shipped standard at one outlet; its one object."""
    settings.DATA = tmp_path
    setup = replace(context, actor="system:setup")
    apply_pack(setup, read(shipped_pack()))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
    open_unit(setup, "o1", Text("一支行", "Outlet one"), "outlet", "b1")
    (tmp_path / "columns.yaml").write_text(COLUMNS)

    def run(mapping: str = MAPPING, log: str | None = None) -> dict[str, Any]:
        (tmp_path / "core.csv").write_text(log or log_of())
        (tmp_path / "mapping.yaml").write_text(mapping)
        command(tmp_path, "import", "core.csv", "--mapping", "columns.yaml")
        capsys.readouterr()
        words = ("observe", "core", "--procedure", "large_transfer", "--mapping", "mapping.yaml")
        command(tmp_path, *words)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def command(folder: Path, *words: str) -> None:
    parser = ArgumentParser()
    log_command.register(parser.add_subparsers(required=True))
    named = [str(folder / word) if "." in word else word for word in words]
    args = parser.parse_args(["log", *named, "--json"])
    assert args.run(args) == 0


def case(number: int) -> str:
    return observed_id("core", "large_transfer", f"T{number}")


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def events() -> int:
    return int(rows("SELECT count(*) FROM journal_event WHERE stream LIKE 'case:%'")[0][0])


def results(control: str) -> Counter[tuple[str, str]]:
    """(case, result) of every execution of a control point."""
    return Counter(
        (str(number), fact["result"])
        for number in range(20)
        for fact in facts(case(number), "process.control_executed")
        if fact["control"] == control
    )


def test_exactly_the_planted_breach_and_control_are_found(run: Run) -> None:
    found = run()

    assert (found["cases"], found["begun"], found["events"]) == (20, 20, 96)
    late = [number for number in range(20) if facts(case(number), "clocks.breached")]
    assert late == [LATE]
    assert found["breaches"] == 1
    factors = results("P04-KCP-1B")
    assert [name for name, result in factors if result == "not_met"] == [str(ONE_FACTOR)]
    assert [name for name, result in factors if result == "not_judged"] == [str(SILENT)]
    assert found["controls"]["not_met"] == 1
    assert {result for _, result in results("P04-KCP-4")} == {"met"}
    # The log shows no scoring, so whether it came first is not judged.
    assert {result for _, result in results("P04-KCP-3")} == {"not_judged"}
    modes = {fact["mode"] for fact in facts(case(ONE_FACTOR), "process.control_executed")}
    assert modes == {"flag"}


def test_a_breach_is_dated_by_its_deadline_and_told_to_nobody(
    run: Run, context: ActContext
) -> None:
    run()
    sweep(context)
    FollowerRun().deliver(context)

    (breach,) = facts(case(LATE), "clocks.breached")
    (act,) = [
        row
        for row in stream_rows(f"case:{case(LATE)}")
        if any(fact.kind == "clocks.breached" for fact in row.recorded())
    ]
    assert act.occurred_at == breach["due_at"] == breach["at"]
    # Entered for review on Monday, 10:07: by the end of the next working day.
    assert dt.datetime.fromtimestamp(breach["due_at"] / 1e6, dt.UTC).date() == dt.date(2026, 3, 3)
    for kind in ("process.escalated", "process.letter_due", "clocks.warned"):
        assert not any(facts(case(number), kind) for number in range(20)), kind
    assert rows("SELECT count(*) FROM process_task")[0][0] == 0
    assert rows("SELECT count(*) FROM process_matter")[0][0] == 0
    assert holds()


def test_a_case_is_dated_by_its_events_and_says_where_it_comes_from(run: Run) -> None:
    run()

    ((source, unit, state, outcome, began),) = rows(
        f"SELECT source, unit, state, outcome, started_at FROM process_case WHERE id = '{case(3)}'"
    )
    assert (source, unit, state, outcome) == ("core", "o1", "ended", "end_executed")
    monday = dt.datetime(2026, 3, 2, 1, 3, tzinfo=dt.UTC)
    assert began == int(monday.timestamp() * 1e6)
    ((state,),) = rows(f"SELECT state FROM process_case WHERE id = '{case(OPEN)}'")
    assert state == "open"


def test_the_same_log_again_adds_nothing_and_a_longer_one_what_is_new(run: Run) -> None:
    run()
    before = events()

    again = run()

    assert (again["begun"], again["events"], again["breaches"]) == (0, 0, 0)
    assert events() == before
    longer = run(log=log_of() + f"T{OPEN},confirmed,2026-03-09 10:00,zhang,021,,2,\n")
    assert (longer["begun"], longer["events"]) == (0, 1)
    assert holds()


def test_a_deadline_is_judged_up_to_the_end_of_the_log(run: Run) -> None:
    on_friday = log_of() + f"T{OPEN},confirmed,2026-03-05 10:00,zhang,021,,2,\n"

    run(log=on_friday)
    assert facts(case(OPEN), "clocks.breached") == []  # the log ends on Friday at ten
    later = run(log=on_friday + "T0x,received,2026-03-10 10:00,zhang,021,60000,,\n")

    assert (later["events"], later["breaches"]) == (1, 1)
    (breach,) = facts(case(OPEN), "clocks.breached")
    assert dt.datetime.fromtimestamp(breach["due_at"] / 1e6, dt.UTC).date() == dt.date(2026, 3, 6)


def test_an_indicator_counts_observed_cases_as_any_other(run: Run, context: ActContext) -> None:
    run()

    worker = replace(context, actor="system:worker", clock=SystemClock())
    measure_now(worker, dt.date(2026, 3, 31), with_records=False)

    (k16,) = rows(
        "SELECT numerator, denominator FROM measures_measurement WHERE indicator = 'K16'"
        " AND scope = 'institution'"
    )
    assert k16 == (18, 19)


def test_what_the_log_does_not_show_counts_for_nothing(run: Run, context: ActContext) -> None:
    run()

    history = HistoryKeeper().at(covering_checkpoint(context.clock).number, 0)

    found = Counter(item.result for known in history.cases for item in known.executions)
    assert set(found) == {"met", "not_met"}
    assert found["not_met"] == 1
    course = read_course(case(SILENT), now=SystemClock().now())
    point = next(item for item in course.points if item.control.id == "P04-KCP-1B")
    assert (point.state, point.refusals) == ("not_met_with", 0)
    told = [entry.text.en for entry in course.entries if "Two kinds of factor" in entry.text.en]
    assert len(told) == 1
    assert "was not judged" in told[0]


def test_the_course_of_an_observed_case_reads_as_any_other(run: Run) -> None:
    run()

    course = read_course(case(ONE_FACTOR), now=SystemClock().now())

    assert course.case["source"] == "core"
    assert [item.element for item in course.submissions] == ["", "confirm_elements", "review"]
    assert course.submissions[-1].by == ("core:li",)
    assert "core:li办结「复核」" in [entry.text.zh for entry in course.entries]
    point = next(item for item in course.points if item.control.id == "P04-KCP-1B")
    assert [item.result for item in point.executions] == ["not_met"]
    assert {clock.clock: clock.state for clock in course.clocks} == {"feedback": "stopped"}


def test_one_person_who_does_both_is_found_and_an_unnamed_one_is_not_judged(run: Run) -> None:
    log = log_of().replace(
        "T4,reviewed,2026-03-02 11:04:00,li", "T4,reviewed,2026-03-02 11:04:00,zhang"
    )
    run(log=log.replace("T5,reviewed,2026-03-02 11:05:00,li", "T5,reviewed,2026-03-02 11:05:00,"))

    eyes = results("P04-KCP-4")

    assert [name for name, result in eyes if result == "not_met"] == ["4"]
    assert [name for name, result in eyes if result == "not_judged"] == ["5"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("completes: review,", "completes: revue,", "observing.unknown_step"),
        ("ends: end_executed", "ends: end_nowhere", "observing.unknown_end"),
        ('"event:amount"', '"event:sum"', "observing.unknown_column"),
        ('{"021": o1}', '{"021": o9}', "observing.unknown_unit"),
        ('{"021": o1}', '{"020": o1}', "observing.unknown_unit"),
        ("amount_confirmed:", "amount_believed:", "observing.unknown_value"),
        ("amount_confirmed: {is: true}", "opinion_text: {is: fine}", "observing.sealed_value"),
        ("words: {ok: approve}", "words: {ok: perhaps}", "observing.bad_value"),
        ("begins: received", "begins: confirmed", "observing.before_begin"),
        ("ignore: [printed]", "ignore: []", "observing.unmapped_activity"),
        ("source: core", "origin: core", "observing.bad_mapping"),
        ("ignore: [printed]", "persons: {zhang: nobody}\nignore: [printed]", "observing.unknown_person"),
        ("source: core", "source: [", "observing.mapping_unreadable"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_changes_nothing(
    run: Run, old: str, new: str, code: str
) -> None:
    assert old in MAPPING

    with refused(code) as answer:
        run(MAPPING.replace(old, new, 1))

    assert answer.value.remedy is not None
    assert events() == 0


def test_an_event_that_turns_up_late_is_refused(run: Run) -> None:
    run()
    before = events()

    with refused("observing.late_event"):
        run(log=log_of() + "T3,reviewed,2026-03-02 09:30,li,021,,,ok\n")

    assert events() == before


def test_events_of_tomorrow_and_after_the_end_are_refused(run: Run) -> None:
    with refused("observing.in_future"):
        run(log=log_of() + f"T{OPEN},confirmed,2999-03-02 11:30,li,021,,2,\n")
    with refused("observing.after_end"):
        run(log=log_of() + "T3,told,2026-03-06 11:30,li,021,,,\n")
    assert events() == 0
