"""Sealed values open only whole, only on record, and never again after erasure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from touchstone.identity import queries as identity_queries
from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.reading import rows
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.journal.verify import verify
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.vault.actions import erase, index, reveal, seal, subjects_with
from touchstone.vault.cipher import KeyRing, open_ring
from touchstone.vault.masking import masked
from touchstone.vault.rotation import rotate
from touchstone.vault.verification import verify_values

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
NAME = "欧阳明"


@pytest.fixture
def clerk(context: ActContext) -> ActContext:
    identity_queries.forget()
    setup = replace(context, actor="system:setup")
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    join_person(setup, "ann", Text("安", "Ann"))
    grant_post(setup, "ann", "acceptance_clerk", "head")
    return replace(context, actor="ann")


def sealed(context: ActContext, subject: str = "c1", value: str = NAME) -> str:
    def work(unit: UnitOfWork) -> str:
        references = seal(unit, subject, {"name": value}, version=1)
        index(unit, subject, "name", value)
        unit.record(f"customer:{subject}", Fact("test.sealed", references))
        return references["name"]

    return perform("test.seal", context, work)


def found(context: ActContext, value: str) -> tuple[str, ...]:
    return perform("test.find", context, lambda unit: subjects_with(unit, "name", value))


def test_a_value_is_stored_nowhere_in_the_clear(clerk: ActContext) -> None:
    reference = sealed(clerk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM vault_value")
        stored = bytes(cursor.fetchone()[0])

    assert reference == "c1/name/1"
    assert NAME.encode() not in stored
    assert all(NAME not in row.payload for row in rows())


def test_showing_a_value_is_an_event_with_its_reason(clerk: ActContext) -> None:
    reference = sealed(clerk)

    assert reveal(clerk, reference, "客户来电核对") == NAME

    (shown,) = [item for row in rows("stream = 'subject:c1'") for item in row.recorded()]
    assert shown.kind == "vault.value_shown"
    assert shown.data == {"reference": reference, "reason": "客户来电核对"}


@pytest.mark.parametrize(("actor", "reason"), [("ann", " "), ("system:worker", "客户来电核对")])
def test_without_reason_or_permission_nothing_is_shown(
    clerk: ActContext, actor: str, reason: str
) -> None:
    reference = sealed(clerk)

    with pytest.raises(Refusal):
        reveal(replace(clerk, actor=actor), reference, reason)


def test_a_swapped_value_is_found(clerk: ActContext) -> None:
    sealed(clerk)
    sealed(clerk, "c2", "李四")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_value SET sealed = (SELECT sealed FROM vault_value WHERE"
            " reference = 'c2/name/1') WHERE reference = 'c1/name/1'"
        )

    broken = verify_values()

    assert broken is not None
    assert broken.reference == "c1/name/1"


def test_after_erasure_nothing_opens_and_the_chain_holds(clerk: ActContext) -> None:
    reference = sealed(clerk)
    erase(replace(clerk, actor="system:setup"), "c1", "客户要求删除")

    with pytest.raises(Refusal):
        reveal(clerk, reference, "客户来电核对")

    assert found(clerk, NAME) == ()
    assert verify().ok
    assert verify_values() is None


def test_values_open_after_the_keys_were_rotated(clerk: ActContext) -> None:
    reference = sealed(clerk)
    rotate(replace(clerk, actor="system:setup"))

    assert reveal(clerk, reference, "客户来电核对") == NAME
    assert found(clerk, NAME) == ("c1",)
    assert verify_values() is None


def test_two_who_begin_at_once_get_one_ring(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        gate = threading.Barrier(4)

        def opened(_: int, folder: Path = folder, gate: threading.Barrier = gate) -> KeyRing:
            gate.wait()
            return open_ring(folder)

        with ThreadPoolExecutor(4) as pool:
            rings = list(pool.map(opened, range(4)))

        assert rings == [open_ring(folder)] * 4
        assert [path.name for path in folder.iterdir()] == ["ring.json"]


@pytest.mark.parametrize(
    ("value", "mask", "expected"),
    [
        ("张三丰", "name", "张**"),
        ("11010519491231002X", "identity", "110***********002X"),
        ("13812345678", "phone", "138****5678"),
        ("123", "phone", "***"),
        ("", "name", ""),
    ],
)
def test_a_mask_shows_no_more_than_it_must(value: str, mask: str, expected: str) -> None:
    assert masked(value, mask) == expected  # type: ignore[arg-type]
