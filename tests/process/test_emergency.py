"""Break-glass: with a reason, for a while, on record, reviewed; never above separation of duties."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, facts, found_small_bank, holds, local, refused
from tests.process.small_pack import SEPARATION, parameter, procedure, review_files, step
from touchstone.identity.actions import name_deputy
from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.process.actions.emergency import break_glass
from touchstone.process.actions.matters import review_emergency
from touchstone.process.actions.tasks import (
    add_signer,
    claim_task,
    complete_task,
    delegate_task,
    release_task,
)
from touchstone.process.queries import matters, worklist

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"opinion": "approve"}
WHY = "审核人员均无法到岗，客户急需"
CONTROLS = """controls:
  - id: K1
    title: {zh: 有编号, en: Has a number}
    clause: APR-04
    kind: condition
    at: {step: check}
    mode: block
    condition: values.number != null
  - id: K2
    title: {zh: 双人, en: Two people}
    clause: APR-04
    kind: four_eyes
    at: {step: check}
    mode: block
    distinct_from: [prepare]
"""


def files() -> dict[str, str]:
    """The review with two blocking controls, and the limits for emergencies."""
    steps = step("prepare", "clerk") + step("check", "approver")
    return {
        **review_files(),
        "procedures/review/procedure.yaml": procedure(
            "P90", "review", steps, CONTROLS + SEPARATION
        ),
        "parameters/controls/break_glass_validity.yaml": parameter("limit", "4h"),
        "parameters/controls/break_glass_review_limit.yaml": parameter("limit", "1wd"),
    }


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, files())


def waiting(bank: SmallBank, preparer: str = "ann") -> str:
    """A check that waits for an approver."""
    case = bank.begin()
    bank.complete(case, "prepare", preparer)
    return bank.task(case, "check")


def test_a_named_senior_does_what_his_post_does_not_permit(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    with refused("process.not_permitted"):
        complete_task(bank.by("oli"), task, {**YES, "number": "1"})

    break_glass(bank.by("oli"), task, WHY)
    complete_task(bank.by("oli"), task, {**YES, "number": "1"})

    (broken,) = facts(case, "process.glass_broken")
    assert (broken["by"], broken["reason"], broken["clause"]) == ("oli", WHY, "APR-09")
    assert broken["until"] == to_microseconds(local("03-02", "13:30"))
    assert len(facts(case, "process.case_ended")) == 1
    assert holds()


def test_the_security_auditor_reviews_every_emergency(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    break_glass(bank.by("oli"), task, WHY)
    (entry,) = matters("aud", ["security_auditor@head"])
    assert (entry.kind, entry.subject) == ("review", task)
    assert entry.due_at == to_microseconds(local("03-04", "00:00"))

    with refused("process.not_permitted"):
        review_emergency(bank.by("oli"), entry.matter, "合理", justified=True)
    review_emergency(bank.by("aud"), entry.matter, "另有审核人员在岗", justified=False)

    assert facts(case, "process.emergency_reviewed")[0]["outcome"] == "unjustified"
    assert matters("aud", ["security_auditor@head"]) == ()
    assert holds()


@pytest.mark.parametrize(
    ("person", "reason", "code"),
    [
        ("oli", " 急 ", "process.reason_needed"),
        ("sue", WHY, "identity.not_permitted"),
        ("bob", WHY, "identity.not_permitted"),
        ("system:setup", WHY, "identity.not_permitted"),
        ("nobody", WHY, "identity.not_permitted"),
    ],
)
def test_without_a_reason_or_the_post_the_glass_stays_whole(
    bank: SmallBank, person: str, reason: str, code: str
) -> None:
    task = waiting(bank)

    with refused(code):
        break_glass(bank.by(person), task, reason)

    assert facts(task.partition(".")[0], "process.glass_broken") == []


def test_separation_of_duties_holds_in_an_emergency(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files())
    case = bank.begin()
    first = bank.task(case, "prepare")
    break_glass(bank.by("oli"), first, WHY)
    complete_task(bank.by("oli"), first, YES)

    with refused("process.same_person"):
        break_glass(bank.by("oli"), bank.task(case, "check"), WHY)

    assert facts(case, "process.act_refused")[-1]["act"] == "process.break_glass"
    assert holds()


def test_a_blocking_control_is_released_by_name_and_on_record(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    break_glass(bank.by("oli"), task, WHY)
    with refused("process.control_not_met"):
        complete_task(bank.by("oli"), task, YES)

    break_glass(bank.by("oli"), task, WHY, controls=["K1"])
    complete_task(bank.by("oli"), task, YES)

    (found,) = facts(case, "process.control_released")
    assert (found["control"], found["by"]) == ("K1", "oli")
    results = {item["control"]: item["result"] for item in facts(case, "process.control_executed")}
    assert results == {"K1": "not_met", "K2": "met"}
    assert len(matters("aud", ["security_auditor@head"])) == 2
    assert holds()


@pytest.mark.parametrize("control", ["K2", "none"])
def test_four_eyes_are_never_released(bank: SmallBank, control: str) -> None:
    task = waiting(bank)

    with refused("process.not_releasable"):
        break_glass(bank.by("oli"), task, WHY, controls=[control])


def test_after_its_time_the_emergency_is_over_and_the_task_waits_again(bank: SmallBank) -> None:
    task = waiting(bank)
    case = task.partition(".")[0]
    break_glass(bank.by("oli"), task, WHY, controls=["K1"])
    bank.at("03-02", "13:30")

    with refused("process.emergency_over"):
        complete_task(bank.by("oli"), task, YES)
    bank.machines()

    assert len(facts(case, "process.emergency_ended")) == 1
    assert [entry.task for entry in worklist("bob", ["approver@o1"])] == [task]
    with refused("process.not_permitted"):
        complete_task(bank.by("oli"), task, YES)
    with refused("process.control_not_met"):
        complete_task(bank.by("bob"), task, YES)
    assert holds()


def test_the_authority_is_personal(bank: SmallBank) -> None:
    task = waiting(bank)
    break_glass(bank.by("oli"), task, WHY)
    day = day_of(bank.clock.now())
    name_deputy(bank.context, "oli", "sue", day, day)

    with refused("process.claimed_by_other"):
        complete_task(bank.by("sue"), task, {**YES, "number": "1"})
    with refused("process.emergency_is_personal"):
        delegate_task(bank.by("oli"), task, "cat")
    with refused("process.emergency_is_personal"):
        add_signer(bank.by("oli"), task, "sue")
    release_task(bank.by("oli"), task)
    with refused("process.not_permitted"):
        complete_task(bank.by("oli"), task, {**YES, "number": "1"})
    assert holds()


def test_a_task_is_taken_from_who_cannot_be_reached(bank: SmallBank) -> None:
    task = waiting(bank)
    claim_task(bank.by("bob"), task)

    break_glass(bank.by("oli"), task, WHY)

    assert facts(task.partition(".")[0], "process.glass_broken")[0]["taken_from"] == "bob"
    with refused("process.claimed_by_other"):
        complete_task(bank.by("bob"), task, {**YES, "number": "1"})


def test_without_limits_in_the_standard_there_is_no_emergency(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, review_files())

    with refused("process.no_emergency_rule"):
        break_glass(bank.by("oli"), waiting(bank), WHY)


def test_a_second_submission_breaks_the_glass_once(bank: SmallBank) -> None:
    task = waiting(bank)
    context = replace(bank.by("oli"), key="once")
    break_glass(context, task, WHY)

    with pytest.raises(AlreadyDone):
        break_glass(context, task, WHY)
