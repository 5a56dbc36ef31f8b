"""Customers' pages: found by exact keys alone, masked, shown for a reason, changed and erased by who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.journal.reading import rows, stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.records.actions.customers import change_customer, register_customer
from touchstone.records.queries import Customer, customer
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
NUMBER, TELEPHONE = "990000199001010000", "100 1234-5678"
VALUES = {
    "kind": "personal",
    "risk_grade": "low",
    "name": "欧阳明<b>",
    "identity_number": NUMBER,
    "telephone": TELEPHONE,
}


@pytest.fixture
def clerk(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("acceptance_clerk", "b11"))


@pytest.fixture
def known(bank: Simulation, holder: Holder, context: ActContext) -> Customer:
    acting = acting_as(context, holder("acceptance_clerk", "b11"))
    found = customer(register_customer(acting, VALUES, unit="b11"))
    assert found is not None
    return found


def acting_as(context: ActContext, person: str) -> ActContext:
    """The person now; by a chance that is not the simulation's."""
    return replace(context, actor=person, clock=SystemClock(), chance=SystemChance())


def with_cases() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer FROM process_case WHERE unit = 'b11' AND customer IS NOT NULL"
            " GROUP BY customer ORDER BY count(*) DESC, customer LIMIT 1"
        )
        return str(cursor.fetchone()[0])


def test_a_customer_is_found_by_his_whole_number_or_telephone_and_by_nothing_less(
    clerk: Client, known: Customer
) -> None:
    page = f"/customers/{known.id}/"

    assert clerk.post("/customers/", {"identity_number": NUMBER}).headers["Location"] == page
    assert clerk.post("/customers/", {"telephone": "+86 10012345678"}).headers["Location"] == page
    for asked in ({"identity_number": NUMBER[:-1]}, {"telephone": "1001234"}, {}):
        answer = clerk.post("/customers/", asked)
        assert answer.status_code == 200
        assert known.id not in answer.content.decode()
    assert "没有登记这个号码" in clerk.post("/customers/", {"telephone": "1"}).content.decode()


def test_a_shared_telephone_lists_masked_names(
    clerk: Client, known: Customer, context: ActContext, holder: Holder
) -> None:
    acting = acting_as(context, holder("acceptance_clerk", "b11"))
    other = {**VALUES, "name": "欧阳静", "identity_number": "990000199001010001"}
    second = register_customer(acting, other, unit="b11")

    page = clerk.post("/customers/", {"telephone": TELEPHONE}).content.decode()

    assert known.id in page
    assert second in page
    assert "欧阳" not in page
    assert "欧*" in page


def test_a_changed_telephone_is_found_anew_and_the_old_one_no_more(
    clerk: Client, known: Customer, context: ActContext, holder: Holder
) -> None:
    acting = acting_as(context, holder("acceptance_clerk", "b11"))
    change_customer(acting, known.id, {"telephone": "10099999999"})

    assert clerk.post("/customers/", {"telephone": TELEPHONE}).status_code == 200
    assert clerk.post("/customers/", {"telephone": "10099999999"}).status_code == 302


def test_the_page_masks_and_shows_one_field_once_for_a_reason(
    clerk: Client, known: Customer
) -> None:
    page = clerk.get(f"/customers/{known.id}/").content.decode()
    assert "990***********0000" in page
    assert NUMBER not in page
    address = f"/customers/{known.id}/show/"

    refused = clerk.post(address, {"field": "name", "reason": " ", "key": "k" * 20})
    shown = clerk.post(address, {"field": "name", "reason": "客户来电核对", "key": "l" * 20})
    again = clerk.post(address, {"field": "name", "reason": "客户来电核对", "key": "l" * 20})

    assert refused.status_code == 422
    assert "欧阳明" not in refused.content.decode()
    assert "欧阳明&lt;b&gt;" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    assert again.status_code == 302
    [row] = stream_rows(f"subject:{known.id}")
    assert next(row.recorded()).data["reason"] == "客户来电核对"


def test_whoever_may_find_but_not_see_sees_masks_only(
    as_person: LogIn, holder: Holder, known: Customer
) -> None:
    agent = as_person(holder("service_agent"))
    page = agent.get(f"/customers/{known.id}/").content.decode()
    answer = agent.post(f"/customers/{known.id}/show/", {"field": "name", "reason": "想看一下"})

    assert "您的岗位只能看到掩码" in page
    assert answer.status_code == 403
    assert list(stream_rows(f"subject:{known.id}")) == []


@pytest.mark.parametrize(
    ("address", "allowed", "refused"),
    [
        ("", ("acceptance_clerk", "service_agent"), ("branch_head", "quality_officer")),
        ("register/", ("acceptance_clerk", "account_manager"), ("service_agent", "branch_head")),
        ("{id}/", ("acceptance_clerk", "compliance_officer"), ("credit_first_reviewer",)),
        ("{id}/change/", ("acceptance_clerk", "account_manager"), ("service_agent",)),
        ("erase/", ("security_administrator",), ("acceptance_clerk", "system_administrator")),
    ],
)
def test_each_page_is_for_its_posts(
    as_person: LogIn,
    holder: Holder,
    known: Customer,
    address: str,
    allowed: tuple[str, ...],
    refused: tuple[str, ...],
) -> None:
    place = f"/customers/{address.format(id=known.id)}"
    for post in allowed:
        assert as_person(holder(post)).get(place).status_code == 200, post
    for post in refused:
        assert as_person(holder(post)).get(place).status_code == 403, post
    assert as_person(f"customer:{known.id}").get(place).status_code == 404
    assert Client().get(place).status_code == 302


def test_a_customer_nobody_knows_does_not_exist(clerk: Client) -> None:
    assert clerk.get("/customers/nobody/").status_code == 404
    assert clerk.post("/customers/nobody/show/", {}).status_code == 404


def test_only_cases_that_the_visitor_may_see_are_listed(
    bank: Simulation, as_person: LogIn, holder: Holder, clerk: Client
) -> None:
    one = with_cases()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM process_case WHERE customer = %s", (one,))
        numbers = {row[0] for row in cursor.fetchall()}

    here = clerk.get(f"/customers/{one}/").content.decode()
    elsewhere = as_person(holder("acceptance_clerk", "b21")).get(f"/customers/{one}/")

    assert any(number in here for number in numbers)
    assert not any(number in elsewhere.content.decode() for number in numbers)


def test_registering_keeps_what_was_typed_and_says_what_is_wrong(clerk: Client) -> None:
    sent = {"key": "r" * 20, "unit": "b11", "kind": "personal", "name": "欧阳明"}
    wrong = clerk.post("/customers/register/", sent)
    right = clerk.post(
        "/customers/register/", {**sent, "risk_grade": "low", "identity_number": NUMBER}
    )
    twice = clerk.post(
        "/customers/register/",
        {**sent, "risk_grade": "low", "identity_number": NUMBER, "key": "s" * 20},
    )
    elsewhere = clerk.post(
        "/customers/register/",
        {**sent, "risk_grade": "low", "identity_number": "9900001", "unit": "b21", "key": "t" * 20},
    )

    assert wrong.status_code == 422
    assert "欧阳明" in wrong.content.decode()
    assert right.status_code == 302
    assert twice.status_code == 422
    assert "已登记" in twice.content.decode()
    assert elsewhere.status_code == 403
    assert NUMBER not in "".join(row.payload for row in rows())


def test_changing_sends_only_what_differs(clerk: Client, known: Customer) -> None:
    address = f"/customers/{known.id}/change/"
    nothing = clerk.post(
        address, {"key": "c" * 20, "unit": "b11", "risk_grade": "low", "is_vulnerable": "false"}
    )
    something = clerk.post(
        address, {"key": "d" * 20, "unit": "b11", "risk_grade": "high", "is_vulnerable": "false"}
    )

    assert nothing.status_code == 422
    assert something.status_code == 302
    changed = list(stream_rows(f"customer:{known.id}"))[-1]
    assert next(changed.recorded()).data == {"set": {"risk_grade": "high"}}


def test_erasing_is_the_security_administrators_and_for_good(
    as_person: LogIn, holder: Holder, known: Customer, clerk: Client
) -> None:
    security = as_person(holder("security_administrator"))
    asked = {"customer": known.id, "reason": "客户书面要求删除", "key": "e" * 20}
    assert clerk.post("/customers/erase/", asked).status_code == 403
    busy = security.post("/customers/erase/", {**asked, "customer": "none", "key": "f" * 20})
    gone = security.post("/customers/erase/", asked)

    assert busy.status_code == 422
    assert gone.status_code == 302
    page = clerk.get(f"/customers/{known.id}/").content.decode()
    assert "密钥已销毁" in page
    assert clerk.post("/customers/", {"telephone": TELEPHONE}).status_code == 200


def test_a_full_page_asks_no_more_than_a_bare_one(clerk: Client, known: Customer) -> None:
    full = with_cases()
    clerk.get(f"/customers/{full}/")
    counts = []
    for identity in (known.id, full):
        with CaptureQueriesContext(connection) as captured:
            clerk.get(f"/customers/{identity}/")
        counts.append(len(captured))

    assert counts[1] <= counts[0] + 6
    assert counts[1] <= 22


def test_what_he_has_taken_up_of_limits_is_shown_to_who_lends_and_to_nobody_else(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, e.reserved, e.used FROM limits_exposure e"
            " JOIN records_customer c ON c.id = e.subject WHERE e.limit_id = 'single_borrower'"
            " AND c.unit = 'b11' AND (e.reserved <> '0' OR e.used <> '0') ORDER BY c.id LIMIT 1"
        )
        borrower, reserved, used = cursor.fetchone()
    manager = as_person(holder("account_manager", "b11"))
    page = manager.get(f"/customers/{borrower}/").content.decode()
    agent = as_person(holder("service_agent", "head"))

    assert "单一借款人限额" in page
    for amount in (reserved, used):
        assert f"¥{Decimal(amount):,.2f}" in page
    assert f"¥{200_000_000 - Decimal(reserved) - Decimal(used):,.2f}" in page
    seen = agent.get(f"/customers/{borrower}/")
    assert seen.status_code == 200
    assert "单一借款人限额" not in seen.content.decode()
