"""The course of a case: where it stands, the way it took, what was said and what is to come."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.process.small_bank import SmallBank, local
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.tasks import (
    claim_task,
    complete_task,
    release_hold,
    send_back,
    take_back,
)
from touchstone.process.course import Course, read_course
from touchstone.process.course.wording import span

pytestmark = pytest.mark.django_db(transaction=True)


def course(small: SmallBank, case: str) -> Course:
    return read_course(case, now=small.clock.now())


def stand(small: SmallBank, case: str) -> dict[str, str]:
    return dict(course(small, case).states)


def test_the_course_tells_done_here_and_to_come(small: SmallBank) -> None:
    case = small.begin()
    small.at("03-02", "11:00")
    small.complete(case, "prepare", "ann")

    found = course(small, case)

    assert found.states == {
        "start": "done", "prepare": "done", "check": "here", "file": "coming", "end": "coming",
    }  # fmt: skip
    assert found.flows == {"f0": 1, "f1": 1}
    assert {item.control.id: item.state for item in found.points} == dict.fromkeys(
        ["P90-KCP-1", "P90-KCP-2", "P90-KCP-3", "P90-KCP-4"], "coming"
    )


def test_each_step_knows_when_who_and_how_long_in_wall_and_working_time(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    small.at("03-03", "10:00")
    claim_task(small.by("bob"), small.task(case, "check"))
    small.at("03-04", "11:00")
    small.complete(case, "check", "bob", number="7")

    check = next(item for item in course(small, case).steps if item.element == "check")
    visit = check.visits[0]

    assert (visit.by, visit.taken_by, visit.how) == (("bob",), "bob", "completed")
    assert visit.opened_at < (visit.taken_at or 0) < (visit.closed_at or 0)
    assert check.lasted == dt.timedelta(days=2, hours=1, minutes=30)
    assert check.worked == dt.timedelta(hours=7, minutes=30) + dt.timedelta(hours=8 + 2)
    assert (check.rounds, check.sent_back, check.redone) == (1, 0, 0)


def test_sending_back_supersedes_what_came_after_and_counts(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    with pytest.raises(Refusal):
        small.complete(case, "check", "bob")
    send_back(small.by("bob"), small.task(case, "check"), "prepare", "附件不清楚")

    found = course(small, case)
    steps = {item.element: item for item in found.steps}

    assert found.states["prepare"] == "here"
    assert found.states["check"] == "coming"
    assert found.flows == {"f0": 1}
    assert (steps["prepare"].rounds, steps["prepare"].redone) == (2, 1)
    assert steps["check"].sent_back == 1
    assert [item.superseded for item in found.submissions] == [False, True]
    first = found.points[0]
    assert (first.state, first.refusals, first.executions[0].superseded) == ("coming", 1, True)
    assert "退回「prepare」：附件不清楚" in " ".join(entry.text.zh for entry in found.entries)


def test_taking_back_is_told_apart_from_sending_back(small: SmallBank) -> None:
    case = small.begin()
    task = small.task(case, "prepare")
    small.complete(case, "prepare", "ann")
    take_back(small.by("ann"), task)

    found = course(small, case)

    assert [item.is_taken_back for item in found.sent_back] == [True]
    assert [item.redone for item in found.steps if item.element == "prepare"] == [1]
    assert [item.sent_back for item in found.steps] == [0, 0, 0]


def test_control_points_are_refused_flagged_held_and_released(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    with pytest.raises(Refusal):
        small.complete(case, "check", "bob")
    refused = {item.control.id: item.state for item in course(small, case).points}
    small.complete(case, "check", "bob", number="hold")
    held = course(small, case)
    release_hold(small.by("sue"), small.task(case, "check"), accept=True, reason="已核实")
    released = course(small, case)

    assert refused["P90-KCP-1"] == "refused"
    assert held.states["check"] == "waiting"
    assert {item.control.id: item.state for item in held.points} == {
        "P90-KCP-1": "passed", "P90-KCP-2": "held", "P90-KCP-3": "passed", "P90-KCP-4": "coming",
    }  # fmt: skip
    assert released.points[1].state == "released"
    assert released.points[0].refusals == 1
    assert [point.clause for point in released.points] == ["APR-03", "APR-04", "APR-05", "APR-06"]


def test_a_flag_is_shown_and_does_not_stop(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    small.complete(case, "check", "bob", number="0")

    found = course(small, case)

    assert found.points[2].state == "flagged"
    assert found.states["file"] == "here"


def test_the_next_reviewer_reads_what_the_one_before_said(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    small.complete(case, "check", "bob", number="7", remark="家庭住址见附件")

    opinions = course(small, case).opinions

    assert [(item.element, item.by, item.decision.text.zh) for item in opinions if item.decision] == [
        ("check", ("bob",), "同意"), ("prepare", ("ann",), "同意"),
    ]  # fmt: skip
    fields = {item.name: item for item in opinions[0].fields}
    assert fields["number"].value == "7"
    assert (fields["remark"].value, fields["remark"].reference is not None) == (None, True)
    assert "住址" not in str(course(small, case).entries)


def test_evidence_is_listed_with_hash_time_and_person(small: SmallBank) -> None:
    case = small.begin()
    task = small.task(case, "prepare")
    note = hand_in(small.by("ann"), AtTask(task), "note.txt", b"note")
    complete_task(small.by("ann"), task, {"opinion": "approve"}, evidence={"note": note.sha256})

    (item,) = course(small, case).evidence

    assert (item.id, item.title.zh, item.sha256, item.by, item.element) == (
        "note", "说明", note.sha256, "ann", "prepare",
    )  # fmt: skip
    assert item.position > 1
    assert not item.replaced


def test_the_timeline_is_newest_first_and_each_entry_names_its_place(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")

    entries = course(small, case).entries

    places = [(entry.position, entry.index) for entry in entries]
    assert places == sorted(places, reverse=True)
    assert {entry.stream for entry in entries} == {f"case:{case}"}
    assert all(entry.text.zh and entry.text.en for entry in entries)
    assert not [entry for entry in entries if "{" in entry.text.zh + entry.text.en]


def test_a_case_that_ended_has_nothing_to_come(small: SmallBank) -> None:
    case = small.begin()
    small.complete(case, "prepare", "ann")
    small.complete(case, "check", "bob", number="7")
    small.complete(case, "file", "ann")

    assert set(stand(small, case).values()) == {"done"}


def test_the_course_as_of_an_earlier_instant_is_what_was_known_then(small: SmallBank) -> None:
    case = small.begin()
    small.at("03-03", "09:30")
    small.complete(case, "prepare", "ann")
    small.at("03-04", "09:30")
    small.complete(case, "check", "bob", number="7")

    then = read_course(case, now=small.clock.now(), until=local("03-03", "12:00"))

    assert then.states["check"] == "here"
    assert [clock.state for clock in then.clocks] == ["running"]
    assert course(small, case).clocks[0].state == "stopped"


def test_the_overlay_carries_state_time_and_clock(small: SmallBank) -> None:
    case = small.begin()
    small.at("03-02", "11:00")
    small.complete(case, "prepare", "ann")
    small.at("03-03", "12:00")

    overlay = course(small, case).overlay("zh", links={"check": "#check"})

    assert overlay.marks["prepare"].caption == "1时30分"
    assert overlay.marks["check"].caption == "1天1时"
    badge = overlay.marks["check"].clock
    assert badge is not None
    assert (badge.state, badge.text) == ("running", "1天12时")
    assert overlay.marks["check"].href == "#check"
    assert dict(overlay.taken) == {"f0": 1, "f1": 1}


@pytest.mark.parametrize(
    ("duration", "zh", "en"),
    [
        (dt.timedelta(), "0分", "0min"),
        (dt.timedelta(seconds=20), "不足1分", "<1min"),
        (dt.timedelta(minutes=61), "1时1分", "1h 1min"),
        (dt.timedelta(days=1, hours=2, minutes=59), "1天2时", "1d 2h"),
        (dt.timedelta(days=3, minutes=5), "3天", "3d"),
    ],
)
def test_a_duration_in_a_few_characters(duration: dt.timedelta, zh: str, en: str) -> None:
    assert (span(duration).zh, span(duration).en) == (zh, en)


def test_working_time_is_told_in_hours() -> None:
    assert span(dt.timedelta(hours=25, minutes=5), working=True).zh == "25时5分"
