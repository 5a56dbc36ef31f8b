"""Every endpoint × every post of the standard: let in or refused as the table says; and by tokens and scopes.

The table (``authorisation.yaml``, ``tests/authority.yaml``) and the standard's own files are the
expected values; nothing is asked of the code that decides.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests import authority
from tests.api.conftest import Caller, Calling
from tests.authority import Somebody, as_case, holders, one, somebody
from touchstone.api import urls
from touchstone.api.build import document
from touchstone.identity.queries import directory
from touchstone.identity.tokens import SCOPES
from touchstone.journal.queries import journal_size
from touchstone.simulation.run import Simulation

Holder = Callable[..., str]
KEY = {"Idempotency-Key": "authorisation-1"}
TABLE: Mapping[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "authorisation.yaml").read_text(encoding="utf-8")
)["endpoints"]
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}": operation
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
}
SCOPED = [name for name, row in TABLE.items() if row["who"] != "none"]
NOBODY = {"case": "none", "task": "none.1", "person": "p001", "deputy": "nobody"}
NOBODY |= {"identity": "nobody", "message": "nothing"}
NOBODY |= {"first_day": "2026-01-01", "subscription": "none", "clause": "SVC-13"}
NOBODY |= {"procedure": "loan", "stream": "directory", "position": "1"}


def call(client: Client, token: str, name: str, known: Mapping[str, str] = NOBODY) -> Any:
    """Ask an endpoint of the table with the body that stands there."""
    method, _, path = name.partition(" ")
    row = TABLE[name]
    headers = {"Authorization": f"Bearer {token}", **(KEY if method == "POST" else {})}
    address = f"/api/v1{path.format(**{**NOBODY, **known})}"
    if path.endswith("{first_day}"):
        address += "?last_day=2026-01-02"
    if "form" in row:
        content = encode_multipart(
            BOUNDARY, {**row["form"], "file": SimpleUploadedFile("a.txt", b"findings")}
        )
        return client.generic(method, address, content, MULTIPART_CONTENT, headers=headers)
    content = json.dumps(row["body"]).encode() if "body" in row else b""
    return client.generic(method, address, content, "application/json", headers=headers)


def test_every_endpoint_stands_in_the_table_with_its_scope() -> None:
    assert set(TABLE) == set(OPERATIONS)
    assert {name: row.get("scope") for name, row in TABLE.items()} == {
        name: operation.get("x-scope") for name, operation in OPERATIONS.items()
    }
    assert {row["scope"] for name, row in TABLE.items() if name in SCOPED} == set(SCOPES)
    for name, operation in OPERATIONS.items():
        assert ("security" in operation) == (name in SCOPED)


def test_only_the_document_and_its_page_are_open() -> None:
    addresses = [str(item.pattern) for item in urls.urlpatterns]
    assert addresses == ["openapi.json", "docs", "v1/"]


def test_no_token_and_a_browsers_log_in_are_401(
    bank: Simulation, as_person: Callable[[str], Client], holder: Holder
) -> None:
    browser = as_person(holder("acceptance_clerk"))
    for name in SCOPED:
        for client in (Client(), browser):
            answer = call(client, "none", name)
            assert answer.status_code == 401, name
            assert not answer.cookies


def test_each_endpoint_needs_its_own_scope(calling: Calling, holder: Holder) -> None:
    person = holder("acceptance_clerk")
    others = {scope: calling(person, *sorted(set(SCOPES) - {scope})) for scope in SCOPES}
    for name in SCOPED:
        caller = others[TABLE[name]["scope"]]
        answer = call(caller.client, caller.token, name)
        assert answer.status_code == 403, name
        assert answer.json()["code"] == "api.scope_needed"


@dataclass
class House:
    """The bank with a token of one holder of every post, a case with an open task, and how to put it back."""

    staff: dict[str, Somebody]
    callers: dict[str, Caller]
    case: dict[str, Any]
    task: str
    pool: str
    copy: sqlite3.Connection
    size: int

    def put_back(self) -> None:
        """Undo what a request did."""
        self.copy.backup(connection.connection)


@pytest.fixture
def house(bank: Simulation, calling: Calling, settings: Any) -> Iterator[House]:
    settings.API_REQUESTS_A_MINUTE = 1_000_000
    posts = holders(bank)
    staff = {post: somebody(person) for post, person in posts.items()}
    callers = {person: calling(person) for person in set(posts.values())}
    # A task that one of them may take.
    pools = sorted({f"{post}@{unit}" for who in staff.values() for post, unit in who.held})
    marks = ", ".join(["%s"] * len(pools))
    task, pool, case = one(
        "SELECT t.id, t.pool, t.case_id FROM process_task t JOIN process_case c ON c.id = t.case_id"
        " WHERE t.state = 'open' AND t.signers IS NULL AND t.emergency IS NULL"
        f" AND c.state = 'open' AND c.customer IS NOT NULL AND c.unit LIKE 'b3%%' AND t.pool IN ({marks})"
        " ORDER BY t.element DESC, t.id LIMIT 1",
        *pools,
    )
    row = one("SELECT id, procedure, unit, customer, actors FROM process_case WHERE id = %s", case)
    copy = sqlite3.connect(":memory:")
    connection.connection.backup(copy)
    yield House(staff, callers, as_case(row), task, pool, copy, journal_size()[0])
    copy.close()


def expected(row: Mapping[str, Any], who: Somebody, house: House) -> set[int]:
    """What somebody is answered, by the table."""
    for rule in row["who"].split(" and "):
        act, _, place = rule.partition(" at ")
        if act == "staff":
            continue
        if act == "case":
            if not who.sees(house.case):
                return {404}
        elif act == "at":
            posts, _, unit = house.pool.rpartition("@")
            if not any((post, unit) in who.reach for post in posts.split("|")):
                return {403}
            # Separation of duties refuses whoever acted before, as forbidden too.
            if who.id in house.case["persons"]:
                return {403, row["answer"]}
        elif act == "start":
            if not any(
                post in authority.procedure("loan")["start"]["posts"] and unit in who.over["b31"]
                for post, unit in who.held
            ):
                return {403}
        elif act == "nobody" or not who.may(act, house.case["unit"] if place else None):
            return {403}
    return {row["answer"]}


def test_each_post_is_let_in_or_refused_as_the_table_says(house: House) -> None:
    other = min(set(directory().persons) - set(house.callers))
    known = {"case": house.case["id"], "task": house.task, "person": other}
    wrong, let_in, kept_out = [], set(), set()
    for name in SCOPED:
        row = TABLE[name]
        for post, who in house.staff.items():
            caller = house.callers[who.id]
            answer = call(caller.client, caller.token, name, known)
            wanted = expected(row, who, house)
            (let_in if row["answer"] in wanted else kept_out).add(name)
            if answer.status_code not in wanted:
                wrong.append((name, post, answer.status_code, sorted(wanted)))
            if not name.startswith("GET") and answer.status_code < 300:
                house.put_back()

    assert not wrong, f"{len(wrong)} of the cells: {wrong[:20]}"
    assert let_in == {name for name in SCOPED if "nobody" not in TABLE[name]["who"]}
    assert kept_out == {name for name in SCOPED if TABLE[name]["who"] != "staff"}


def test_a_case_one_need_not_know_of_answers_like_one_that_is_not_there(house: House) -> None:
    outsider = next(who for who in house.staff.values() if not who.sees(house.case))
    caller = house.callers[outsider.id]
    asked = 0
    for name in SCOPED:
        if "{case}" not in name and "{task}" not in name:
            continue
        there = call(
            caller.client, caller.token, name, {"case": house.case["id"], "task": house.task}
        )
        missing = call(
            caller.client, caller.token, name, {"case": "0" * 16, "task": "0" * 16 + ".w1"}
        )
        assert (there.status_code, there.content) == (404, missing.content), name
        assert there.headers == missing.headers
        asked += 1
    assert asked > 15


def test_subscribing_is_the_system_administrators(calling: Calling, holder: Holder) -> None:
    wanted = {
        "url": "https://example.com/hook",
        "kinds": ["process.case_started"],
    }
    assert (
        calling(holder("internal_auditor"))
        .post("/webhooks/subscriptions", wanted, Idempotency_Key="subscribe-1")
        .status_code
        == 403
    )
    administrator = calling(holder("system_administrator"))
    made = administrator.post("/webhooks/subscriptions", wanted, Idempotency_Key="subscribe-1")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    again = administrator.post(
        "/webhooks/subscriptions", wanted, Idempotency_Key="subscribe-1"
    ).json()
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
