"""A half-filled form waits for who wrote it, sealed, and goes with the act."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.db import connection

from tests.process.small_bank import YES, SmallBank, found_small_bank, refused
from tests.process.small_pack import review_files
from touchstone.journal.reading import rows
from touchstone.journal.session import open_session
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import (
    AtStart,
    AtTask,
    discard_draft,
    load_draft,
    remove_expired_drafts,
    save_draft,
)
from touchstone.process.actions.tasks import complete_task
from touchstone.vault.actions import erase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TYPED = {"opinion": "approve", "remark": "张三还没有写完", "number": "12"}
START = AtStart("review", "o1")


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "pack", review_files())


@pytest.fixture
def desk(bank: SmallBank) -> AtTask:
    return AtTask(bank.task(bank.begin(), "prepare"))


def stored() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM process_draft ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_what_was_typed_comes_back_and_lies_sealed(bank: SmallBank, desk: AtTask) -> None:
    before = list(rows())

    assert load_draft(bank.by("ann"), desk) is None
    version = save_draft(bank.by("ann"), desk, {**TYPED, "state": "approved"}, 0)
    found = load_draft(bank.by("ann"), desk)

    assert found is not None
    assert (found.typed, found.version) == (TYPED, version)
    assert found.saved_at == bank.clock.now()
    (sealed,) = stored()
    assert "张三".encode() not in sealed
    assert list(rows()) == before


def test_of_two_tabs_the_second_is_told(bank: SmallBank, desk: AtTask) -> None:
    first = save_draft(bank.by("ann"), desk, TYPED, 0)
    second = save_draft(bank.by("ann"), desk, {**TYPED, "number": "13"}, first)

    for stale in (0, first, second + 1):
        with refused("process.draft_changed"):
            save_draft(bank.by("ann"), desk, {"number": "14"}, stale)

    found = load_draft(bank.by("ann"), desk)
    assert found is not None
    assert found.typed["number"] == "13"
    assert len(stored()) == 1


def test_only_who_may_act_there_has_a_draft_and_each_his_own(bank: SmallBank, desk: AtTask) -> None:
    save_draft(bank.by("ann"), desk, TYPED, 0)

    for person in ("bob", "nobody", "customer:c1"):
        with refused("process.not_permitted"):
            save_draft(bank.by(person), desk, TYPED, 0)
        with refused("process.not_permitted"):
            load_draft(bank.by(person), desk)
    with refused("process.not_permitted"):
        save_draft(bank.by("bob"), START, TYPED, 0)
    with refused("process.no_such_customer"):
        save_draft(bank.by("customer:c1"), AtStart("review", "o1", "c2"), TYPED, 0)


def test_a_draft_goes_with_the_act_and_not_with_a_refusal(bank: SmallBank) -> None:
    case = bank.begin()
    desk = AtTask(bank.task(case, "prepare"))
    save_draft(bank.by("ann"), desk, TYPED, 0)

    with refused("process.form_invalid"):
        bank.complete(case, "prepare", "ann", opinion="maybe")
    assert load_draft(bank.by("ann"), desk) is not None

    complete_task(bank.by("ann"), bank.task(case, "prepare"), YES, draft=True)
    assert stored() == []
    with refused("process.task_not_open"):
        load_draft(bank.by("ann"), desk)


def test_a_case_that_is_not_begun_has_its_draft_too(bank: SmallBank) -> None:
    save_draft(bank.by("ann"), START, TYPED, 0)

    found = load_draft(bank.by("ann"), START)
    assert found is not None
    assert found.typed == TYPED
    start_case(bank.by("ann"), "review", unit="o1", values={"opinion": "approve"})

    assert load_draft(bank.by("ann"), START) is None


def test_a_draft_is_thrown_away_or_runs_out(
    bank: SmallBank, desk: AtTask, settings: object
) -> None:
    save_draft(bank.by("ann"), desk, TYPED, 0)
    discard_draft(bank.by("ann"), desk)
    assert load_draft(bank.by("ann"), desk) is None

    save_draft(bank.by("ann"), desk, TYPED, 0)
    bank.clock.move_to(bank.clock.now() + dt.timedelta(days=30))
    assert load_draft(bank.by("ann"), desk) is None
    with refused("identity.not_permitted"):
        remove_expired_drafts(bank.by("ann"))
    assert remove_expired_drafts(bank.by("system:sweeper")) == 1
    assert stored() == []


def test_with_its_subject_a_draft_cannot_be_read(bank: SmallBank) -> None:
    case = bank.begin()
    desk = AtTask(bank.task(case, "prepare"))
    save_draft(bank.by("ann"), desk, TYPED, 0)

    erase(bank.by("system:setup"), f"case:{case}", "客户要求删除")

    assert load_draft(bank.by("ann"), desk) is None


def test_looking_at_a_draft_waits_for_no_writer(bank: SmallBank, desk: AtTask) -> None:
    save_draft(bank.by("ann"), desk, TYPED, 0)
    found: list[object] = []

    def look() -> None:
        found.append(load_draft(bank.by("ann"), desk))
        connection.close()

    with open_session():  # on SQLite nobody else writes meanwhile
        reader = threading.Thread(target=look)
        reader.start()
        reader.join(timeout=10)
        assert len(found) == 1
    assert found[0] is not None


def test_two_tabs_that_save_in_the_same_moment(bank: SmallBank, desk: AtTask) -> None:
    save_draft(bank.by("ann"), desk, TYPED, 0)
    told: list[str] = []
    gate = threading.Barrier(4)

    def tab(number: int) -> None:
        gate.wait()
        try:
            save_draft(bank.by("ann"), desk, {"number": str(number)}, 1)
            told.append("saved")
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    tabs = [threading.Thread(target=tab, args=(number,)) for number in range(4)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()

    assert sorted(told) == ["process.draft_changed"] * 3 + ["saved"]
    assert len(stored()) == 1
