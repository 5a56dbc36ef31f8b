"""The API on either database: files, drafts, handing on, signers, deputies, receipts, the minute's count.

A small bank of its own, so that the pass on PostgreSQL stays short; everything else is tried in the
simulated bank.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.api.conftest import Caller
from tests.at_once import at_once
from tests.evidence import samples
from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds
from tests.process.small_pack import NUMBER_FORM, OPINION, bpmn, procedure, review_files, step, user
from touchstone.identity.actions import grant_post, join_person
from touchstone.identity.tokens import SCOPES, asked_in_minute, issue_token, tokens_of
from touchstone.journal.queries import journal_size
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
YES = {"values": {"opinion": "approve"}}
PAPER = {
    "type": "string",
    "x-file": {"types": ["application/pdf"], "max_bytes": 4096},
    "x-title": {"zh": "证明", "en": "Paper"},
}


WAITS = """  await:
    title: {zh: 等待材料, en: Waiting for papers}
messages:
  papers: {carries: [number], form: papers, papers: optional, delivered_by: {posts: [clerk]}}
"""


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    """Prepare and check; and a sitting that two of three sign."""
    files = review_files()
    properties: dict[str, Any] = {**OPINION["properties"], "paper": PAPER}  # type: ignore[dict-item]
    form = json.dumps({**OPINION, "properties": properties})
    files["procedures/review/forms/opinion.schema.json"] = form
    sign = step("sign", "approver").replace("    form", "    signing: {mode: all, of: 2}\n    form")
    files |= {
        "procedures/sitting/procedure.yaml": procedure("P91", "sitting", sign),
        "procedures/sitting/sitting.bpmn": bpmn("sitting", user("sign")),
        "procedures/sitting/forms/opinion.schema.json": form,
        "procedures/waiting/procedure.yaml": procedure(
            "P92", "waiting", step("prepare", "clerk") + WAITS
        ),
        "procedures/waiting/waiting.bpmn": bpmn(
            "waiting",
            user("prepare"),
            '<bpmn:receiveTask id="await" name="等待材料" messageRef="m"/>',
            extra='<bpmn:message id="m" name="papers"/>',
        ),
        "procedures/waiting/forms/opinion.schema.json": form,
        "procedures/waiting/forms/papers.schema.json": NUMBER_FORM,
    }
    found = found_small_bank(tmp_path / "pack", files)
    join_person(found.context, "sec", Text("安", "Sec"))
    grant_post(found.context, "sec", "security_administrator", "head")
    return found


@pytest.fixture
def call(bank: SmallBank) -> Callable[[str], Caller]:
    def caller(person: str) -> Caller:
        context = ActContext(person, SystemClock(), SystemChance())
        issued = issue_token(context, person, tuple(SCOPES), name="test")
        return Caller(person, issued.secret, Client(raise_request_exception=False))

    return caller


Call = Callable[[str], Caller]


def begin(caller: Caller, procedure: str = "review", key: str = "begin-it-1") -> str:
    body = {"procedure": procedure, "unit": "o1", **YES}
    answer = caller.post("/cases", body, Idempotency_Key=key)
    assert answer.status_code == 201, answer.content.decode()
    return str(answer.json()["case"])


def upload(caller: Caller, path: str, name: str, content: bytes, **more: Any) -> Any:
    fields = {**more.pop("fields", {}), "file": SimpleUploadedFile(name, content)}
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    return caller.client.post(
        f"/api/v1{path}",
        fields,
        headers={"Authorization": f"Bearer {caller.token}", **headers},
    )


def test_a_file_is_handed_in_and_the_act_refers_to_it(call: Call, bank: SmallBank) -> None:
    ann = call("ann")
    case = begin(ann)
    task = bank.task(case, "prepare")
    path = f"/tasks/{task}/files"
    first = upload(ann, path, "../x.html", samples.PDF, Idempotency_Key="hand-in-1")
    again = upload(ann, path, "../x.html", samples.PDF, Idempotency_Key="hand-in-1")
    other = upload(ann, path, "y.pdf", samples.PDF + b"\n", Idempotency_Key="hand-in-1")
    said = first.json()

    assert (first.status_code, again.status_code) == (201, 201), first.content.decode()
    assert again.json() == said
    assert (other.status_code, other.json()["code"]) == (422, "api.key_reused")
    assert said["sha256"] == sha256(samples.PDF).hexdigest()
    assert said["media_type"] == "application/pdf"
    assert said["receipt"]["stream"].startswith("subject:")
    done = ann.post(f"/tasks/{task}/complete", {**YES, "evidence": {"report": said["sha256"]}})
    assert done.status_code == 200, done.content.decode()
    listed = ann.get(f"/cases/{case}/evidence").json()
    assert [item["sha256"] for item in listed] == [said["sha256"]]
    assert holds()


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("x.pdf", b"<html><script>alert(1)</script></html>", 422),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", 422),
        ("x.pdf", b"MZ\x90\x00" + b"\0" * 100, 422),
        ("x.pdf", b"", 422),
        ("x.pdf", b"%PDF-1.4\n" + b"0" * 21_000_000, 413),
    ],
)
def test_what_is_not_taken_on_a_page_is_not_taken_here(
    call: Call, bank: SmallBank, name: str, content: bytes, status: int
) -> None:
    ann = call("ann")
    task = bank.task(begin(ann), "prepare")
    before = journal_size()[0]
    answer = upload(ann, f"/tasks/{task}/files", name, content)

    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    assert journal_size()[0] == before


def test_a_file_comes_alone_from_who_may_act_and_as_a_form(call: Call, bank: SmallBank) -> None:
    ann, bob = call("ann"), call("bob")
    task = bank.task(begin(ann), "prepare")
    path, before = f"/tasks/{task}/files", journal_size()[0]

    assert upload(bob, path, "x.pdf", samples.PDF).status_code == 403
    assert upload(ann, path, "x.pdf", samples.PDF, fields={"subject": "case:1"}).status_code == 400
    assert ann.post(path, {"file": "x"}).status_code == 415
    assert upload(ann, f"/tasks/{task}/draft", "x.pdf", samples.PDF).status_code == 415
    assert upload(ann, "/tasks/none.1/files", "x.pdf", samples.PDF).status_code == 404
    assert journal_size()[0] == before


def test_a_file_for_a_case_to_be_started_belongs_to_it_afterwards(
    call: Call, bank: SmallBank
) -> None:
    ann, place = call("ann"), {"procedure": "review", "unit": "o1"}
    said = upload(ann, "/cases/files", "x.pdf", samples.PDF, fields=place).json()
    refused = upload(call("bob"), "/cases/files", "x.pdf", samples.PDF, fields=place)
    nowhere = upload(ann, "/cases/files", "x.pdf", samples.PDF, fields={"procedure": "review"})
    values = {"opinion": "approve", "paper": said["sha256"]}
    body = {"procedure": "review", "unit": "o1", "values": values}
    started = ann.post("/cases", body, Idempotency_Key="with-paper-1")

    assert (refused.status_code, nowhere.status_code) == (403, 400)
    assert started.status_code == 201, started.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, sha256, is_kept FROM evidence_file")
        assert cursor.fetchall() == [(f"case:{started.json()['case']}", said["sha256"], True)]


def test_a_draft_is_kept_for_its_writer_and_of_two_savings_one_is_told(
    call: Call, bank: SmallBank
) -> None:
    ann, bob = call("ann"), call("bob")
    task = bank.task(begin(ann), "prepare")
    path = f"/tasks/{task}/draft"

    def put(caller: Caller, body: Any) -> Any:
        return caller.client.put(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {caller.token}"},
        )

    assert ann.get(path).json() == {"values": {}, "version": 0}
    first = put(ann, {"values": {"remark": "half", "actor": "bob"}, "version": 0})
    second = put(ann, {"values": {"remark": "other"}, "version": 0})
    assert first.json() == {"version": 1}
    assert (second.status_code, second.json()["code"]) == (409, "process.draft_changed")
    assert ann.get(path).json() == {"values": {"remark": "half"}, "version": 1}
    assert bob.get(path).status_code == 403
    assert ann.delete(path).json() == {"version": 0}
    assert ann.get(path).json()["version"] == 0


def to_check(call: Call, bank: SmallBank) -> tuple[str, str]:
    """A case whose check waits for an approver, and that task."""
    ann = call("ann")
    case = begin(ann)
    assert ann.post(f"/tasks/{bank.task(case, 'prepare')}/complete", YES).status_code == 200
    return case, bank.task(case, "check")


def test_delegated_resolved_recalled_transferred_and_each_once(call: Call, bank: SmallBank) -> None:
    case, task = to_check(call, bank)
    ann, bob, cat = call("ann"), call("bob"), call("cat")
    place, key = f"/tasks/{task}", {"Idempotency_Key": "hand-on-1"}
    note = {"note": "已核对原件"}

    assert bob.post(f"{place}/claim").status_code == 200
    assert bob.post(f"{place}/delegate", {"person": "ann"}).status_code in (403, 422)
    given = bob.post(f"{place}/delegate", {"person": "cat"}, **key)
    assert given.status_code == 200, given.content.decode()
    assert bob.post(f"{place}/delegate", {"person": "cat"}, **key).json() == given.json()
    other = bob.post(f"{place}/delegate", {"person": "ann"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "api.key_reused")
    assert cat.post(f"{place}/complete", YES).status_code == 409
    assert bob.post(f"{place}/recall", note, **key).status_code == 200
    assert bob.post(f"{place}/recall", note).status_code == 409
    assert bob.post(f"{place}/delegate", {"person": "cat"}).status_code == 200
    assert ann.post(f"{place}/resolve", note).status_code in (403, 409)
    assert cat.post(f"{place}/resolve", note, **key).status_code == 200
    assert [fact["to"] for fact in facts(case, "process.task_resolved")] == ["bob", "bob"]
    # Whoever resolved it has acted on it: it is not transferred to him, but completed by its owner.
    assert bob.post(f"{place}/transfer", {"person": "ann"}).status_code in (403, 422)
    assert bob.post(f"{place}/complete", YES).status_code == 200
    assert holds()


def test_transferred_for_good_and_taken_back_in_time(call: Call, bank: SmallBank) -> None:
    case, task = to_check(call, bank)
    ann, bob, cat = call("ann"), call("bob"), call("cat")
    prepare = str(column("id", "process_task", case, "element = 'prepare'")[0])

    assert bob.post(f"/tasks/{prepare}/take-back").status_code == 403
    taken = ann.post(f"/tasks/{prepare}/take-back", Idempotency_Key="take-back-1")
    again = ann.post(f"/tasks/{prepare}/take-back", Idempotency_Key="take-back-1")
    assert (taken.status_code, again.json()) == (200, taken.json())
    assert ann.post(f"/tasks/{bank.task(case, 'prepare')}/complete", YES).status_code == 200
    task = bank.task(case, "check")
    assert bob.post(f"/tasks/{task}/claim").status_code == 200
    assert bob.post(f"/tasks/{task}/transfer", {"person": "cat"}).status_code == 200
    assert bob.post(f"/tasks/{task}/complete", YES).status_code == 409
    assert cat.post(f"/tasks/{task}/complete", YES).status_code == 200
    assert holds()


def test_signers_are_added_removed_and_reach_the_case(call: Call, bank: SmallBank) -> None:
    ann, bob, hal, sec = call("ann"), call("bob"), call("hal"), call("sec")
    case = begin(ann, "sitting")
    task = bank.task(case, "sign")
    place = f"/tasks/{task}/signers"

    assert sec.get(f"/cases/{case}").status_code == 404
    assert bob.post(place, {"person": "nobody"}).status_code == 422
    assert ann.post(place, {"person": "sec"}).status_code == 403
    assert bob.post(place, {"person": "sec"}, Idempotency_Key="add-him-1").status_code == 200
    assert bob.post(place, {"person": "sec"}, Idempotency_Key="add-him-1").status_code == 200
    assert bob.post(place, {"person": "sec"}).status_code == 422
    assert sec.get(f"/cases/{case}").status_code == 200
    assert bob.delete(f"{place}/sec", Idempotency_Key="off-with-1").status_code == 200
    assert bob.delete(f"{place}/sec", Idempotency_Key="off-with-1").status_code == 200
    assert bob.delete(f"{place}/sec").status_code == 422
    assert sec.get(f"/cases/{case}").status_code == 404
    assert bob.post(place, {"person": "hal"}).status_code == 200
    for signer in (bob, call("cat"), hal):
        assert signer.post(f"/tasks/{task}/complete", YES).status_code == 200
    assert hal.get(f"/cases/{case}").json()["state"] == "ended"
    assert holds()


def test_what_a_case_waits_for_is_brought_once_with_its_papers(call: Call, bank: SmallBank) -> None:
    ann, bob = call("ann"), call("bob")
    case = begin(ann, "waiting")
    path = f"/cases/{case}/messages"
    assert ann.get(path).json() == []
    early = ann.post(f"{path}/papers", {"values": {"number": "7"}})
    assert (early.status_code, early.json()["code"]) == (422, "process.nobody_waits")
    assert ann.post(f"/tasks/{bank.task(case, 'prepare')}/complete", YES).status_code == 200
    (awaited,) = ann.get(path).json()
    assert (awaited["name"], awaited["fields"], awaited["papers"]) == (
        "papers",
        ["number"],
        "optional",
    )
    stored = upload(ann, f"{path}/papers/files", "a.pdf", samples.PDF)
    body = {"values": {"number": "7"}, "papers": [stored.json()["sha256"]]}
    stranger = bob.post(f"{path}/papers", body)
    wrong = ann.post(f"{path}/papers", {"values": {}})
    first = ann.post(f"{path}/papers", body, Idempotency_Key="bring-it-1")
    again = ann.post(f"{path}/papers", body, Idempotency_Key="bring-it-1")

    assert stranger.status_code in (403, 404)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "process.form_invalid")
    assert first.status_code == 200, first.content.decode()
    assert again.json() == first.json()
    assert [item["sha256"] for item in ann.get(f"/cases/{case}/evidence").json()] == body["papers"]
    assert ann.get(f"/cases/{case}").json()["state"] == "ended"
    assert holds()


def test_a_case_is_withdrawn_once_by_who_may(call: Call, bank: SmallBank) -> None:
    ann, oli = call("ann"), call("oli")
    case, why = begin(ann), {"reason": "客户撤回申请"}
    path = f"/cases/{case}/withdraw"

    assert ann.post(path, why).status_code == 403
    assert oli.post(path, {"reason": ""}).status_code == 400
    first = oli.post(path, why, Idempotency_Key="withdraw-1")
    again = oli.post(path, why, Idempotency_Key="withdraw-1")
    assert (first.status_code, again.json()) == (200, first.json())
    assert oli.post(path, why).status_code == 409


def test_a_substitute_is_named_and_ended_by_the_security_administrator(
    call: Call, bank: SmallBank
) -> None:
    sec, bob, cat = call("sec"), call("bob"), call("cat")
    today = dt.date.fromisoformat(str(SystemClock().now().date()))
    until = today + dt.timedelta(days=3)
    body = {"deputy": "cat", "first_day": str(today), "last_day": str(until)}
    place = "/people/bob/deputies"

    assert bob.post(place, body).status_code == 403
    named = sec.post(place, body, Idempotency_Key="deputy-01")
    assert named.status_code == 200, named.content.decode()
    assert sec.post(place, body, Idempotency_Key="deputy-01").json() == named.json()
    other = sec.post(place, {**body, "deputy": "ann"}, Idempotency_Key="deputy-01")
    assert other.json()["code"] == "api.key_reused"
    assert [item["deputy"] for item in bob.get(place).json()] == ["cat"]
    assert cat.get(place).status_code == 403
    assert sec.post(place, {**body, "first_day": "2026-02-30"}).status_code == 422
    ended = f"{place}/cat/{today}?last_day={today}"
    assert bob.delete(ended).status_code == 403
    assert sec.delete(ended, Idempotency_Key="deputy-02").status_code == 200
    assert bob.get(place).json()[0]["last_day"] == str(today)


def test_the_minutes_count_is_exact_when_all_come_at_once(bank: SmallBank) -> None:
    issue_token(ActContext("ann", SystemClock(), SystemChance()), "ann", ["cases:read"])
    token, now = tokens_of("ann")[0].id, SystemClock().now()

    def ask() -> list[int]:
        return [asked_in_minute(token, now) for _ in range(25)]

    counts = [count for found in at_once([ask] * 4) for count in found]  # type: ignore[union-attr]
    assert sorted(counts) == list(range(1, 101))
    assert asked_in_minute(token, now + dt.timedelta(minutes=1)) == 1


def test_so_many_requests_a_minute_and_no_more(call: Call, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = 3
    ann, bob = call("ann"), call("bob")
    if SystemClock().now().second > 55:  # the minute must not turn in between
        settings.API_REQUESTS_A_MINUTE = 0
        assert ann.get("/cases").status_code == 429
        return
    assert [ann.get("/cases").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert bob.get("/cases").status_code == 200
