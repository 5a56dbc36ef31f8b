"""Acts and reads through the API: keys, races, pages, problems, hostile input."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Calling, open_task
from tests.at_once import at_once
from touchstone.journal.queries import journal_size
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.process.actions.machines import run_due
from touchstone.process.queries import task_row
from touchstone.service.signing import key_of, secret_of, signed_headers
from touchstone.simulation.run import Simulation

Holder = Callable[..., str]


def test_the_same_key_does_it_once_and_answers_the_same(calling: Calling, bank: Simulation) -> None:
    caller, task = open_task(calling, bank)
    before = journal_size()[0]
    first = caller.post(f"/tasks/{task['id']}/claim", Idempotency_Key="claim-one-task")
    second = caller.post(f"/tasks/{task['id']}/claim", Idempotency_Key="claim-one-task")
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert journal_size()[0] == before + 1
    receipt = first.json()["receipt"]
    assert receipt["stream"] == f"case:{task['case']}"
    released = caller.post(f"/tasks/{task['id']}/release", Idempotency_Key="claim-one-task")
    assert released.status_code == 200
    assert released.json()["receipt"]["position"] == receipt["position"] + 1


COMPLAINT = {
    "procedure": "complaint",
    "unit": "b11",
    "values": {"channel": "phone", "source": "customer", "subject": "service"},
}


def test_a_case_is_started_once_a_key(calling: Calling, holder: Holder) -> None:
    clerk = calling(holder("acceptance_clerk", "b11"))
    assert clerk.post("/cases", COMPLAINT).status_code == 400
    first = clerk.post("/cases", COMPLAINT, Idempotency_Key="complaint-1")
    again = clerk.post("/cases", COMPLAINT, Idempotency_Key="complaint-1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    case = first.json()["case"]
    shown = clerk.get(f"/cases/{case}").json()
    assert (shown["state"], shown["procedure"], shown["unit"]) == ("open", "complaint", "b11")
    clocks = clerk.get(f"/cases/{case}/clocks").json()
    assert clocks
    assert all(clock["derivation"] and clock["clause"] for clock in clocks)
    entries = clerk.get(f"/cases/{case}/timeline").json()["items"]
    assert entries[-1]["kind"] == "process.case_started"
    other = clerk.post(
        "/cases", {**COMPLAINT, "procedure": "acceptance"}, Idempotency_Key="complaint-1"
    )
    assert (other.status_code, other.json()["code"]) == (422, "api.key_reused")
    new = clerk.post("/cases", COMPLAINT, Idempotency_Key="complaint-2")
    assert new.json()["case"] != case


def test_who_may_not_begin_a_case_does_not(calling: Calling, holder: Holder) -> None:
    before = journal_size()[0]
    for post in ("system_administrator", "president"):
        caller = calling(holder(post))
        before = journal_size()[0]
        answer = caller.post("/cases", COMPLAINT, Idempotency_Key="complaint-3")
        assert answer.status_code == 403, post
        assert journal_size()[0] == before


def test_a_task_is_finished_with_its_form(
    calling: Calling, holder: Holder, bank: Simulation
) -> None:
    clerk = calling(holder("acceptance_clerk", "b11"))
    case = clerk.post("/cases", COMPLAINT, Idempotency_Key="complaint-4").json()["case"]
    run_due(ActContext("system:worker", SystemClock(), SystemChance()))
    staff, task = next(
        (staff, task)
        for staff in (calling(person.id) for person in bank.people.staff)
        for task in staff.get("/tasks", {"limit": 200}).json()
        if task["case"] == case
    )
    path, given = f"/tasks/{task['id']}/complete", {"values": fit(task["form"])}
    assert staff.post(f"/tasks/{task['id']}/claim").status_code == 200
    answer = staff.post(path, given, Idempotency_Key="finish-1")
    again = staff.post(path, given, Idempotency_Key="finish-1")
    assert answer.status_code == 200, answer.content.decode()
    assert again.json() == answer.json()
    assert staff.post(path, given).status_code == 409


def fit(form: dict[str, Any] | None) -> dict[str, Any]:
    """Values that fit the required part of a form."""
    values: dict[str, Any] = {}
    for name in (form or {}).get("required", ()):
        schema = form["properties"][name]  # type: ignore[index]
        if "enum" in schema:
            values[name] = schema["enum"][0]
        elif schema["type"] == "boolean":
            values[name] = True
        elif schema["type"] == "integer":
            values[name] = schema.get("minimum", 1)
        else:
            values[name] = "written at the counter"
    return values


def test_who_comes_second_is_told_409(calling: Calling, bank: Simulation) -> None:
    caller, task = open_task(calling, bank)
    assert caller.post(f"/tasks/{task['id']}/release").status_code == 409
    answer = caller.post(f"/tasks/{task['id']}/release", Accept_Language="en")
    said = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert said["status"] == answer.status_code == 409
    assert said["code"] == "process.task_not_open"
    assert said["type"] == "urn:touchstone:problem:process.task_not_open"
    assert said["title"].endswith("is no longer open")
    assert answer["Content-Language"] == "en"


def test_a_form_that_is_not_right_changes_nothing(calling: Calling, bank: Simulation) -> None:
    caller, task = open_task(calling, bank)
    before = journal_size()[0]
    answer = caller.post(f"/tasks/{task['id']}/complete", {"values": {"no_such_field": "x"}})
    assert answer.status_code == 422
    assert journal_size()[0] == before
    row = task_row(task["id"])
    assert row is not None
    assert row["state"] == "open"


def test_a_page_goes_on_where_the_one_before_ended(calling: Calling, holder: Holder) -> None:
    caller = calling(holder("internal_auditor"))
    whole = [item["id"] for item in caller.get("/cases", {"limit": 200}).json()["items"]]
    assert len(whole) > 12
    read: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(read) < 40:
        query = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        page = caller.get("/cases", query).json()
        read += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert read == whole[: len(read)]
    assert len(set(read)) == len(read)


def test_lists_cost_the_same_whatever_their_length(calling: Calling, bank: Simulation) -> None:
    caller, _ = open_task(calling, bank)
    for path in ("/cases", "/tasks"):
        counts = []
        for limit in (1, 1, 50):
            with CaptureQueriesContext(connection) as queries:
                assert caller.get(path, {"limit": limit}).status_code == 200
            counts.append(len(queries))
        assert counts[1] == counts[2], path


@pytest.mark.parametrize("same_key", [True, False])
def test_of_several_at_once_one_takes_the_task(
    calling: Calling, bank: Simulation, same_key: bool
) -> None:
    caller, task = open_task(calling, bank)
    assert caller.post(f"/tasks/{task['id']}/claim").status_code == 200
    before = journal_size()[0]

    def release(number: int) -> Any:
        key = "release-at-once" if same_key else f"release-at-once-{number}"
        return caller.post(f"/tasks/{task['id']}/release", Idempotency_Key=key)

    answers = at_once([partial(release, number) for number in range(4)])
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == ([200] * 4 if same_key else [200, 409, 409, 409])
    assert journal_size()[0] == before + 1
    if same_key:
        assert len({answer.content.decode() for answer in answers}) == 1


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "W10=", "WzEsMl0=", "bnVsbA==", "WzFlOTk5LCAiYSJd", "é"]
)
def test_a_forged_cursor_is_refused(calling: Calling, holder: Holder, cursor: str) -> None:
    caller = calling(holder("internal_auditor"))
    for path in ("/cases", "/journal/events"):
        answer = caller.get(path, {"cursor": cursor})
        assert answer.status_code == 422, path
        assert answer.json()["code"] == "api.bad_cursor"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"procedure": "loan"}', "application/json", 400),
        (b'{"procedure": "loan", "unit": "b11", "started_by": "p001"}', "application/json", 400),
        (b'{"procedure": "loan", "unit": "b11", "values": {"amount": 1.5}}', "application/json", 422),
        (b'{"procedure": "loan", "unit": "b11", "values": {"a": "\\u0000"}}', "application/json", 422),
        (b'{"procedure": "loan", "unit": "b11", "values": {"a": "\\ud800"}}', "application/json", 422),
        (b'{"procedure": "loan", "unit": "b11", "values": {"a": 99999999999999999999}}', "application/json", 422),
        (b"procedure=loan", "application/x-www-form-urlencoded", 415),
        (b"x" * 300_000, "application/json", 413),
    ],
)  # fmt: skip
def test_hostile_bodies_are_answered(
    calling: Calling, holder: Holder, body: bytes, kind: str, status: int
) -> None:
    caller = calling(holder("acceptance_clerk"))
    before = journal_size()[0]
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": "hostile-1"}
    answer = caller.client.post("/api/v1/cases", body, content_type=kind, headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "code", "clause", "remedy"}
    assert journal_size()[0] == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/cases/..%2F..%2Fetc", 404),
        ("GET", "/api/v1/cases/%00", 400),
        ("PUT", "/api/v1/cases", 405),
        ("GET", "/api/v1/cases?nuber=P03", 400),
        ("GET", "/api/v1/journal/events/case:x/99999999999999999999", 404),
    ],
)
def test_whatever_is_wrong_is_a_problem(
    calling: Calling, holder: Holder, method: str, path: str, status: int
) -> None:
    caller = calling(holder("internal_auditor"))
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.generic(method, path, headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not answer.cookies


def test_an_event_proves_itself(calling: Calling, holder: Holder) -> None:
    auditor = calling(holder("internal_auditor"))
    case = auditor.get("/cases", {"limit": 1}).json()["items"][0]["id"]
    page = auditor.get("/journal/events", {"stream": f"case:{case}"}).json()
    assert page["items"][-1]["position"] == 1
    shown = auditor.get(f"/journal/events/case:{case}/1").json()
    assert shown["holds"] is True
    assert shown["hash"] == shown["recomputed_hash"]
    assert {fact["kind"] for fact in shown["facts"]} >= {"process.case_started"}
    kinds = auditor.get("/journal/events", {"kind": "process.case_started", "limit": 5}).json()
    for item in kinds["items"]:
        assert "process.case_started" in [fact["kind"] for fact in item["facts"]]


def test_sealed_values_never_appear(calling: Calling, holder: Holder, bank: Simulation) -> None:
    auditor = calling(holder("internal_auditor"))
    sealed = 0
    for item in auditor.get("/cases", {"limit": 60}).json()["items"]:
        shown = auditor.get(f"/cases/{item['id']}").json()
        for submission in shown["submissions"]:
            for field in submission["fields"]:
                if field["is_sealed"]:
                    sealed += 1
                    assert field["value"] is None
    assert sealed


def test_receipts_are_signed(bank: Simulation, settings: Any) -> None:
    client = Client(raise_request_exception=False)
    body = json.dumps({"type": "receipt", "message": "0" * 16, "state": "delivered"}).encode()

    def send(headers: dict[str, str]) -> Any:
        return client.post(
            "/api/v1/receipts", body, content_type="application/json", headers=headers
        )

    settings.GATEWAY = {"url": "", "secret": "", "authorities": ""}
    assert send({}).status_code == 404
    secret = secret_of(b"k" * 32)
    settings.GATEWAY = {"url": "https://example.com", "secret": secret, "authorities": ""}
    assert send({}).status_code == 401
    headers = signed_headers(key_of(secret), "r1", body, SystemClock().now())
    assert send({**headers, "webhook-signature": "v1,AAAA"}).status_code == 401
    answer = send(headers)
    assert answer.status_code == 404
    assert answer.json()["code"] == "service.no_such_message"


def test_the_reference_page_names_every_endpoint_in_both_languages(bank: Simulation) -> None:
    from touchstone.api.build import document
    from touchstone.api.reference import TITLES

    operations = [item for methods in document()["paths"].values() for item in methods.values()]
    assert {item["operationId"] for item in operations} == set(TITLES)
    client = Client()
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.")
    for language, title in (("zh", "试金石接口文档"), ("en", "Touchstone API reference")):
        page = client.get("/api/docs", {"lang": language})
        text = page.content.decode()
        assert page.status_code == 200
        assert title in text
        assert "unsafe" not in page["Content-Security-Policy"]
        assert "style=" not in text
        for path in document()["paths"]:
            assert path in text


def test_what_a_borrower_has_taken_up_of_limits_adds_up(calling: Calling, holder: Holder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.unit FROM limits_exposure e JOIN records_customer c ON c.id = e.subject"
            " WHERE e.limit_id = 'single_borrower' AND (e.reserved <> '0' OR e.used <> '0')"
            " AND c.unit IN ('b11', 'b31') ORDER BY c.id LIMIT 1"
        )
        borrower, unit = cursor.fetchone()
    other = {"b11": "b31", "b31": "b11"}[unit]

    found = calling(holder("account_manager", unit)).get(f"/customers/{borrower}/limits")
    elsewhere = calling(holder("account_manager", other)).get(f"/customers/{borrower}/limits")

    (row,) = [item for item in found.json()["items"] if item["limit"] == "single_borrower"]
    amounts = {
        name: Decimal(row[name]["amount"]) for name in ("ceiling", "used", "reserved", "free")
    }
    assert row["clause"] == "CPL-02"
    assert amounts["used"] + amounts["reserved"] > 0
    assert amounts["free"] == amounts["ceiling"] - amounts["used"] - amounts["reserved"]
    assert elsewhere.status_code == 404
