"""Where there is no form, an act takes what the procedure declares and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.process.small_bank import SmallBank, column, found_small_bank, holds, refused
from tests.process.small_pack import bpmn, review_files, user
from touchstone.journal.reading import stream_rows
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.tasks import complete_task

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
BARE = """id: P91
title: {zh: bare, en: bare}
owner: operations
clauses: [APR-01]
bpmn: bare.bpmn
start: {posts: [clerk], takes: [amount]}
variables: {amount: number, ready: boolean, due: date, score: number}
steps:
  look:
    title: {zh: look, en: look}
    posts: [clerk]
    clause: APR-01
    takes: [ready, due]
  sign:
    title: {zh: sign, en: sign}
    posts: [clerk]
    clause: APR-01
"""


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    files = review_files()
    files["procedures/bare/procedure.yaml"] = BARE
    files["procedures/bare/bare.bpmn"] = bpmn("bare", user("look"), user("sign"))
    return found_small_bank(tmp_path, files)


def begin(bank: SmallBank, **values: Any) -> str:
    return start_case(bank.by("ann"), "bare", unit="o1", values=values)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"score": 99}, "process.values_not_taken"),
        ({"anything": "x"}, "process.values_not_taken"),
        ({"opinion": "approve"}, "process.values_not_taken"),
        ({"amount": "much"}, "process.form_invalid"),
        ({"amount": True}, "process.form_invalid"),
    ],
)
def test_a_start_takes_only_what_is_declared(
    bank: SmallBank, values: dict[str, Any], code: str
) -> None:
    with refused(code):
        begin(bank, **values)
    assert not list(stream_rows("case:%"))
    assert begin(bank, amount="12.50")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"score": 99}, "process.values_not_taken"),
        ({"amount": 1}, "process.values_not_taken"),
        ({"ready": "yes"}, "process.form_invalid"),
        ({"due": "tomorrow"}, "process.form_invalid"),
    ],
)
def test_a_step_without_a_form_takes_only_what_it_names(
    bank: SmallBank, values: dict[str, Any], code: str
) -> None:
    case = begin(bank)
    with refused(code):
        complete_task(bank.by("ann"), bank.task(case, "look"), values)
    assert column("element", "process_task", case, "state = 'open'") == ["look"]

    complete_task(bank.by("ann"), bank.task(case, "look"), {"ready": True, "due": "2026-03-09"})
    with refused("process.values_not_taken"):
        complete_task(bank.by("ann"), bank.task(case, "sign"), {"ready": False})
    complete_task(bank.by("ann"), bank.task(case, "sign"), {"opinion": "approve"})
    assert column("element", "process_task", case, "state = 'open'") == []
    assert holds()
