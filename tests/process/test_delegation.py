"""A delegated task comes back to its owner, who completes it; the delegate has acted on it for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds, refused
from tests.process.small_pack import procedure, review_files, step
from touchstone.process.actions.delegation import recall_task, resolve_task
from touchstone.process.actions.tasks import (
    add_signer,
    claim_task,
    complete_task,
    delegate_task,
    release_task,
    remove_signer,
    send_back,
    transfer_task,
)
from touchstone.process.queries import waiting_counts, worklist

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"opinion": "approve"}


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, review_files())


def delegated(bank: SmallBank) -> str:
    """A check that bob took and cat is to do."""
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    task = bank.task(case, "check")
    claim_task(bank.by("bob"), task)
    delegate_task(bank.by("bob"), task, "cat")
    return task


def test_the_delegate_resolves_and_the_owner_completes(bank: SmallBank) -> None:
    task = delegated(bank)
    case = task.partition(".")[0]

    resolve_task(bank.by("cat"), task, "已核对原件")

    assert [entry.task for entry in worklist("cat", [])] == []
    assert [entry.task for entry in worklist("bob", [])] == [task]
    complete_task(bank.by("bob"), task, YES)
    assert facts(case, "process.task_resolved")[0]["note"] == "已核对原件"
    assert column("done_by", "process_task", case)[-1] == "bob"
    assert holds()


def test_neither_delegate_nor_owner_completes_what_is_not_resolved(bank: SmallBank) -> None:
    task = delegated(bank)

    with refused("process.delegated"):
        complete_task(bank.by("cat"), task, YES)
    with refused("process.claimed_by_other"):
        complete_task(bank.by("bob"), task, YES)
    with refused("process.delegated"):
        release_task(bank.by("cat"), task)
    with refused("process.delegated"):
        transfer_task(bank.by("cat"), task, "bob")
    with refused("process.delegated"):
        send_back(bank.by("cat"), task, "prepare", "材料不清")
    assert holds()


def test_delegated_on_it_still_comes_back_to_the_first_owner(bank: SmallBank) -> None:
    task = delegated(bank)
    case = task.partition(".")[0]
    delegate_task(bank.by("cat"), task, "bob")

    resolve_task(bank.by("bob"), task, "已核对")

    assert facts(case, "process.task_resolved")[0]["to"] == "bob"
    assert column("owner", "process_task", case) == [None, None]


def test_the_owner_recalls_what_the_delegate_leaves_undone(bank: SmallBank) -> None:
    task = delegated(bank)

    with refused("process.not_yours"):
        recall_task(bank.by("cat"), task, "我来收回")
    recall_task(bank.by("bob"), task, "受派人请假")
    complete_task(bank.by("bob"), task, YES)

    assert facts(task.partition(".")[0], "process.task_resolved")[0]["by"] == []
    assert holds()


def test_the_delegate_may_not_do_a_step_kept_apart_from_it(tmp_path: Path) -> None:
    files = review_files()
    steps = step("prepare", "approver") + step("check", "approver")
    apart = "separation:\n  - {id: two, steps: [prepare, check], clause: APR-01}\n"
    files["procedures/review/procedure.yaml"] = procedure("P90", "review", steps, apart)
    bank = found_small_bank(tmp_path, files)
    case = bank.begin()
    task = bank.task(case, "prepare")
    claim_task(bank.by("bob"), task)
    delegate_task(bank.by("bob"), task, "cat")
    resolve_task(bank.by("cat"), task, "已整理")
    complete_task(bank.by("bob"), task, YES)

    with refused("process.same_person"):
        bank.complete(case, "check", "cat")

    assert holds()


def test_what_is_not_delegated_is_not_resolved(bank: SmallBank) -> None:
    case = bank.begin()

    with refused("process.not_delegated"):
        resolve_task(bank.by("ann"), bank.task(case, "prepare"), "已办")


def test_resolving_needs_a_note_and_the_delegate(bank: SmallBank) -> None:
    task = delegated(bank)

    with refused("process.reason_needed"):
        resolve_task(bank.by("cat"), task, " ")
    with refused("process.claimed_by_other"):
        resolve_task(bank.by("ann"), task, "已办结")


def test_whose_opinion_is_asked_for_finds_the_task_in_his_worklist(bank: SmallBank) -> None:
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    task = bank.task(case, "check")
    claim_task(bank.by("bob"), task)
    assert worklist("sue", []) == ()

    add_signer(bank.by("bob"), task, "sue")

    assert [(entry.task, entry.state) for entry in worklist("sue", [])] == [(task, "signing")]
    assert waiting_counts("sue", [], 0) == (1, 0)
    assert worklist("s_e", []) == (), "an id is no pattern"
    assert [entry.state for entry in worklist("bob", [])] == ["claimed"]
    remove_signer(bank.by("bob"), task, "sue")
    assert worklist("sue", []) == ()
    assert waiting_counts("sue", [], 0) == (0, 0)
