"""People at work: what the step allows happens once, what it forbids changes nothing."""

from __future__ import annotations

import pytest

from tests.process.conftest import Bank
from touchstone.journal.reading import stream_rows
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.journal.verify import verify
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.tasks import (
    claim_task,
    complete_task,
    release_task,
    send_back,
    take_back,
    transfer_task,
)
from touchstone.process.queries import worklist

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"opinion": "approve"}


def begin(bank: Bank) -> str:
    return start_case(bank.by("ann"), "approval", unit="o1", values=YES)


def tasks_of(pool: str) -> list[str]:
    return [entry.task for entry in worklist("nobody", [pool])]


def approvals() -> str:
    (task,) = tasks_of("approver@o1")
    return task


def kinds(case: str) -> list[str]:
    return [item.kind for row in stream_rows(f"case:{case}") for item in row.recorded()]


def holds() -> bool:
    return verify().ok and all(table.differences == 0 for table in replay().values())


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda error: error.code == code)


def test_a_case_runs_from_start_to_end(bank: Bank) -> None:
    case = begin(bank)
    (first,) = tasks_of("clerk@o1")

    complete_task(bank.by("ann"), first, {**YES, "remark": "客户张三"})
    complete_task(bank.by("bob"), approvals(), YES)
    complete_task(bank.by("cat"), approvals(), YES)

    assert kinds(case)[-1] == "process.case_ended"
    assert tasks_of("approver@o1") == []
    assert "张三" not in "".join(row.payload for row in stream_rows(f"case:{case}"))
    assert holds()


def test_whoever_did_the_first_step_may_not_do_the_second(bank: Bank) -> None:
    case = begin(bank)
    complete_task(bank.by("ann"), tasks_of("clerk@o1")[0], YES)

    with refused("process.same_person"):
        complete_task(bank.by("ann"), approvals(), YES)

    assert kinds(case)[-1] == "process.act_refused"
    assert len(tasks_of("approver@o1")) == 1
    assert holds()


def test_a_control_that_is_not_met_blocks_and_is_journaled(bank: Bank) -> None:
    case = begin(bank)
    (first,) = tasks_of("clerk@o1")

    with refused("process.control_not_met"):
        complete_task(bank.by("ann"), first, {"opinion": "reject"})

    assert kinds(case)[-2:] == ["process.control_executed", "process.act_refused"]
    assert tasks_of("clerk@o1") == [first]


@pytest.mark.parametrize(
    ("person", "values", "code"),
    [
        ("bob", YES, "process.not_permitted"),
        ("nobody", YES, "process.not_permitted"),
        ("ann", {}, "process.form_invalid"),
        ("ann", {"opinion": "perhaps"}, "process.form_invalid"),
        ("ann", {**YES, "more": 1}, "process.form_invalid"),
    ],
)
def test_bad_input_leaves_no_event(
    bank: Bank, person: str, values: dict[str, object], code: str
) -> None:
    case = begin(bank)
    before = kinds(case)

    with refused(code):
        complete_task(bank.by(person), tasks_of("clerk@o1")[0], values)

    assert kinds(case) == before


def test_a_forged_id_is_refused(bank: Bank) -> None:
    with refused("process.no_such_task"):
        complete_task(bank.by("ann"), "case.w1' OR 1=1", YES)


def test_a_double_submit_writes_once(bank: Bank) -> None:
    case = begin(bank)
    (first,) = tasks_of("clerk@o1")
    complete_task(bank.by("ann", "key-1"), first, YES)
    before = kinds(case)

    with pytest.raises(AlreadyDone):
        complete_task(bank.by("ann", "key-1"), first, YES)

    assert kinds(case) == before


def test_starting_twice_with_one_key_gives_one_case(bank: Bank) -> None:
    first = start_case(bank.by("ann", "k"), "approval", unit="o1", values=YES)

    assert start_case(bank.by("ann", "k"), "approval", unit="o1", values=YES) == first


def test_a_claimed_task_is_done_by_who_claimed_it(bank: Bank) -> None:
    begin(bank)
    complete_task(bank.by("ann"), tasks_of("clerk@o1")[0], YES)
    task = approvals()
    claim_task(bank.by("bob"), task)

    with refused("process.claimed_by_other"):
        complete_task(bank.by("cat"), task, YES)
    transfer_task(bank.by("bob"), task, "cat")
    release_task(bank.by("cat"), task)
    claim_task(bank.by("bob"), task)
    complete_task(bank.by("bob"), task, YES)

    assert holds()


def test_sent_back_goes_first_to_who_did_it(bank: Bank) -> None:
    begin(bank)
    (first,) = tasks_of("clerk@o1")
    complete_task(bank.by("ann"), first, YES)

    send_back(bank.by("bob"), approvals(), "step1", "材料不清")

    (entry,) = worklist("ann", [])
    assert (entry.element, entry.state) == ("step1", "claimed")
    assert holds()


def test_taken_back_while_nobody_has_taken_it_up(bank: Bank) -> None:
    begin(bank)
    (first,) = tasks_of("clerk@o1")
    complete_task(bank.by("ann"), first, YES)

    take_back(bank.by("ann"), first)

    assert [entry.element for entry in worklist("ann", [])] == ["step1"]
    assert holds()


def test_too_late_to_take_back_once_claimed(bank: Bank) -> None:
    begin(bank)
    (first,) = tasks_of("clerk@o1")
    complete_task(bank.by("ann"), first, YES)
    claim_task(bank.by("bob"), approvals())

    with refused("process.too_late"):
        take_back(bank.by("ann"), first)
