"""Messages: who was told what, how it went; printing, handing over, trying again; and tokens and webhooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.identity.tokens import recognise, tokens_of
from touchstone.journal.followers import FollowerRun
from touchstone.journal.queries import journal_size
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.machines import run_due
from touchstone.service.queries import (
    Asked,
    count_messages,
    message,
    print_list,
    read_messages,
)
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]


def key(page: str, after: str = "") -> str:
    found = re.search(r'name="key" value="(\w+)"', page[page.index(after) :])
    assert found
    return found[1]


def test_messages_are_listed_masked_with_letter_state_and_way(
    as_person: LogIn, holder: Holder
) -> None:
    client = as_person(holder("quality_officer"))
    page = client.get("/messages/").content.decode()
    one = read_messages(Asked(), limit=1)[0]

    assert count_messages(Asked()) > 10
    assert one.id in page
    for row in read_messages(Asked(), limit=50):
        assert (row.masked or "") in page
    for state in ("waiting", "delivered", "failed"):
        shown = client.get("/messages/", {"state": state}).content.decode()
        ids = set(re.findall(r"/messages/([\w.]+)/", shown))
        assert {message(item).state for item in ids} <= {state}  # type: ignore[union-attr]
    english = client.get("/messages/", {"lang": "en"}).content.decode()
    assert "Only “delivered” stops a clock" in english


def test_a_list_costs_the_same_at_any_length(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("quality_officer"))
    client.get("/messages/")
    counts = []
    for query in ({"letter": "nothing_of_the_kind", "page": "9999"}, {}):
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/messages/", query).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 14


@pytest.fixture
def waiting(bank: Simulation) -> tuple[str, str]:
    """A letter that waits for print, and somebody of its unit who hands it over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer, unit FROM process_case WHERE customer IS NOT NULL LIMIT 1")
        customer, _ = cursor.fetchone()
    context = ActContext("system:worker", SystemClock(), SystemChance())
    people = [item for item in bank.people.staff if item.unit == "b31"]
    clerk = next(item.id for item in people if "acceptance_clerk" in item.posts)
    values = {"channel": "phone", "source": "customer", "subject": "service"}
    start_case(
        replace(context, actor=clerk), "complaint", unit="b31", values=values, customer=customer
    )
    run_due(context)
    FollowerRun().deliver(context)
    return print_list({"b31"})[0].id, clerk


def test_a_letter_is_printed_on_record_posted_and_confirmed(
    as_person: LogIn, waiting: tuple[str, str], bank: Simulation
) -> None:
    letter, person = waiting
    client, place = as_person(person), f"/messages/{letter}/"
    listed = client.get("/messages/print/").content.decode()
    page = client.get(place).content.decode()
    before = journal_size()[0]
    shown = client.post(f"{place}letter/", {"key": key(page, "/letter/")})

    assert letter in listed
    assert shown.headers["Cache-Control"] == "no-store"
    assert journal_size()[0] == before + 1
    posted = client.post(f"{place}done/", {"key": key(page, "/done/"), "way": "posted"})
    assert posted.status_code == 302
    assert message(letter).state == "sent"  # type: ignore[union-attr]
    again = client.post(f"{place}done/", {"key": "another-key-of-16", "way": "posted"})
    assert again.status_code == 422
    assert client.post(f"{place}done/", {"way": "eaten"}).status_code == 404
    client.post(f"{place}done/", {"key": "a-third-key-of-16", "way": "confirmed"})
    assert message(letter).state == "delivered"  # type: ignore[union-attr]
    kinds = [fact.kind for row in stream_rows(f"message:{letter}") for fact in row.recorded()]
    assert kinds[-2:] == ["service.message_sent", "service.message_delivered"]


def test_a_letter_of_another_unit_is_as_if_there_were_none(
    as_person: LogIn, waiting: tuple[str, str], bank: Simulation
) -> None:
    letter, _ = waiting
    unit = message(letter).unit  # type: ignore[union-attr]
    other = next(
        person.id
        for person in bank.people.staff
        if "acceptance_clerk" in person.posts and person.unit != unit
    )
    client = as_person(other)
    for path in ("", "letter/", "done/", "again/"):
        method = client.post if path else client.get
        answers = [method(f"/messages/{name}/{path}") for name in (letter, "0" * 16)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert letter not in client.get("/messages/print/").content.decode()


def test_a_token_is_shown_once_works_and_is_revoked(as_person: LogIn, holder: Holder) -> None:
    person = holder("acceptance_clerk")
    client = as_person(person)
    page = client.get("/settings/tokens/").content.decode()
    given = {"key": key(page), "name": "<b>柜面</b>", "days": "3", "scope": ["cases:read"]}
    answer = client.post("/settings/tokens/", given)
    secret = re.search(r"tst_\w{16}_[0-9a-f]{64}", answer.content.decode())
    assert secret
    assert answer.headers["Cache-Control"] == "no-store"
    token = recognise(secret[0], SystemClock().now())
    assert token is not None
    assert (token.person, token.scopes) == (person, frozenset({"cases:read"}))
    listed = client.get("/settings/tokens/").content.decode()
    assert secret[0] not in listed
    assert "<b>柜面" not in listed
    assert client.post("/settings/tokens/", given).status_code == 302
    assert len(tokens_of(person)) == 1
    stranger = as_person(holder("internal_auditor"))
    assert stranger.post(f"/settings/tokens/{token.id}/revoke/").status_code == 404
    assert token.id not in stranger.get("/settings/tokens/").content.decode()
    client.post(f"/settings/tokens/{token.id}/revoke/", {"key": "revoke-it-please-1"})
    assert recognise(secret[0], SystemClock().now()) is None
    kinds = [fact.kind for row in stream_rows(f"token:{token.id}") for fact in row.recorded()]
    assert kinds == ["identity.token_issued", "identity.token_revoked"]


@pytest.mark.parametrize(
    "wrong", [{"days": "0"}, {"days": "9999"}, {"days": "x"}, {"scope": []}, {"scope": ["all"]}]
)
def test_a_token_that_may_not_be_is_refused_in_place(
    as_person: LogIn, holder: Holder, wrong: dict[str, object]
) -> None:
    person = holder("acceptance_clerk")
    given = {"name": "kept", "days": "3", "scope": ["cases:read"], **wrong}
    answer = as_person(person).post("/settings/tokens/", given)

    assert answer.status_code == 422
    assert 'value="kept"' in answer.content.decode()
    assert tokens_of(person) == ()


def test_webhooks_are_subscribed_tried_seen_and_ended(
    as_person: LogIn, holder: Holder, settings: object
) -> None:
    from tests.service.servers import gateway

    settings.WEBHOOKS_TO_PRIVATE = True  # type: ignore[attr-defined]
    client = as_person(holder("system_administrator"))
    with gateway() as server:
        kinds = ["process.case_started", "clocks.breached"]
        page = client.get("/settings/webhooks/").content.decode()
        given = {"key": key(page), "url": server.url, "kind": kinds}
        made = client.post("/settings/webhooks/", given).content.decode()
        secret = re.search(r"whsec_[\w+/=-]+", made)
        assert secret
        listed = client.get("/settings/webhooks/").content.decode()
        assert secret[0] not in listed
        found = re.search(r"/settings/webhooks/(\w+)/act/", listed)
        assert found
        place = found[0]
        client.post(place, {"key": "try-it-please-001", "act": "test"})
        assert len(server.received) == 1
        headers, body = server.received[0]
        assert b'"service.test"' in body
        assert headers["webhook-signature"].startswith("v1,")
        server.statuses[:] = [500]
        client.post(place, {"key": "try-it-please-002", "act": "test"})
        listed = client.get("/settings/webhooks/").content.decode()
        assert "service.http_500" in listed
        assert "已接收" in listed
    stream = f"subscription:{found[1]}"
    assert [fact.kind for row in stream_rows(stream) for fact in row.recorded()][1:] == [
        "service.subscription_tested"
    ] * 2
    assert client.post(place, {"act": "on", "key": "switch-it-on-0001"}).status_code == 422
    assert client.post(place, {"act": "end", "key": "off-with-it-00001"}).status_code == 302
    assert client.post(place, {"act": "test"}).status_code == 404


def test_a_webhook_into_the_house_is_refused(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("system_administrator"))
    for address in ("http://127.0.0.1/x", "http://169.254.169.254/", "file:///etc/passwd", "x"):
        given = {"url": address, "kind": ["clocks.breached"]}
        assert client.post("/settings/webhooks/", given).status_code == 422, address
