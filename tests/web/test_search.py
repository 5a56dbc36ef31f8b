"""The search: grouped, only what the visitor may know of, and no personal number from the address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]


def a_case(unit: str) -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, customer FROM process_case WHERE unit = %s AND procedure = 'loan'"
            " ORDER BY id LIMIT 1",
            (unit,),
        )
        found: tuple[str, str] = cursor.fetchone()
        return found


@pytest.fixture
def clerk(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("acceptance_clerk", "b11"))


def test_a_case_is_found_by_the_beginning_of_its_number_within_sight(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    number, _ = a_case("b11")
    manager = as_person(holder("account_manager", "b11"))
    elsewhere = as_person(holder("account_manager", "b21"))
    auditor = as_person(holder("internal_auditor"))

    for asked in (number, number.lower(), number[:10]):
        assert number in manager.get(f"/search/?q={asked}").content.decode()
    assert "没有找到" in elsewhere.get(f"/search/?q={number}").content.decode()
    assert f">{number}</a>" in auditor.get(f"/search/?q={number}").content.decode()


def test_clauses_are_found_by_id_and_by_words_of_both_languages(clerk: Client) -> None:
    assert "ACP-06" in clerk.get("/search/?q=acp-06").content.decode()
    assert "CMP-" in clerk.get("/search/?q=投诉").content.decode()
    assert "CMP-" in clerk.get("/search/?q=complaint&lang=en").content.decode()
    assert "parameter:" not in clerk.get("/search/?q=投诉").content.decode()


def test_procedures_indicators_and_registers_are_found(clerk: Client) -> None:
    page = clerk.get("/search/?q=投诉").content.decode()

    assert "P06" in page
    assert "K02" in page
    assert "操作差错登记簿" in clerk.get("/search/?q=操作差错").content.decode()


def test_people_are_found_by_whoever_reads_people(
    as_person: LogIn, holder: Holder, clerk: Client
) -> None:
    person = holder("branch_head", "b1")
    auditor = as_person(holder("internal_auditor"))

    assert f"{person}</" in auditor.get(f"/search/?q={person}").content.decode()
    assert "没有找到" in clerk.get(f"/search/?q={person}").content.decode()


def test_a_customer_is_found_by_his_id_alone_and_only_by_who_may(
    bank: Simulation, as_person: LogIn, holder: Holder, clerk: Client
) -> None:
    _, customer = a_case("b11")
    head = as_person(holder("branch_head", "b1"))

    assert f"/customers/{customer}/" in clerk.get(f"/search/?q={customer}").content.decode()
    assert f"/customers/{customer}/" not in head.get(f"/search/?q={customer}").content.decode()


@pytest.mark.parametrize("number", ["990000199001010000", "99000019900101000X", "10012345678"])
def test_what_looks_like_a_persons_number_is_not_looked_for(clerk: Client, number: str) -> None:
    page = clerk.get("/search/", {"q": number}).content.decode()
    main = page[page.index("<main") :]

    assert "不在这里查找" in main
    assert number not in main


def test_what_is_typed_is_shown_as_text(clerk: Client) -> None:
    page = clerk.get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page
    assert clerk.get("/search/", {"q": "%_'\"\\"}).status_code == 200
    assert clerk.get("/search/").status_code == 200


def test_the_search_is_for_staff(bank: Simulation, as_person: LogIn) -> None:
    assert as_person("customer:x").get("/search/?q=投诉").status_code == 404
    assert Client().get("/search/?q=投诉").status_code == 302
