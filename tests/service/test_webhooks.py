"""Other systems are told by signed posts, again until they hear, and never inside the house."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, holds, refused
from tests.service.servers import Gateway, gateway
from touchstone.journal.followers import FollowerRun
from touchstone.kernel.refusal import Refusal
from touchstone.service.actions.webhooks import (
    MAX_ATTEMPTS,
    Subscribed,
    run_due,
    subscribe,
    switch_on,
    unsubscribe,
)
from touchstone.service.posting import NotPosted, checked_url, post
from touchstone.service.queries import subscriptions
from touchstone.service.signing import key_of, verify

database = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
KINDS = ["process.case_started", "process.case_ended"]


@pytest.fixture
def other() -> Iterator[Gateway]:
    with gateway() as found:
        yield found


@pytest.fixture
def subscribed(bank: SmallBank, other: Gateway, settings: Any) -> Subscribed:
    settings.WEBHOOKS_TO_PRIVATE = True
    return subscribe(bank.by("system:setup"), other.url, KINDS)


def told(bank: SmallBank) -> int:
    worker = replace(bank.context, actor="system:worker")
    bank.machines()
    return run_due(worker)


def hours_later(bank: SmallBank, hours: int = 7) -> None:
    bank.clock.move_to(bank.clock.now() + dt.timedelta(hours=hours))


class TestTelling:
    pytestmark = database

    def test_a_subscriber_is_told_signed_and_without_data(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        case = bank.begin("notice", number="N-7")
        assert told(bank) == 1
        assert told(bank) == 0

        headers, body = other.received[0]
        said = json.loads(body)
        identity = verify(key_of(subscribed.secret or ""), headers, body, bank.clock.now())
        assert identity == said["id"] == f"case:{case}/1/0"
        assert said["type"] == "process.case_started"
        assert b"N-7" not in body
        assert said["objects"] == [{"type": "unit", "id": "o1", "role": ""}]
        assert holds()

    def test_the_secret_is_shown_once_and_never_written_down(
        self, bank: SmallBank, other: Gateway, settings: Any
    ) -> None:
        settings.WEBHOOKS_TO_PRIVATE = True
        first = subscribe(bank.by("system:setup", "k1"), other.url, KINDS)
        again = subscribe(bank.by("system:setup", "k1"), other.url, KINDS)

        assert (again.id, again.secret) == (first.id, None)
        assert len(subscriptions()) == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT payload FROM journal_event")
            assert not any((first.secret or "?") in row[0] for row in cursor.fetchall())

    def test_what_was_before_and_what_was_not_asked_for_is_not_told(
        self, bank: SmallBank, other: Gateway, settings: Any
    ) -> None:
        settings.WEBHOOKS_TO_PRIVATE = True
        bank.begin("notice")
        hours_later(bank)
        subscribe(bank.by("system:setup"), other.url, ["process.case_ended"])
        bank.begin("notice")

        assert told(bank) == 0

    def test_a_failed_post_is_made_again_with_the_same_id(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        other.statuses = [500, 503, 200]
        bank.begin("notice")
        for _ in range(3):
            assert told(bank) == 1
            hours_later(bank)

        assert told(bank) == 0
        assert len({headers["webhook-id"] for headers, _ in other.received}) == 1
        assert subscriptions()[0].pending == 0

    def test_after_persistent_failure_the_subscription_is_switched_off(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        other.statuses = [500]
        bank.begin("notice")
        for _ in range(MAX_ATTEMPTS):
            told(bank)
            hours_later(bank)
        found = subscriptions()[0]
        assert (found.state, found.problem, found.pending) == ("off", "service.http_500", 0)
        bank.begin("notice")
        assert told(bank) == 0

        other.statuses = [200]
        switch_on(bank.by("system:setup"), subscribed.id)
        bank.begin("notice")

        assert told(bank) == 1
        assert len(other.received) == MAX_ATTEMPTS + 1
        assert holds()

    def test_who_is_gone_is_switched_off_at_once(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        other.statuses = [410]
        bank.begin("notice")
        told(bank)
        assert subscriptions()[0].state == "off"

    def test_a_second_delivery_to_the_follower_notes_nothing_twice(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        bank.begin("notice")
        bank.machines()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM journal_cursor")
        FollowerRun().deliver(replace(bank.context, actor="system:worker"))

        assert told(bank) == 1
        assert len(other.received) == 1

    def test_a_redirect_is_not_followed(
        self, bank: SmallBank, other: Gateway, subscribed: Subscribed
    ) -> None:
        other.statuses, other.location = [307], other.url
        bank.begin("notice")
        told(bank)
        assert len(other.received) == 1
        assert subscriptions()[0].pending == 1

    def test_who_may_subscribe_and_to_what(self, bank: SmallBank) -> None:
        url = "https://partner.example/hook"
        with refused("identity.not_permitted"):
            subscribe(bank.by("ann"), url, KINDS)
        with refused("service.no_such_kind"):
            subscribe(bank.by("system:setup"), url, ["vault.value_shown"])
        with refused("service.no_such_kind"):
            subscribe(bank.by("system:setup"), url, [])
        with refused("service.no_such_subscription"):
            unsubscribe(bank.by("system:setup"), "nothing")
        subscription = subscribe(bank.by("system:setup"), url, KINDS)
        with refused("identity.not_permitted"):
            unsubscribe(bank.by("ann"), subscription.id)

        unsubscribe(bank.by("system:setup"), subscription.id)

        assert subscriptions() == ()
        assert holds()

    def test_addresses_inside_are_refused_and_nothing_is_written(self, bank: SmallBank) -> None:
        with refused("service.private_address"):
            subscribe(bank.by("system:setup"), "http://169.254.169.254/latest", KINDS)
        assert subscriptions() == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0/",
        "http://localhost:8000/",
        "http://localhost./",
        "http://a.internal/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
    ],
)
def test_an_address_inside_is_known_for_one(url: str) -> None:
    with pytest.raises(Refusal) as refusal:
        checked_url(url, to_private=False)
    assert refusal.value.code == "service.private_address"
    assert checked_url(url, to_private=True).hostname


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://partner.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//partner.example/",
        "http://",
        "http://user:pass@partner.example/",
        "http://partner.example:99999/",
        "http://partner.example/ a",
        "http://partner.example/\r\nX: y",
        "gopher://127.0.0.1/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as refusal:
        checked_url(url, to_private=True)
    assert refusal.value.code == "service.bad_url"


def test_a_public_address_is_taken() -> None:
    assert checked_url("https://partner.example:8443/hook?x=1", to_private=False).port == 8443
    assert checked_url("http://8.8.8.8/", to_private=False).hostname == "8.8.8.8"


def test_a_name_that_leads_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with gateway() as inside:
        port = int(inside.url.partition("127.0.0.1:")[2].partition("/")[0])
        answer = [(2, 1, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: answer)

        with pytest.raises(NotPosted) as failure:
            post("http://rebinding.example/", b"{}", {}, to_private=False)

    assert failure.value.code == "service.private_address"
    assert inside.received == []
