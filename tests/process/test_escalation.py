"""A breach is told to the superior, who says what he does about it; due dates follow their clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.at_once import at_once
from tests.process.small_bank import (
    SmallBank,
    column,
    facts,
    found_small_bank,
    holds,
    local,
    refused,
)
from tests.process.small_pack import (
    NUMBER_FORM,
    bpmn,
    parameter,
    procedure,
    review_files,
    step,
    user,
)
from touchstone.clocks.actions import import_calendar, sweep
from touchstone.identity.actions import name_deputy
from touchstone.journal.followers import FollowerRun
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.actions.matters import acknowledge_escalation, complete_handoff
from touchstone.process.actions.tasks import claim_task
from touchstone.process.queries import matters, worklist

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def breached(bank: SmallBank) -> str:
    """A case whose check is late."""
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    bank.at("03-09")
    sweep(bank.by("system:sweeper"))
    bank.machines()
    return case


def escalation(case: str) -> dict[str, object]:
    (found,) = facts(case, "process.escalated")
    return {name: found[name] for name in ("pool", "to", "why")}


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, review_files())


def test_a_breach_is_told_to_the_post_the_clock_names(bank: SmallBank) -> None:
    case = breached(bank)

    assert escalation(case) == {"pool": "supervisor@o1", "to": ["sue"], "why": "named_post"}
    (entry,) = matters("sue", ["supervisor@o1"])
    assert (entry.case, entry.kind, entry.subject, entry.clause) == (
        case,
        "escalation",
        "check/1",
        "APR-02",
    )
    assert holds()


def test_a_breach_delivered_twice_is_told_once(bank: SmallBank) -> None:
    case = breached(bank)

    again = FollowerRun()
    again._places = dict.fromkeys(bank.followers._places, (0, 0))
    again.deliver(bank.by("system:worker"))

    assert len(facts(case, "process.escalated")) == 1


@pytest.mark.parametrize(
    ("without", "pool", "to", "why"),
    [
        ({"sue"}, "outlet_head@o1", ["oli"], "post_vacant"),
        ({"sue", "oli"}, "quality_officer@head", ["qin"], "post_vacant"),
        ({"sue", "oli", "qin"}, "quality_officer@head", [], "nobody"),
    ],
)
def test_where_nobody_holds_the_post_the_record_says_who_was_told_instead(
    tmp_path: Path, without: set[str], pool: str, to: list[str], why: str
) -> None:
    bank = found_small_bank(tmp_path, review_files(), without=frozenset(without))

    assert escalation(breached(bank)) == {"pool": pool, "to": to, "why": why}
    assert holds()


def test_a_post_of_the_branch_is_found_above_the_outlet(tmp_path: Path) -> None:
    files = review_files()
    name = "procedures/review/procedure.yaml"
    files[name] = files[name].replace("escalate_to: supervisor", "escalate_to: branch_head")
    bank = found_small_bank(tmp_path, files)

    assert escalation(breached(bank))["pool"] == "branch_head@b1"


def test_nobody_is_told_of_his_own_lateness(tmp_path: Path) -> None:
    files = review_files()
    name = "procedures/review/procedure.yaml"
    files[name] = files[name].replace("escalate_to: supervisor", "escalate_to: approver")
    bank = found_small_bank(tmp_path, files)
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    claim_task(bank.by("bob"), bank.task(case, "check"))
    bank.at("03-09")
    sweep(bank.by("system:sweeper"))
    bank.machines()

    assert escalation(case)["to"] == ["cat"]
    assert matters("bob", ["approver@o1"]) == ()
    (entry,) = matters("cat", ["approver@o1"])
    with refused("process.own_matter"):
        acknowledge_escalation(bank.by("bob"), entry.matter, "我会尽快办理")
    assert facts(case, "process.act_refused")[-1]["code"] == "process.own_matter"
    assert holds()


def test_the_superior_says_what_he_does_about_it(bank: SmallBank) -> None:
    case = breached(bank)
    (entry,) = matters("sue", ["supervisor@o1"])

    acknowledge_escalation(bank.by("sue"), entry.matter, "已增派人手，今日办结")

    assert matters("sue", ["supervisor@o1"]) == ()
    (found,) = facts(case, "process.escalation_acknowledged")
    assert (found["by"], found["note"]) == (["sue"], "已增派人手，今日办结")
    assert column("closed_by", "process_matter", case) == ["sue"]
    with refused("process.matter_closed"):
        acknowledge_escalation(bank.by("sue"), entry.matter, "再次确认")
    assert holds()


def test_of_two_who_acknowledge_at_once_one_does(bank: SmallBank) -> None:
    case = breached(bank)
    (entry,) = matters("sue", ["supervisor@o1"])

    raised = at_once(
        [
            lambda text=text: acknowledge_escalation(bank.by("sue"), entry.matter, text)
            for text in ("已增派人手", "已改派他人")
        ]
    )

    codes = [error.code for error in raised if isinstance(error, Refusal)]
    assert codes == ["process.matter_closed"]
    assert len(facts(case, "process.escalation_acknowledged")) == 1
    assert holds()


def test_a_deputy_acknowledges_for_the_superior(bank: SmallBank) -> None:
    case = breached(bank)
    (entry,) = matters("sue", ["supervisor@o1"])
    day = day_of(bank.clock.now())
    name_deputy(bank.context, "sue", "oli", day, day)

    acknowledge_escalation(bank.by("oli"), entry.matter, "代为处理")

    assert facts(case, "process.escalation_acknowledged")[0]["by"] == ["oli", "sue"]


@pytest.mark.parametrize(
    ("person", "text", "code"),
    [
        ("sue", " ", "process.reason_needed"),
        ("ann", "知道了", "process.not_permitted"),
        ("nobody", "知道了", "process.not_permitted"),
    ],
)
def test_without_a_measure_or_the_post_the_matter_stays_open(
    bank: SmallBank, person: str, text: str, code: str
) -> None:
    breached(bank)
    (entry,) = matters("sue", ["supervisor@o1"])

    with refused(code):
        acknowledge_escalation(bank.by(person), entry.matter, text)

    assert len(matters("sue", ["supervisor@o1"])) == 1


def test_an_escalation_is_not_closed_as_something_else(bank: SmallBank) -> None:
    breached(bank)
    (entry,) = matters("sue", ["supervisor@o1"])

    with refused("process.no_such_matter"):
        complete_handoff(bank.by("sue"), entry.matter, "已完成")
    with refused("process.no_such_matter"):
        acknowledge_escalation(bank.by("sue"), "x.m1_0' OR 1=1", "已完成")


def test_a_task_s_due_date_follows_an_imported_calendar(bank: SmallBank) -> None:
    first, second = bank.begin(), bank.begin()
    bank.complete(first, "prepare", "ann")
    bank.at("03-03")
    bank.complete(second, "prepare", "ann")
    notice = (
        "id: cn\nyear: 2026\nstatus: official\nsource: notice\ndays:\n"
        "  - {on: 2026-03-04, off: true, name: {zh: 放假, en: Day off}}\n"
    )

    import_calendar(bank.context, notice.encode(), "cn-2026.yaml")
    bank.machines()

    due = {entry.case: entry.due_at for entry in worklist("bob", ["approver@o1"])}
    assert due == {
        first: to_microseconds(local("03-06", "00:00")),
        second: to_microseconds(local("03-07", "00:00")),
    }
    (changed,) = facts(first, "process.task_due_changed")
    assert changed["was_due_at"] == to_microseconds(local("03-05", "00:00"))
    assert holds()


def test_warnings_come_at_the_shares_the_standard_names(tmp_path: Path) -> None:
    files = {
        **review_files(),
        "parameters/clocks/first_warning_share.yaml": parameter("percent", "25"),
        "parameters/clocks/second_warning_share.yaml": parameter("percent", "75"),
    }
    bank = found_small_bank(tmp_path, files)
    case = bank.begin()
    bank.complete(case, "prepare", "ann")

    (started,) = facts(case, "clocks.started")
    assert started["shares"] == [25, 75]


WAITING = """  await:
    title: {zh: 等待补正, en: Waiting}
messages:
  papers: {carries: [number], form: papers, delivered_by: {posts: [clerk], systems: ["system:scanner"]}}
clocks:
  - id: whole
    title: {zh: 全程, en: Whole}
    clause: APR-02
    limit: review.limit
    starts: {case: started}
    stops: {case: ended}
    pauses: [{while: await, reason: customer_supplement}]
"""


def test_a_task_after_a_pause_is_due_when_the_clock_says(tmp_path: Path) -> None:
    files = review_files()
    steps = step("prepare", "clerk") + step("check", "approver") + WAITING
    receive = '<bpmn:receiveTask id="await" name="await" messageRef="m"/>'
    message = '<bpmn:message id="m" name="papers"/>'
    files["procedures/review/procedure.yaml"] = procedure("P90", "review", steps)
    files["procedures/review/forms/papers.schema.json"] = NUMBER_FORM
    files["procedures/review/review.bpmn"] = bpmn(
        "review", user("prepare"), receive, user("check"), extra=message
    )
    bank = found_small_bank(tmp_path, files)
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    bank.at("03-09")

    for stranger in ("bob", "system:setup", f"customer:{case}"):
        with refused("process.not_permitted"):
            deliver_message(bank.by(stranger), case, "papers", {})
    with refused("process.values_not_taken"):
        deliver_message(bank.by("ann"), case, "papers", {"opinion": "approve"})
    with refused("process.not_permitted"):
        deliver_message(bank.by("ann"), case, "other", {})
    deliver_message(bank.by("system:scanner"), case, "papers", {"number": "7"})

    (resumed,) = facts(case, "clocks.resumed")
    assert resumed["due_at"] > to_microseconds(local("03-05", "00:00"))
    assert column("due_at", "process_task", case)[-1] == resumed["due_at"]
    bank.machines()
    assert facts(case, "process.task_due_changed") == []
    assert holds()
