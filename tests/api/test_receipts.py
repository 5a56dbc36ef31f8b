"""Delivery receipts over HTTP, on either database: signed, each taken once, and only then is a clock stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.process.small_bank import SmallBank, holds
from tests.service.conftest import bank, customer, decided, send
from tests.service.test_channels import SECRET, Gateway, clock_of, kinds, only, sms
from touchstone.clocks.queries import clocks_of
from touchstone.journal.queries import journal_size
from touchstone.kernel.time import SystemClock
from touchstone.service.signing import key_of, signed_headers

__all__ = ["bank", "customer", "decided", "send", "sms"]
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def report(message: str, state: str, identity: str, secret: str = SECRET) -> Any:
    body = json.dumps({"type": "receipt", "message": message, "state": state}).encode()
    headers = signed_headers(key_of(secret), identity, body, SystemClock().now())
    return Client(raise_request_exception=False).post(
        "/api/v1/receipts", body, content_type="application/json", headers=headers
    )


def test_a_receipt_over_http_stops_the_clock_once(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    send()
    message = only(case).id
    waited = clock_of(case)
    forged = report(message, "delivered", "r1", "whsec_" + "A" * 43 + "=")

    assert (forged.status_code, forged.json()["code"]) == (401, "service.wrong_signature")
    assert (waited, only(case).state) == ("running", "sent")
    first = report(message, "delivered", "r1")
    size = journal_size()[0]
    again, other = report(message, "delivered", "r1"), report(message, "failed", "r2")
    assert (first.status_code, first.json()) == (200, {"outcome": "taken"})
    assert again.json() == {"outcome": "repeated"}
    assert (other.status_code, other.json()["code"]) == (409, "service.not_sent")
    assert only(case).state == "delivered"
    assert next(view.stopped_at for view in clocks_of(case) if view.clock == "told") is not None
    assert kinds(message) == ["queued", "tried", "sent", "delivered"]
    assert journal_size()[0] == size
    assert holds()


def test_a_report_of_failure_over_http_stops_nothing(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    send()

    assert report(only(case).id, "failed", "r1").json() == {"outcome": "taken"}
    assert (only(case).state, clock_of(case)) == ("failed", "running")
