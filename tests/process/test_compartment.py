"""A compartment is known only to those who have something to do in it, whatever else they may read."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, found_small_bank, local
from tests.process.small_pack import REVIEW_CLOCKS, SEPARATION, procedure, review_files, step
from touchstone.identity.queries import directory
from touchstone.kernel.time import day_of
from touchstone.process.sight import sight_of

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def _bank(tmp_path: Path, more: str) -> SmallBank:
    files = review_files()
    steps = step("prepare", "clerk") + step("check", "approver")
    content = procedure("P90", "review", steps, REVIEW_CLOCKS + SEPARATION)
    files["procedures/review/procedure.yaml"] = content.replace("owner:", f"{more}owner:", 1)
    return found_small_bank(tmp_path, files)


def _sees(person: str) -> tuple[bool, int]:
    """Whether the case opens to him, and how many cases his lists have."""
    sight = sight_of(directory(), person, day_of(local("03-02")))
    condition, params = sight.condition()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM process_case WHERE {condition}", params)
        (listed,) = cursor.fetchone()
    return sight.shows("review", "o1", None, {}), listed


def test_a_head_and_the_auditors_know_nothing_of_a_compartment(tmp_path: Path) -> None:
    bank = _bank(tmp_path, "compartment: true\n")
    bank.begin()

    assert {person: _sees(person) for person in ("hal", "oli", "qin", "aud")} == dict.fromkeys(
        ("hal", "oli", "qin", "aud"), (False, 0)
    )
    assert _sees("ann") == _sees("bob") == (True, 1)


def test_without_one_a_head_sees_what_is_below_him(tmp_path: Path) -> None:
    bank = _bank(tmp_path, "")
    bank.begin()

    assert _sees("hal") == _sees("qin") == (True, 1)
