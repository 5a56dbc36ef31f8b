"""Several people at once: one of them wins, the others are told, nothing is half done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.at_once import at_once
from tests.process.conftest import Bank
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.tasks import complete_task
from touchstone.process.queries import worklist

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"opinion": "approve"}


def tasks(pool: str) -> list[str]:
    return [entry.task for entry in worklist("nobody", [pool], limit=500)]


def test_two_people_completing_one_task_one_wins(bank: Bank) -> None:
    start_case(bank.by("ann"), "approval", unit="o1", values=YES)
    complete_task(bank.by("ann"), tasks("clerk@o1")[0], YES)
    (task,) = tasks("approver@o1")

    raised = at_once(
        [
            lambda person=person: complete_task(bank.by(person), task, YES)
            for person in ("bob", "cat")
        ]  # type: ignore[misc]
    )

    refused = [error.code for error in raised if isinstance(error, Refusal)]
    assert refused == ["process.task_not_open"]
    assert verify().ok
    assert all(table.differences == 0 for table in replay().values())


def test_sixteen_people_on_different_cases_do_not_wait_for_each_other(bank: Bank) -> None:
    def work(number: int) -> None:
        context = replace(bank.by("ann"), chance=SeededChance(number))
        case = start_case(context, "approval", unit="o1", values=YES)
        complete_task(context, f"{case}.w1", YES)

    raised = at_once([lambda number=number: work(number) for number in range(16)])  # type: ignore[misc]

    assert raised == [None] * 16
    assert len(tasks("approver@o1")) == 16
    assert verify().ok
    assert all(table.differences == 0 for table in replay().values())
