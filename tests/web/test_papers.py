"""What a called case was called for, its papers opened on record, and who did a step before told so."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import connection
from django.test import Client

from tests.web.test_portal import (
    TO_PAY_OUT,
    Counter,
    applied,
    client,
    counter,
    paper,
    rows_of,
    see,
    who,
)

__all__ = ["client", "counter", "who"]
LogIn = Callable[[str], Client]
Holder = Callable[..., str]


def called_by(case: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case WHERE caller_case = %s", (case,))
        return str(cursor.fetchone()[0])


def test_acceptance_sees_the_application_and_opens_its_papers(
    client: Client, counter: Counter, as_person: LogIn, holder: Holder
) -> None:
    case = applied(client, counter, **{"_evidence.income_proof": paper()})
    inner = called_by(case)
    clerk = as_person(holder("acceptance_clerk", "b31"))
    stranger = as_person(holder("acceptance_clerk", "b11"))
    page = see(clerk, f"/cases/{inner}/")
    digest = re.search(r'name="sha256" value="(\w+)"', page)
    assert digest
    sent = {"of": case, "sha256": digest[1], "reason": "办理本环节需要"}
    address = f"/cases/{inner}/papers/"

    opened = clerk.post(address, sent)

    assert "客户的申请" in page
    assert "80,000" in page
    assert (opened.status_code, opened.content) == (200, b"twelve payslips")
    assert opened.headers["Content-Disposition"].startswith("attachment")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert stranger.post(address, sent).status_code == 404
    assert client.post(address, sent).status_code == 404
    assert clerk.post(address, {**sent, "reason": ""}).status_code == 422
    assert clerk.post(address, {**sent, "sha256": "0" * 64}).status_code == 422
    other = applied(client, counter, amount="90000")
    assert clerk.post(address, {**sent, "of": other}).status_code == 404


def test_the_first_reviewer_is_told_why_the_second_review_is_not_his(
    client: Client, counter: Counter, as_person: LogIn
) -> None:
    case = applied(client, counter)
    for element, values, evidence, _ in TO_PAY_OUT:
        if element == "second_review":
            break
        reviewer = counter.do(case, element, values, evidence)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_task WHERE case_id = %s AND state = 'open'", (case,))
        task = cursor.fetchone()[0]
    person = as_person(reviewer)
    before = [item.kind for item in rows_of(case)]

    page = see(person, f"/cases/{case}/")
    answers = [
        person.post(f"/cases/{case}/tasks/{task}/{act}/", {"opinion": "approve"})
        for act in ("claim", "complete")
    ]

    for shown in (page, *(item.content.decode() for item in answers)):
        for said in (
            "同一人不得既办理「初审」又办理本环节",
            "CRD-04",
            "process.same_person",
            "另一位有权人员",
        ):
            assert said in shown
    assert [item.status_code for item in answers] == [422, 422]
    after = [item.kind for item in rows_of(case)]
    assert after == [*before, "process.act_refused", "process.act_refused"]
