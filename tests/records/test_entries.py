"""Entries of registers: who writes, who confirms, and what stays on record."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.records.conftest import Bank
from touchstone.identity.actions import name_deputy
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.kernel.refusal import Refusal
from touchstone.records.actions.customers import register_customer
from touchstone.records.actions.entries import (
    confirm_record,
    correct_record,
    enter_record,
    show_record,
    void_record,
)
from touchstone.records.queries import count, entries, entry, of_customer
from touchstone.simulation.customers import invented_customer
from touchstone.vault.verification import verify_values

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
VOLUME = {"day": "2026-02-27", "unit": "o1", "channel": "counter", "transactions": 120}
SECRET = "张三录入错误"
ERROR = {"severity": "minor", "description": SECRET}


def kinds(identity: str) -> list[str]:
    return [
        item.kind for row in rows("stream = %s", (f"entry:{identity}",)) for item in row.recorded()
    ]


def differences() -> int:
    return sum(table.differences for table in replay().values())


def test_an_entry_is_found_by_register_day_and_unit(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "volumes", VOLUME)
    enter_record(bank.by("dan"), "volumes", {**VOLUME, "unit": "o2", "day": "2026-02-28"})

    (found,) = entries("volumes", dt.date(2026, 2, 27), dt.date(2026, 2, 27), "o1")

    assert (found.id, found.state, found.entered_by) == (identity, "entered", "ann")
    assert (found.values, found.on) == (VOLUME, dt.date(2026, 2, 27))
    assert len(entries("volumes")) == 2
    assert count("volumes", unit="o2") == {"entered": 1, "confirmed": 0, "void": 0}
    assert differences() == 0


def test_free_text_lies_in_the_vault_alone(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "errors", ERROR, unit="o1")

    found = entry(identity)

    assert found is not None
    assert found.values == {"severity": "minor"}
    assert found.sealed == {"description": f"entry:{identity}/description/1"}
    assert all(SECRET not in row.payload for row in rows())
    assert verify_values() is None


@pytest.mark.parametrize(
    ("person", "register", "values", "unit", "code"),
    [
        ("ann", "none", VOLUME, None, "records.no_such_register"),
        ("bob", "volumes", VOLUME, None, "records.not_permitted"),
        ("dan", "volumes", VOLUME, None, "records.not_permitted"),
        ("ann", "volumes", {**VOLUME, "transactions": -1}, None, "records.entry_invalid"),
        ("ann", "volumes", {**VOLUME, "day": "27/2/2026"}, None, "records.entry_invalid"),
        ("ann", "volumes", {**VOLUME, "customer": "none"}, None, "records.no_such_customer"),
        ("ann", "volumes", VOLUME, "o2", "records.unit_differs"),
        ("ann", "errors", ERROR, None, "records.no_such_unit"),
        ("ann", "errors", ERROR, "o9", "records.no_such_unit"),
        ("system:worker", "volumes", VOLUME, None, "records.not_permitted"),
    ],
)
def test_what_a_register_does_not_accept_leaves_nothing(
    bank: Bank, person: str, register: str, values: dict[str, Any], unit: str | None, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        enter_record(bank.by(person), register, values, unit=unit)

    assert refused.value.code == code
    assert list(rows("stream LIKE 'entry:%%'")) == []


def test_a_refusal_names_every_field_in_both_languages_and_no_value(bank: Bank) -> None:
    with pytest.raises(Refusal) as refused:
        enter_record(
            bank.by("ann"),
            "errors",
            {"severity": "huge", "description": SECRET * 4, "more": 1},
            unit="o1",
        )

    assert refused.value.text.zh == (
        "「差错登记簿」未通过校验：more：没有这个字段；程度：须为下列之一：轻微, 严重；"
        "经过：不得超过 20 个字"
    )
    assert refused.value.text.en == (
        "The entry of “Errors” is not valid: more: there is no such field; "
        "Severity: one of Minor, Serious; What happened: at most 20 characters"
    )
    assert refused.value.clause == "APR-01"


def test_the_same_request_enters_once(bank: Bank) -> None:
    first = enter_record(bank.by("ann", key="r1"), "volumes", VOLUME)
    again = enter_record(bank.by("ann", key="r1"), "volumes", VOLUME)

    assert first == again
    assert len(entries("volumes")) == 1


def test_a_second_person_confirms(bank: Bank) -> None:
    identity = enter_record(bank.by("bob"), "errors", ERROR, unit="o1")

    for person, code in (("bob", "records.same_person"), ("ann", "records.not_permitted")):
        with pytest.raises(Refusal) as refused:
            confirm_record(bank.by(person), identity)
        assert refused.value.code == code
    confirm_record(bank.by("cat"), identity)

    found = entry(identity)
    assert found is not None
    assert (found.state, found.confirmed_by) == ("confirmed", "cat")
    assert kinds(identity) == ["records.entered", "records.confirmed"]
    with pytest.raises(Refusal, match=r"records.not_open"):
        confirm_record(bank.by("cat"), identity)


def test_whoever_enters_or_confirms_is_shown_the_sealed_text_on_record(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "errors", ERROR, unit="o1")

    assert show_record(bank.by("cat"), identity, "description", "确认差错前核对") == SECRET

    (shown,) = [
        item for row in rows(f"stream = 'subject:entry:{identity}'") for item in row.recorded()
    ]
    assert (shown.kind, shown.actor, shown.data["reason"]) == (
        "vault.value_shown",
        "cat",
        "确认差错前核对",
    )
    for person, field, reason, code in (
        ("dan", "description", "确认差错前核对", "records.not_permitted"),
        ("cat", "description", " ", "vault.no_reason"),
        ("cat", "severity", "确认差错前核对", "vault.no_such_value"),
    ):
        with pytest.raises(Refusal) as refused:
            show_record(bank.by(person), identity, field, reason)
        assert refused.value.code == code


def test_nobody_confirms_for_whom_he_stands_in(bank: Bank) -> None:
    day = dt.date(2026, 3, 2)
    name_deputy(bank.by("system:setup"), "bob", "dan", day, day)
    identity = enter_record(bank.by("dan"), "errors", ERROR, unit="o1")

    with pytest.raises(Refusal) as refused:
        confirm_record(bank.by("bob"), identity)

    assert refused.value.code == "records.same_person"


def test_what_needs_no_confirmation_is_not_confirmed(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "volumes", VOLUME)

    with pytest.raises(Refusal, match=r"records.needs_no_confirmation"):
        confirm_record(bank.by("bob"), identity)


def test_a_correction_keeps_the_old_values_on_record_and_is_confirmed_anew(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "errors", ERROR, unit="o1")
    confirm_record(bank.by("bob"), identity)

    correct_record(bank.by("ann"), identity, {**ERROR, "severity": "serious"}, "程度认定有误")

    found = entry(identity)
    assert found is not None
    assert (found.state, found.confirmed_by, found.version) == ("entered", None, 2)
    assert found.values == {"severity": "serious"}
    assert found.sealed == {"description": f"entry:{identity}/description/3"}
    first = next(iter(rows("stream = %s", (f"entry:{identity}",)))).recorded()
    assert next(iter(first)).data["values"] == {"severity": "minor"}
    assert differences() == 0
    assert verify_values() is None


def test_who_corrected_an_entry_does_not_confirm_it(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "errors", ERROR, unit="o1")
    correct_record(bank.by("bob"), identity, {"severity": "serious"}, "程度认定有误")

    with pytest.raises(Refusal, match=r"records.same_person"):
        confirm_record(bank.by("bob"), identity)


def test_a_void_entry_stays_and_nothing_more_is_done_to_it(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "volumes", VOLUME)

    with pytest.raises(Refusal, match=r"records.no_reason"):
        void_record(bank.by("ann"), identity, " ")
    void_record(bank.by("ann"), identity, "重复登记")

    assert count("volumes") == {"entered": 0, "confirmed": 0, "void": 1}
    for act in (void_record, lambda *given: correct_record(given[0], given[1], VOLUME, given[2])):
        with pytest.raises(Refusal, match=r"records.not_open"):
            act(bank.by("ann"), identity, "重复登记")


def test_one_person_alone_does_not_void_what_two_have_made(bank: Bank) -> None:
    identity = enter_record(bank.by("ann"), "errors", ERROR, unit="o1")
    confirm_record(bank.by("bob"), identity)

    with pytest.raises(Refusal, match=r"records.not_permitted"):
        void_record(bank.by("ann"), identity, "并非差错")
    void_record(bank.by("cat"), identity, "复核后并非差错")

    assert kinds(identity)[-1] == "records.voided"


@pytest.mark.parametrize("act", [confirm_record, lambda *given: void_record(*given, "重复登记")])
def test_there_is_nothing_to_do_to_an_unknown_entry(bank: Bank, act: Any) -> None:
    with pytest.raises(Refusal, match=r"records.no_such_entry"):
        act(bank.by("bob"), "none")


def test_entries_are_found_without_reading_the_whole_table(bank: Bank) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is SQLite's")
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM records_entry WHERE register = %s"
            " AND on_day >= %s ORDER BY on_day, id",
            ("volumes", "2026-01-01"),
        )
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())

    assert "USING" in plan
    assert "SCAN" not in plan


def a_customer(bank: Bank, number: int) -> str:
    values = {
        **invented_customer(Random(number), number, corporate=False),
        "identity_number": f"99000019000101{number:04d}",
    }
    return register_customer(bank.by("system:setup"), values, unit="o1")


def test_what_is_on_record_about_a_customer_is_found_by_an_index(bank: Bank) -> None:
    one, ten = a_customer(bank, 1), a_customer(bank, 10)
    about = {**VOLUME, "customer": one}
    first = enter_record(bank.by("ann"), "volumes", about)
    second = enter_record(bank.by("ann"), "volumes", about)
    other = enter_record(bank.by("ann"), "volumes", {**VOLUME, "customer": ten})
    enter_record(bank.by("ann"), "volumes", VOLUME)
    assert {item.id for item in of_customer("volumes", one)} == {first, second}
    assert of_customer("errors", one) == ()

    correct_record(bank.by("ann"), first, {**VOLUME, "customer": ten}, "客户编号有误")
    void_record(bank.by("ann"), second, "重复登记")
    assert of_customer("volumes", one) == ()
    assert {item.id for item in of_customer("volumes", ten)} == {first, other}
    assert all(table.differences == 0 for table in replay().values())

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN QUERY PLAN SELECT id FROM records_entry WHERE customer = %s"
                " AND register = %s AND state <> 'void' ORDER BY entered_at DESC, id",
                (one, "volumes"),
            )
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "records_entry_customer" in plan


def test_entries_of_before_are_found_by_customer_after_the_migration(bank: Bank) -> None:
    one = a_customer(bank, 1)
    about = enter_record(bank.by("ann"), "volumes", {**VOLUME, "customer": one})
    enter_record(bank.by("ann"), "volumes", VOLUME)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("records", "0001_initial")])
    finally:
        MigrationExecutor(connection).migrate(latest)

    assert [item.id for item in of_customer("volumes", one)] == [about]
    assert all(table.differences == 0 for table in replay().values())
