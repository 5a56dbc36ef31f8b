"""A loan's page and file tell which rule decided and why, in both languages; the API gives the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from touchstone.process.casefile import read_casefile, verify_casefile
from touchstone.process.course import read_course
from touchstone.simulation.run import Simulation

pytestmark = pytest.mark.django_db(transaction=True)


def a_loan() -> str:
    """A case in which the authority over a loan was decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM process_decision WHERE decision = 'loan_authority' ORDER BY id"
        )
        return str(cursor.fetchone()[0])


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_and_the_file_say_which_rule_decided_and_why(
    bank: Simulation, as_person: Callable[..., Client]
) -> None:
    case = a_loan()
    course = read_course(case, now=bank.clock.now())
    client = as_person(next(iter(course.case["actors"])))
    made = {item.decision: item for item in course.decisions}
    assert made.keys() >= {"credit_score", "loan_terms", "loan_authority"}
    authority = made["loan_authority"]
    (rule,) = authority.rules

    page = client.get(f"/cases/{case}/").content.decode()
    chinese = text_of(page)
    assert "判定与依据" in chinese
    assert rule.why.zh in chinese
    assert authority.outputs[0].text.zh in chinese
    assert 'href="/standard/clauses/CRD-04/"' in page
    assert 'href="/standard/decisions/loan_authority/"' in page
    client.post("/language/", {"language": "en", "next": "/"})
    english = text_of(client.get(f"/cases/{case}/").content.decode())
    assert "Decisions and why" in english
    assert rule.why.en in english
    assert "Authority to approve a loan" in english
    assert rule.why.en in text_of(client.get(f"/cases/{case}/print/").content.decode())


def test_the_file_of_a_case_tells_its_decisions_and_is_verified_with_them(
    bank: Simulation,
) -> None:
    file: dict[str, Any] = read_casefile(a_loan(), now=bank.clock.now())

    assert verify_casefile(file).ok
    told = next(item for item in file["decisions"] if item["decision"] == "loan_authority")
    assert "parameter(" in told["rules"][0]["conditions"][0]["written"]
    told["outputs"][0]["value"] = "outlet" if told["outputs"][0]["value"] != "outlet" else "branch"
    assert not verify_casefile(file).ok
