"""Limits taken up by cases: reserved, used and given back in the acts that decide, never overshot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from tests.at_once import at_once
from tests.process.small_bank import SmallBank, found_small_bank, holds, refused
from tests.process.small_pack import OPINION, bpmn, parameter, procedure, step, user, write_pack
from touchstone.decisions.limits.actions import Claim, claim_on, lapse, reserve
from touchstone.decisions.limits.definition import Scope
from touchstone.decisions.limits.queries import broken_exposures, exposures_of
from touchstone.identity.actions import grant_post
from touchstone.journal.reading import rows
from touchstone.journal.unit_of_work import AlreadyDone, perform
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.process.actions.cases import start_case, withdraw_case
from touchstone.process.actions.tasks import complete_task, send_back
from touchstone.records.actions.customers import register_customer
from touchstone.simulation.customers import invented_customer

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

ORDER = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {
            "type": ["string", "integer"],
            "minimum": 1,
            "x-currency": "CNY",
            "x-title": {"zh": "金额", "en": "Amount"},
        },
        "product": {"type": "string", "x-open": True, "x-title": {"zh": "产品", "en": "Product"}},
    },
    "additionalProperties": False,
}
LIMITS = """limits:
  - {limit: whole, amount: amount, when: 'opinion = "approve"', reserve: [approve], use: [pay], release: [settle], lapses: credit.validity}
  - {limit: clerk_day, amount: amount, reserve: [prepare], use: [pay]}
  - {limit: product_year, amount: amount, subject: product, when: "product != null", reserve: [approve]}
  - {limit: single, amount: amount, reserve: [prepare]}
"""


def _limit(scope: str, amount: str, clause: str = "APR-03", per: str = "") -> str:
    span = f"per: {per}\n" if per else ""
    return (
        f"title: {{zh: {scope}限额, en: Limit of the {scope}}}\nclause: {clause}\nscope: {scope}\n"
        f"{span}currency: CNY\namount: {{{amount}}}\n"
    )


def credit_files() -> dict[str, str]:
    """The procedure ``credit`` and four limits, one of each scope."""
    steps = step("prepare", "clerk") + step("approve", "approver")
    steps = steps.replace("    clause: APR-01\n", "    clause: APR-01\n    back_to: [prepare]\n")
    steps = steps.replace("    back_to: [prepare]\n", "", 1)
    steps += step("pay", "clerk") + step("settle", "clerk")
    text = procedure("P91", "credit", steps, LIMITS)
    text = text.replace(
        "start: {form: opinion, posts: [clerk]}",
        "start: {form: order, posts: [clerk], customer: true}",
    )
    return {
        "procedures/credit/procedure.yaml": text,
        "procedures/credit/credit.bpmn": bpmn(
            "credit", user("prepare"), user("approve"), user("pay"), user("settle")
        ),
        "procedures/credit/forms/order.schema.json": json.dumps(ORDER, ensure_ascii=False),
        "procedures/credit/forms/opinion.schema.json": json.dumps(OPINION, ensure_ascii=False),
        "limits/whole.yaml": _limit("customer", "parameter: credit.capital, share: credit.share"),
        "limits/clerk_day.yaml": _limit("person", "parameter: credit.clerk_day", per="day"),
        "limits/product_year.yaml": _limit("product", "parameter: credit.product", per="year"),
        "limits/single.yaml": _limit("act", "parameter: credit.single", "APR-04"),
        "parameters/credit/capital.yaml": parameter("CNY", "10000", "APR-03"),
        "parameters/credit/share.yaml": parameter("percent", "10", "APR-03"),
        "parameters/credit/clerk_day.yaml": parameter("CNY", "3000", "APR-03"),
        "parameters/credit/product.yaml": parameter("CNY", "1500", "APR-03"),
        "parameters/credit/single.yaml": parameter("CNY", "900", "APR-04"),
        "parameters/credit/validity.yaml": parameter("limit", "10d", "APR-03"),
    }


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "pack", credit_files())


@pytest.fixture
def customer(bank: SmallBank) -> str:
    return known_customer(bank, 1)


def known_customer(bank: SmallBank, number: int) -> str:
    values = invented_customer(Random(number), number, corporate=False)
    return register_customer(bank.by("system:setup"), values, unit="o1")


def begin(bank: SmallBank, customer: str, amount: str, **more: str) -> str:
    values = {"amount": amount, **more}
    return start_case(bank.by("ann"), "credit", unit="o1", values=values, customer=customer)


def approved(bank: SmallBank, customer: str, amount: str, **more: str) -> str:
    case = begin(bank, customer, amount, **more)
    bank.complete(case, "prepare", "ann")
    bank.complete(case, "approve", "bob")
    return case


def taken(bank: SmallBank, subject: str, scope: Scope = "customer") -> list[tuple[str, str, str]]:
    """(reserved, used, free) of every limit of the subject today."""
    found = exposures_of(subject, scope, day_of(bank.clock.now()))
    return [(f"{item.reserved}", f"{item.used}", f"{item.free}") for item in found]


def all_is_well() -> bool:
    return holds() and list(broken_exposures()) == []


def test_a_limit_is_reserved_then_used_then_given_back(bank: SmallBank, customer: str) -> None:
    case = begin(bank, customer, "600.50")
    bank.complete(case, "prepare", "ann")
    assert taken(bank, customer) == []
    bank.complete(case, "approve", "bob")
    assert taken(bank, customer) == [("600.50", "0", "399.50")]
    bank.complete(case, "pay", "ann")
    assert taken(bank, customer) == [("0.00", "600.50", "399.50")]
    bank.complete(case, "settle", "ann")

    assert taken(bank, customer) == []
    assert taken(bank, "ann", "person") == [("0.00", "600.50", "2399.50")]  # the day's work stays
    assert all_is_well()


def test_an_overshoot_is_refused_with_what_is_left_and_its_clause(
    bank: SmallBank, customer: str
) -> None:
    approved(bank, customer, "700")
    second = begin(bank, customer, "400")
    bank.complete(second, "prepare", "ann")

    with pytest.raises(Refusal) as caught:
        bank.complete(second, "approve", "bob")

    refusal = caught.value
    assert (refusal.code, refusal.clause) == ("limits.over_limit", "APR-03")
    assert "300.00 is left and this act needs 400.00" in refusal.text.en
    assert "尚余 300.00" in refusal.text.zh
    assert refusal.remedy is not None
    assert taken(bank, customer) == [("700", "0", "300")]
    assert bank.task(second, "approve")
    told = [
        fact.data
        for row in rows("stream = %s", (f"case:{second}",))
        for fact in row.recorded()
        if fact.kind == "process.act_refused"
    ]
    assert [(item["code"], item["clause"]) for item in told] == [("limits.over_limit", "APR-03")]
    assert all_is_well()


def test_a_rejection_takes_up_nothing(bank: SmallBank, customer: str) -> None:
    case = begin(bank, customer, "600")
    bank.complete(case, "prepare", "ann")
    bank.complete(case, "approve", "bob", opinion="reject")

    assert taken(bank, customer) == []


def test_what_a_withdrawn_case_reserved_is_free_again(bank: SmallBank, customer: str) -> None:
    case = approved(bank, customer, "900")
    with refused("limits.over_limit"):
        approved(bank, customer, "200")
    withdraw_case(bank.by("oli"), case, "客户不再需要")

    assert taken(bank, customer) == []
    approved(bank, customer, "200")
    assert all_is_well()


def test_a_single_act_above_its_limit_is_refused_and_recorded_nowhere(
    bank: SmallBank, customer: str
) -> None:
    case = begin(bank, customer, "900.01")

    with refused("limits.over_limit"):
        bank.complete(case, "prepare", "ann")

    assert list(rows("stream LIKE 'limit:%%'")) == []


def test_a_person_has_a_limit_for_each_day_of_the_institution(bank: SmallBank) -> None:
    for number in range(3):
        case = begin(bank, known_customer(bank, number), "900")
        bank.complete(case, "prepare", "ann")
    late = begin(bank, known_customer(bank, 9), "301")
    with refused("limits.over_limit"):
        bank.complete(late, "prepare", "ann")
    bank.at("03-02", "23:59")
    with refused("limits.over_limit"):
        bank.complete(late, "prepare", "ann")
    bank.at("03-03", "00:00")
    bank.complete(late, "prepare", "ann")

    assert taken(bank, "ann", "person") == [("301", "0", "2699")]
    assert all_is_well()


def test_what_is_sent_back_and_done_again_counts_once_and_on_the_new_day(
    bank: SmallBank, customer: str
) -> None:
    case = begin(bank, customer, "800")
    bank.complete(case, "prepare", "ann")
    send_back(bank.by("bob"), bank.task(case, "approve"), "prepare", "请补充材料")
    bank.complete(case, "prepare", "ann")
    assert taken(bank, "ann", "person") == [("800", "0", "2200")]
    send_back(bank.by("bob"), bank.task(case, "approve"), "prepare", "再补充材料")
    bank.at("03-03")
    bank.complete(case, "prepare", "ann")

    assert taken(bank, "ann", "person") == [("800", "0", "2200")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT period, reserved FROM limits_exposure ORDER BY period")
        assert cursor.fetchall() == [("2026-03-02", "0"), ("2026-03-03", "800")]
    assert all_is_well()


def test_a_product_has_a_limit_over_all_customers(bank: SmallBank) -> None:
    approved(bank, known_customer(bank, 1), "800", product="wealth-1")
    with refused("limits.over_limit"):
        approved(bank, known_customer(bank, 2), "701", product="wealth-1")
    approved(bank, known_customer(bank, 3), "701", product="wealth-2")

    assert taken(bank, "wealth-1", "product") == [("800", "0", "700")]
    assert all_is_well()


def test_a_reservation_lapses_and_using_it_later_asks_again(bank: SmallBank, customer: str) -> None:
    case = approved(bank, customer, "700")
    bank.at("03-12", "23:59")
    assert lapse(bank.by("system:worker")) == 0
    bank.at("03-13", "00:00")
    assert lapse(bank.by("system:worker")) == 1
    assert lapse(bank.by("system:worker")) == 0
    assert taken(bank, customer) == []
    other = approved(bank, customer, "400")
    with refused("limits.over_limit"):
        bank.complete(case, "pay", "ann")
    withdraw_case(bank.by("oli"), other, "客户不再需要")
    bank.complete(case, "pay", "ann")

    assert taken(bank, customer) == [("0", "700", "300")]
    assert all_is_well()


def test_what_one_clerk_reserved_is_used_as_his_whoever_pays(
    bank: SmallBank, customer: str
) -> None:
    grant_post(bank.by("system:setup"), "sue", "clerk", "o1")
    case = approved(bank, customer, "700")
    bank.complete(case, "pay", "sue")

    assert taken(bank, "ann", "person") == [("0", "700", "2300")]
    assert taken(bank, "sue", "person") == []
    assert all_is_well()


def test_another_product_frees_the_first(bank: SmallBank, customer: str) -> None:
    for product in ("wealth-1", "wealth-2"):
        day, version = day_of(bank.clock.now()), catalogue().version
        take(
            bank,
            claim_on("product_year", content=version, subject=product, holder="c1", day=day),
            Decimal(500),
        )

    assert taken(bank, "wealth-1", "product") == []
    assert taken(bank, "wealth-2", "product") == [("500", "0", "1000")]


def test_the_same_request_reserves_once(bank: SmallBank, customer: str) -> None:
    case = begin(bank, customer, "500")
    bank.complete(case, "prepare", "ann")
    task = bank.task(case, "approve")
    complete_task(bank.by("bob", "once"), task, {"opinion": "approve"})
    with pytest.raises(AlreadyDone):
        complete_task(bank.by("bob", "once"), task, {"opinion": "approve"})

    assert taken(bank, customer) == [("500", "0", "500")]


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(bank: SmallBank, customer: str, amount: str) -> None:
    with refused("limits.no_amount"):
        take(bank, claim(bank, customer, "c1"), Decimal(amount))

    assert list(rows("stream LIKE 'limit:%%'")) == []


def claim(bank: SmallBank, subject: str, holder: str) -> Claim:
    day, version = day_of(bank.clock.now()), catalogue().version
    return claim_on("whole", content=version, subject=subject, holder=holder, day=day)


def take(bank: SmallBank, claimed: Claim, amount: Decimal, seed: int = 0) -> None:
    context = replace(bank.by("ann"), chance=SeededChance(seed))
    perform("test.reserve", context, lambda unit: reserve(unit, claimed, amount))


def codes(found: list[Refusal | None]) -> list[str]:
    return sorted(item.code if isinstance(item, Refusal) else "" for item in found)


def test_sixteen_clients_at_once_never_overshoot(bank: SmallBank, customer: str) -> None:
    def work(number: int) -> Callable[[], None]:
        claimed = claim(bank, customer, f"c{number}")
        return lambda: take(bank, claimed, Decimal(65), number)

    raised = at_once([work(number) for number in range(16)])

    assert codes(raised) == [""] * 15 + ["limits.over_limit"]
    assert taken(bank, customer) == [("975", "0", "25")]
    assert all_is_well()


def test_sixteen_cases_approved_at_once_share_what_there_is(bank: SmallBank, customer: str) -> None:
    tasks = []
    for _ in range(16):
        case = begin(bank, customer, "150")
        bank.complete(case, "prepare", "ann")
        tasks.append(bank.task(case, "approve"))

    def work(number: int) -> Callable[[], None]:
        context = replace(bank.by("bob"), chance=SeededChance(number))
        return lambda: complete_task(context, tasks[number], {"opinion": "approve"})

    raised = at_once([work(number) for number in range(16)])

    assert codes(raised) == [""] * 6 + ["limits.over_limit"] * 10
    assert taken(bank, customer) == [("900", "0", "100")]
    assert all_is_well()


@pytest.mark.parametrize(
    ("file", "was", "becomes", "code"),
    [
        ("limits/whole.yaml", "clause: APR-03", "clause: APR-99", "limits.no_clause"),
        ("limits/whole.yaml", "credit.capital", "credit.nothing", "limits.no_parameter"),
        ("limits/whole.yaml", "currency: CNY", "currency: USD", "limits.other_unit"),
        ("limits/whole.yaml", "share: credit.share", "share: credit.capital", "limits.other_unit"),
        ("limits/single.yaml", "scope: act", "scope: act\nper: day", "limits.act_without_span"),
        ("limits/whole.yaml", "scope: customer", "scope: everybody", "packs.schema"),
        ("procedures/credit/procedure.yaml", "limit: whole", "limit: half", "process.no_limit"),
        ("procedures/credit/procedure.yaml", "use: [pay]", "use: [later]", "process.no_element"),
        ("procedures/credit/procedure.yaml", "use: [pay]", "use: [start]", "process.not_a_task"),
        ("procedures/credit/procedure.yaml", "subject: product, ", "", "process.no_subject"),
        ("procedures/credit/procedure.yaml", ", customer: true", "", "process.no_subject"),
        ("procedures/credit/procedure.yaml", "credit.validity", "credit.share", "process.not_a_limit"),
        ("procedures/credit/procedure.yaml", "when: 'opinion", "when: 'opinions", "feel.unknown_name"),
        ("procedures/credit/forms/order.schema.json", "CNY", "EUR", "process.other_currency"),
    ],
)  # fmt: skip
def test_a_limit_that_cannot_be_kept_is_no_content(
    tmp_path: Path, file: str, was: str, becomes: str, code: str
) -> None:
    files = credit_files()
    assert was in files[file]
    files[file] = files[file].replace(was, becomes, 1)

    found = {problem.code for problem in lint(read(write_pack(tmp_path, files)))}

    assert code in found
