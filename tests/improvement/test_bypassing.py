"""A blocking control released in an emergency opens one finding, which the next release updates."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, found_small_bank, holds
from tests.process.test_emergency import WHY, YES, files, waiting
from touchstone.process.actions.emergency import break_glass
from touchstone.process.actions.tasks import complete_task

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def _findings() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, kind, level, clause, breaches FROM improvement_finding")
        return list(cursor.fetchall())


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, files())


def _released(bank: SmallBank, preparer: str) -> None:
    task = waiting(bank, preparer)
    break_glass(bank.by("oli"), task, WHY, controls=["K1"])
    complete_task(bank.by("oli"), task, YES)
    bank.machines()


def test_a_released_control_is_one_finding_however_often(bank: SmallBank) -> None:
    _released(bank, "ann")
    _released(bank, "ann")

    assert _findings() == [("review.K1", "bypass", "finding", "APR-04", 2)]
    assert holds()


def test_glass_that_was_broken_for_nothing_but_a_post_is_no_bypass(bank: SmallBank) -> None:
    task = waiting(bank)
    break_glass(bank.by("oli"), task, WHY)
    complete_task(bank.by("oli"), task, {**YES, "number": "1"})
    bank.machines()

    assert _findings() == []
