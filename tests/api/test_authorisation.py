"""Every endpoint: without a token, without its scope, by posts that may and posts that may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Caller, Calling
from touchstone.api import urls
from touchstone.api.build import document
from touchstone.identity.tokens import SCOPES
from touchstone.simulation.run import Simulation

Holder = Callable[..., str]
KEY = {"Idempotency_Key": "authorisation-1"}
OPERATIONS = [
    (method, path, operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
]
SCOPED = [item for item in OPERATIONS if "x-scope" in item[2]]
BODIES: dict[str, Any] = {
    "/api/v1/cases": {"procedure": "loan", "unit": "b11", "values": {}},
    "/api/v1/tasks/{task}/complete": {"values": {}},
    "/api/v1/tasks/{task}/send-back": {"to": "Task_A", "reason": "not complete"},
    "/api/v1/webhooks/subscriptions": {
        "url": "https://example.com/hook",
        "kinds": ["process.case_started"],
    },
}


def call(caller: Caller, method: str, path: str, **names: str) -> Any:
    filled = path.removeprefix("/api/v1")
    for name in ("case", "task", "clause", "procedure", "stream", "position", "subscription"):
        filled = filled.replace(f"{{{name}}}", names.get(name, "1"))
    if method == "post":
        return caller.post(filled, BODIES.get(path), **KEY)
    return caller.delete(filled) if method == "delete" else caller.get(filled)


def test_only_receipts_go_without_a_token() -> None:
    assert [path for _, path, operation in OPERATIONS if "security" not in operation] == [
        "/api/v1/receipts"
    ]
    assert {operation["x-scope"] for _, _, operation in SCOPED} == set(SCOPES)


def test_only_the_document_and_its_page_are_open() -> None:
    addresses = [str(item.pattern) for item in urls.urlpatterns]
    assert addresses == ["openapi.json", "docs", "v1/"]


def test_no_token_and_a_browsers_log_in_are_401(
    bank: Simulation, as_person: Callable[[str], Client], holder: Holder
) -> None:
    browser = as_person(holder("acceptance_clerk"))
    for method, path, _ in SCOPED:
        for client in (Client(), browser):
            caller = Caller("nobody", "none", client)
            answer = call(caller, method, path)
            assert answer.status_code == 401, (method, path)
            assert not answer.cookies


def test_each_endpoint_needs_its_own_scope(calling: Calling, holder: Holder) -> None:
    person = holder("acceptance_clerk")
    others = {scope: calling(person, *sorted(set(SCOPES) - {scope})) for scope in SCOPES}
    for method, path, operation in SCOPED:
        answer = call(others[operation["x-scope"]], method, path)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "api.scope_needed"


@pytest.mark.parametrize(
    ("path", "may", "may_not"),
    [
        ("/indicators", ["quality_officer", "branch_head", "internal_auditor"], ["acceptance_clerk", "teller"]),
        ("/journal/events", ["internal_auditor", "security_auditor"], ["quality_officer", "branch_head", "acceptance_clerk", "system_administrator"]),
        ("/webhooks/subscriptions", ["system_administrator"], ["security_administrator", "internal_auditor", "acceptance_clerk"]),
        ("/standard/clauses", ["acceptance_clerk", "internal_auditor", "system_administrator"], []),
        ("/cases", ["acceptance_clerk", "internal_auditor", "system_administrator"], []),
        ("/tasks", ["acceptance_clerk", "internal_auditor", "system_administrator"], []),
    ],
)  # fmt: skip
def test_posts_decide_what_is_read(
    calling: Calling, holder: Holder, path: str, may: list[str], may_not: list[str]
) -> None:
    for post in may:
        assert calling(holder(post)).get(path).status_code == 200, post
    for post in may_not:
        answer = calling(holder(post)).get(path)
        assert answer.status_code == 403, post
        assert answer.json()["code"] == "identity.not_permitted"


def test_subscribing_is_the_system_administrators(calling: Calling, holder: Holder) -> None:
    wanted = BODIES["/api/v1/webhooks/subscriptions"]
    assert (
        calling(holder("internal_auditor"))
        .post("/webhooks/subscriptions", wanted, **KEY)
        .status_code
        == 403
    )
    administrator = calling(holder("system_administrator"))
    made = administrator.post("/webhooks/subscriptions", wanted, **KEY)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    again = administrator.post("/webhooks/subscriptions", wanted, **KEY).json()
    assert again == {"id": made.json()["id"], "secret": None}
    listed = administrator.get("/webhooks/subscriptions").json()
    assert [item["id"] for item in listed] == [made.json()["id"]]
    assert "secret" not in listed[0]
    place = f"/webhooks/subscriptions/{made.json()['id']}"
    assert calling(holder("internal_auditor")).delete(place).status_code == 403
    assert administrator.delete(place).status_code == 200
    assert administrator.delete(place).status_code == 404


def test_another_units_case_is_as_if_it_did_not_exist(
    calling: Calling, holder: Holder, bank: Simulation
) -> None:
    everything = calling(holder("internal_auditor")).get("/cases", {"limit": 200}).json()["items"]
    clerk = calling(holder("acceptance_clerk", "b11"))
    own = {item["id"] for item in clerk.get("/cases", {"limit": 200}).json()["items"]}
    hidden = [item for item in everything if item["id"] not in own and item["unit"] != "b11"]
    missing = clerk.get("/cases/0000000000000000")
    assert own
    assert hidden
    for part in ("", "/timeline", "/clocks", "/evidence"):
        answer = clerk.get(f"/cases/{hidden[0]['id']}{part}")
        assert answer.status_code == 404
        assert answer.content == missing.content
        assert clerk.get(f"/cases/{next(iter(sorted(own)))}{part}").status_code == 200
    assert clerk.get("/cases", {"unit": hidden[0]["unit"]}).json()["items"] == []
    assert clerk.get("/cases", {"number": hidden[0]["number"]}).json()["items"] == []


def test_a_task_of_another_unit_is_404_and_of_another_post_403(
    calling: Calling, holder: Holder, bank: Simulation
) -> None:
    clerk = calling(holder("acceptance_clerk", "b11"))
    own = {item["id"] for item in clerk.get("/cases", {"limit": 200}).json()["items"]}
    others = [
        (task, person.id)
        for person in bank.people.staff
        for task in calling(person.id).get("/tasks").json()
        if task["state"] == "open" and person.id != clerk.person
    ]
    far = next(task for task, _ in others if task["case"] not in own)
    mine = {item["id"] for item in clerk.get("/tasks", {"limit": 200}).json()}
    near = next(task for task, _ in others if task["case"] in own and task["id"] not in mine)
    for act in ("claim", "release", "complete"):
        body = {"values": {}} if act == "complete" else None
        assert clerk.post(f"/tasks/{far['id']}/{act}", body).status_code == 404
    assert clerk.post(f"/tasks/{near['id']}/claim").status_code == 403
