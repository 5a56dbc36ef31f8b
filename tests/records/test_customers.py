"""Customers: registered once, sealed, found by number, shown on record, erased for good."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from tests.records.conftest import Bank
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.cases import start_case
from touchstone.records.actions.customers import (
    change_customer,
    erase_customer,
    find_customer,
    register_customer,
    show_customer,
)
from touchstone.records.queries import Customer, customer

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
NUMBER = "990000190001010000"
SECRETS = {
    "name": "欧阳明",
    "identity_number": NUMBER,
    "telephone": "10012345678",
    "address": "无名路 1 号",
}
VALUES = {"kind": "personal", "risk_grade": "low", "segment": "elderly", **SECRETS}


def registered(bank: Bank, **other: Any) -> Customer:
    found = customer(register_customer(bank.by("eve"), {**VALUES, **other}, unit="o1"))
    assert found is not None
    return found


def test_a_customer_is_open_in_part_and_sealed_in_part(bank: Bank) -> None:
    found = registered(bank, is_vulnerable=True)

    assert (found.kind, found.risk_grade, found.segment) == ("personal", "low", "elderly")
    assert (found.unit, found.since, found.state) == ("o1", dt.date(2026, 3, 2), "active")
    assert found.is_vulnerable
    assert found.sealed == {name: f"{found.id}/{name}/1" for name in SECRETS}
    assert all(value not in row.payload for row in rows() for value in SECRETS.values())
    assert sum(table.differences for table in replay().values()) == 0


def test_sealed_values_are_masked_until_shown_with_a_reason(bank: Bank) -> None:
    found = registered(bank)

    assert found.masked() == {
        "name": "欧**",
        "identity_number": "990***********0000",
        "telephone": "100****5678",
        "address": "******",
    }
    assert show_customer(bank.by("eve"), found.id, "name", "客户来电核对") == "欧阳明"

    (shown,) = [item for row in rows(f"stream = 'subject:{found.id}'") for item in row.recorded()]
    assert (shown.kind, shown.actor) == ("vault.value_shown", "eve")
    assert shown.data["reason"] == "客户来电核对"


@pytest.mark.parametrize(
    ("person", "field", "reason", "code"),
    [
        ("eve", "name", " ", "vault.no_reason"),
        ("fay", "name", "客户来电核对", "identity.not_permitted"),
        ("ann", "name", "客户来电核对", "identity.not_permitted"),
        ("eve", "salary", "客户来电核对", "vault.no_such_value"),
    ],
)
def test_nothing_is_shown_without_reason_post_or_value(
    bank: Bank, person: str, field: str, reason: str, code: str
) -> None:
    found = registered(bank)

    with pytest.raises(Refusal) as refused:
        show_customer(bank.by(person), found.id, field, reason)

    assert refused.value.code == code


def test_a_customer_is_found_by_number_however_it_is_spelled(bank: Bank) -> None:
    found = registered(bank, identity_number="99000019000101000x")

    assert find_customer(bank.by("fay"), "990000 19000101 000X") == found.id
    assert find_customer(bank.by("fay"), NUMBER) is None
    with pytest.raises(Refusal, match=r"identity.not_permitted"):
        find_customer(bank.by("ann"), NUMBER)


def test_nobody_is_registered_twice_and_the_refusal_names_the_first(bank: Bank) -> None:
    first = registered(bank)

    with pytest.raises(Refusal) as refused:
        register_customer(bank.by("fay"), {**VALUES, "name": "别名"}, unit="o2")

    assert refused.value.code == "records.customer_exists"
    assert first.id in refused.value.text.zh
    assert first.id in refused.value.text.en


@pytest.mark.parametrize("number", range(8))
def test_of_two_clerks_at_once_one_registers(bank: Bank, number: int) -> None:
    gate = threading.Barrier(2)

    def attempt(clerk: str, unit: str, seed: int) -> str:
        context = replace(bank.by(clerk), chance=SeededChance(seed))
        gate.wait()
        try:
            return register_customer(context, VALUES, unit=unit)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, ("eve", "fay"), ("o1", "o2"), (number, 100 + number)))

    assert answers.count("records.customer_exists") == 1, answers
    assert sum(table.differences for table in replay().values()) == 0


def test_the_same_request_registers_once(bank: Bank) -> None:
    first = register_customer(bank.by("eve", key="k"), VALUES, unit="o1")

    assert register_customer(bank.by("eve", key="k"), VALUES, unit="o1") == first


@pytest.mark.parametrize(
    ("person", "unit", "other", "code"),
    [
        ("eve", "o1", {"risk_grade": "none"}, "records.customer_invalid"),
        ("eve", "o1", {"identity_number": "12"}, "records.customer_invalid"),
        ("eve", "o1", {"nickname": "x"}, "records.customer_invalid"),
        ("eve", "o9", {}, "records.no_such_unit"),
        ("eve", "o2", {}, "identity.not_permitted"),
        ("ann", "o1", {}, "identity.not_permitted"),
    ],
)
def test_what_is_not_accepted_leaves_nothing(
    bank: Bank, person: str, unit: str, other: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        register_customer(bank.by(person), {**VALUES, **other}, unit=unit)

    assert refused.value.code == code
    assert NUMBER not in refused.value.text.zh + refused.value.text.en
    assert list(rows("stream LIKE 'customer:%%'")) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault_value")
        assert cursor.fetchone() == (0,)


def test_a_change_touches_only_what_it_names(bank: Bank) -> None:
    before = registered(bank)

    change_customer(bank.by("eve"), before.id, {"risk_grade": "high", "telephone": "10087654321"})

    after = customer(before.id)
    assert after is not None
    assert (after.risk_grade, after.segment) == ("high", "elderly")
    assert after.sealed == {**before.sealed, "telephone": f"{before.id}/telephone/2"}
    assert show_customer(bank.by("eve"), before.id, "telephone", "回拨客户") == "10087654321"
    assert sum(table.differences for table in replay().values()) == 0


def test_a_new_number_takes_the_place_of_the_old_one(bank: Bank) -> None:
    one = registered(bank)
    other = registered(bank, identity_number="880000190001010000")

    with pytest.raises(Refusal, match=r"records.customer_exists"):
        change_customer(bank.by("eve"), other.id, {"identity_number": NUMBER})
    change_customer(bank.by("eve"), one.id, {"identity_number": "770000190001010000"})
    change_customer(bank.by("eve"), one.id, {"identity_number": "770000190001010000"})

    assert find_customer(bank.by("eve"), NUMBER) is None
    assert find_customer(bank.by("eve"), "770000190001010000") == one.id


def test_a_customer_moves_to_another_unit_by_the_clerk_who_has_him(bank: Bank) -> None:
    found = registered(bank)

    with pytest.raises(Refusal, match=r"identity.not_permitted"):
        change_customer(bank.by("fay"), found.id, {}, unit="o2")
    with pytest.raises(Refusal, match=r"records.nothing_to_change"):
        change_customer(bank.by("eve"), found.id, {})
    change_customer(bank.by("eve"), found.id, {}, unit="o2")

    moved = customer(found.id)
    assert moved is not None
    assert moved.unit == "o2"


def test_after_erasure_nothing_opens_the_chain_holds_and_the_number_is_free(bank: Bank) -> None:
    found = registered(bank)
    erase_customer(bank.by("gus"), found.id, "客户要求删除")

    erased = customer(found.id)
    assert erased is not None
    assert (erased.state, erased.masked()) == ("erased", {})
    assert find_customer(bank.by("eve"), NUMBER) is None
    for act in (
        lambda: show_customer(bank.by("eve"), found.id, "name", "客户来电核对"),
        lambda: change_customer(bank.by("eve"), found.id, {"risk_grade": "high"}),
        lambda: erase_customer(bank.by("gus"), found.id, "客户要求删除"),
    ):
        with pytest.raises(Refusal, match=r"records.no_such_customer"):
            act()
    assert registered(bank).id != found.id
    assert verify().ok
    assert sum(table.differences for table in replay().values()) == 0


def test_a_case_needs_a_customer_that_exists(bank: Bank) -> None:
    found = registered(bank)
    values = {"opinion": "approve"}

    with pytest.raises(Refusal) as refused:
        start_case(bank.by("ann"), "approval", unit="o1", values=values, customer="made-up")
    start_case(bank.by("ann"), "approval", unit="o1", values=values, customer=found.id)

    assert refused.value.code == "process.no_such_customer"


def test_a_customer_with_open_business_is_not_erased_and_an_erased_one_begins_none(
    bank: Bank,
) -> None:
    busy, idle = registered(bank), registered(bank, identity_number="880000190001010000")
    values = {"opinion": "approve"}
    start_case(bank.by("ann"), "approval", unit="o1", values=values, customer=busy.id)
    erase_customer(bank.by("gus"), idle.id, "客户要求删除")

    with pytest.raises(Refusal, match=r"records.customer_has_business"):
        erase_customer(bank.by("gus"), busy.id, "客户要求删除")
    with pytest.raises(Refusal, match=r"process.no_such_customer"):
        start_case(bank.by("ann"), "approval", unit="o1", values=values, customer=idle.id)
