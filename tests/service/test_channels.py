"""Messages leave by real mail and real signed POSTs, are tried again, and never go out twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections

from tests.process.small_bank import SmallBank, holds, refused
from tests.service.conftest import NAME, TELEPHONE
from tests.service.servers import Gateway, MailServer, gateway, mail_server
from touchstone.clocks.queries import clocks_of
from touchstone.journal.reading import stream_rows
from touchstone.service.actions import delivering
from touchstone.service.actions.addresses import remove_address, set_address
from touchstone.service.actions.by_hand import requeue
from touchstone.service.actions.receipts import take_receipt
from touchstone.service.ports import CHANNELS
from touchstone.service.queries import MessageView, addresses_of, messages_of_case
from touchstone.service.recipients import Recipient
from touchstone.service.signing import key_of, signed_headers, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
MAIL = "qinghe@mail.example"


@pytest.fixture
def mail(tmp_path: Path, settings: Any) -> Iterator[MailServer]:
    with mail_server(tmp_path) as found:
        settings.SMTP = {
            **settings.SMTP,
            "host": "127.0.0.1",
            "port": found.port,
            "sender": "金融机构 <service@bank.example>",
            "authorities": str(tmp_path / "certificate.pem"),
            "own_domains": ["bank.example"],
        }
        yield found


@pytest.fixture
def sms(settings: Any) -> Iterator[Gateway]:
    with gateway() as found:
        settings.GATEWAY = {"url": found.url, "secret": SECRET, "authorities": ""}
        yield found


@pytest.fixture
def by_mail(bank: SmallBank, customer: str, mail: MailServer) -> MailServer:
    set_address(bank.by("system:setup"), Recipient("customer", customer), "smtp", MAIL)
    return mail


def only(case: str) -> MessageView:
    found = messages_of_case(case)
    assert len(found) == 1
    return found[0]


def later(bank: SmallBank, **span: int) -> None:
    bank.clock.move_to(bank.clock.now() + dt.timedelta(**span))


def clock_of(case: str) -> str:
    return next(view.status for view in clocks_of(case) if view.clock == "told")


def kinds(message: str) -> list[str]:
    return [
        fact.kind.partition("service.message_")[2]
        for row in stream_rows(f"message:{message}")
        for fact in row.recorded()
    ]


def receipt(bank: SmallBank, data: dict[str, str], identity: str = "r1") -> tuple[Any, bytes]:
    body = json.dumps({"type": "receipt", **data}).encode()
    return signed_headers(key_of(SECRET), identity, body, bank.clock.now()), body


def test_mail_goes_out_over_tls_and_is_sent_but_not_delivered(
    bank: SmallBank, by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    assert (only(case).channel, only(case).masked) == ("smtp", "q***@mail.example")

    assert send() == 1
    assert send() == 0

    found = message_from_bytes(by_mail.mails[0], policy=policy.default)
    assert by_mail.secured == [True]
    assert found["To"] == MAIL
    assert found["Subject"].startswith("结果 P91-")
    assert found.get_content().startswith(f"{NAME}:")
    assert (only(case).state, clock_of(case)) == ("sent", "running")
    assert holds()


def test_mail_to_the_servers_own_domain_is_delivered(
    bank: SmallBank, mail: MailServer, customer: str, decided: Callable[..., str],
    send: Callable[[], int],
) -> None:  # fmt: skip
    reader = Recipient("customer", customer)
    set_address(bank.by("system:setup"), reader, "smtp", "q@bank.example", language="en")
    case = decided()
    send()

    found = message_from_bytes(mail.mails[0], policy=policy.default)
    assert "was granted" in found.get_content()
    assert (only(case).state, clock_of(case)) == ("delivered", "stopped")


def test_a_server_that_is_not_trusted_gets_nothing(
    by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int], settings: Any
) -> None:
    settings.SMTP = {**settings.SMTP, "authorities": ""}
    case = decided()
    send()

    assert (only(case).state, only(case).problem) == ("queued", "service.smtp_untrusted")
    assert by_mail.mails == []


def test_a_server_that_is_busy_is_asked_again_later_and_later(
    bank: SmallBank, by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    by_mail.to_text = "451 busy"
    case = decided()
    send()
    assert only(case).problem == "service.smtp_451"
    assert only(case).next_at == bank.clock.now() + dt.timedelta(minutes=5)
    assert send() == 0
    later(bank, minutes=5)
    send()
    assert only(case).next_at == bank.clock.now() + dt.timedelta(minutes=10)
    by_mail.to_text = "250 OK"
    later(bank, minutes=10)

    send()

    assert only(case).state == "sent"
    assert kinds(only(case).id) == [
        "queued", "tried", "failed", "tried", "failed", "tried", "sent",
    ]  # fmt: skip
    assert holds()


def test_after_the_last_attempt_it_is_a_dead_letter_that_a_person_may_try_again(
    bank: SmallBank, by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    by_mail.to_text = "451 busy"
    case = decided()
    for _ in range(3):
        send()
        later(bank, hours=2)
    assert (only(case).state, only(case).attempts, only(case).next_at) == ("failed", 3, None)
    assert send() == 0
    assert clock_of(case) == "running"

    by_mail.to_text = "250 OK"
    requeue(bank.by("system:setup"), only(case).id)
    send()

    assert only(case).state == "sent"


def test_an_address_that_does_not_exist_is_not_tried_again(
    by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    by_mail.to_reader = f"550 no such box {MAIL}"
    case = decided()
    send()

    assert (only(case).state, only(case).problem) == ("failed", "service.smtp_550")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_event WHERE payload LIKE %s", [f"%{MAIL}%"])
        assert cursor.fetchone() == (0,)


def test_a_mail_whose_outcome_is_unknown_is_never_sent_again_by_itself(
    bank: SmallBank, by_mail: MailServer, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    by_mail.to_text = "hang up"
    case = decided()
    send()

    assert (only(case).state, only(case).problem) == ("failed", "service.no_answer")
    later(bank, hours=3)
    assert send() == 0
    assert len(by_mail.mails) == 1


def test_a_worker_that_died_while_sending_leaves_mail_to_a_person_and_sms_to_the_next(
    bank: SmallBank, by_mail: MailServer, sms: Gateway, customer: str,
    decided: Callable[..., str], send: Callable[[], int],
) -> None:  # fmt: skip
    class Died(BaseException):
        pass

    class Dying:
        is_ready = True

        def __init__(self, name: str) -> None:
            self.usual = CHANNELS.get(name)
            self.is_repeatable = self.usual.is_repeatable

        def send(self, outgoing: Any) -> Any:
            self.usual.send(outgoing)
            raise Died

    mailed = decided()
    set_address(bank.by("system:setup"), Recipient("customer", customer), "http", TELEPHONE)
    remove_address(bank.by("system:setup"), Recipient("customer", customer), "smtp")
    texted = decided()
    for name in ("smtp", "http"):
        with CHANNELS.stand_in(name, Dying(name)), pytest.raises(Died):
            send()
    assert {only(mailed).state, only(texted).state} == {"sending"}
    assert send() == 0
    later(bank, minutes=6)

    send()

    assert (only(mailed).state, only(mailed).problem) == ("failed", "service.outcome_unknown")
    assert only(texted).state == "sent"
    assert len(by_mail.mails) == 1
    ids = [headers["webhook-id"] for headers, _ in sms.received]
    assert ids == [only(texted).id] * 2
    assert holds()


def test_of_many_workers_one_sends(
    bank: SmallBank, by_mail: MailServer, decided: Callable[..., str]
) -> None:
    case = decided()

    def work() -> None:
        try:
            delivering.run_due(replace(bank.context, actor="system:worker"))
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(by_mail.mails) == 1
    assert kinds(only(case).id) == ["queued", "tried", "sent"]


def test_a_text_message_is_signed_and_its_receipt_stops_the_clock(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    send()

    headers, body = sms.received[0]
    assert verify(key_of(SECRET), headers, body, bank.clock.now()) == only(case).id
    said = json.loads(body)
    assert (said["to"], said["message"]) == (TELEPHONE, only(case).id)
    assert NAME in said["text"]
    assert (only(case).masked, only(case).state) == ("100****5678", "sent")
    assert clock_of(case) == "running"

    data = receipt(bank, {"message": only(case).id, "state": "delivered"})
    assert take_receipt(bank.by("system:gateway"), *data) == "taken"
    assert take_receipt(bank.by("system:gateway"), *data) == "repeated"

    assert (only(case).state, clock_of(case)) == ("delivered", "stopped")
    assert kinds(only(case).id) == ["queued", "tried", "sent", "delivered"]
    assert holds()


def test_a_receipt_of_failure_leaves_the_clock_running(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    send()
    data = receipt(bank, {"message": only(case).id, "state": "failed"})
    take_receipt(bank.by("system:gateway"), *data)

    assert (only(case).state, only(case).problem) == ("failed", "service.undeliverable")
    assert clock_of(case) == "running"


def test_receipts_that_are_forged_old_or_senseless_change_nothing(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    gate = bank.by("system:gateway")
    headers, body = receipt(bank, {"message": only(case).id, "state": "delivered"})
    with refused("service.not_sent"):
        take_receipt(gate, headers, body)
    send()
    with refused("service.wrong_signature"):
        take_receipt(gate, headers, body.replace(b"delivered", b"failed"))
    with refused("service.wrong_signature"):
        take_receipt(gate, {**headers, "webhook-id": "r2"}, body)
    with refused("service.not_signed"):
        take_receipt(gate, {}, body)
    with refused("service.wrong_time"):
        take_receipt(gate, {**headers, "webhook-timestamp": "never"}, body)
    # Our own signed message, sent back to us, is no receipt.
    with refused("service.bad_receipt"):
        take_receipt(gate, *sms.received[0])
    with refused("service.no_such_message"):
        take_receipt(gate, *receipt(bank, {"message": "other", "state": "delivered"}))
    later(bank, minutes=6)
    with refused("service.wrong_time"):
        take_receipt(gate, headers, body)

    assert (only(case).state, clock_of(case)) == ("sent", "running")


@pytest.mark.parametrize(
    ("status", "state"), [(503, "queued"), (429, "queued"), (302, "failed"), (400, "failed")]
)
def test_what_the_gateway_answers_decides(
    sms: Gateway, decided: Callable[..., str], send: Callable[[], int], status: int, state: str
) -> None:
    sms.statuses, sms.location = [status], "http://127.0.0.1:1/elsewhere"
    case = decided()
    send()

    assert (only(case).state, only(case).problem) == (state, f"service.http_{status}")
    assert len(sms.received) == 1


def test_a_gateway_that_is_away_is_asked_again(
    bank: SmallBank, sms: Gateway, decided: Callable[..., str], send: Callable[[], int],
    settings: Any,
) -> None:  # fmt: skip
    settings.GATEWAY = {**settings.GATEWAY, "url": "http://127.0.0.1:1/"}
    case = decided()
    send()
    assert (only(case).state, only(case).problem) == ("queued", "service.unreachable")
    settings.GATEWAY = {**settings.GATEWAY, "url": sms.url}
    later(bank, minutes=5)
    send()
    assert only(case).state == "sent"


def test_addresses_are_checked_masked_and_guarded(bank: SmallBank, customer: str) -> None:
    setup, reader = bank.by("system:setup"), Recipient("customer", customer)
    for wrong in (
        "",
        "a@b",
        "a@mail.example\r\nBcc: x@y.example",
        "<a@mail.example>",
        "王@银行.中国",
    ):
        with refused("service.bad_address"):
            set_address(setup, reader, "smtp", wrong)
    with refused("identity.not_permitted"):
        set_address(bank.by("ann"), reader, "smtp", MAIL)
    with refused("identity.not_permitted"):
        set_address(bank.by("ann"), Recipient("person", "bob"), "smtp", MAIL)
    with refused("service.no_such_recipient"):
        set_address(setup, Recipient("customer", "nobody"), "smtp", MAIL)
    with refused("service.no_such_address"):
        remove_address(setup, reader, "smtp")

    set_address(bank.by("ann"), Recipient("person", "ann"), "smtp", "ann@bank.example")

    assert addresses_of("person:ann")[0].masked == "a***@bank.example"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_event WHERE payload LIKE %s", ["%ann@bank%"])
        assert cursor.fetchone() == (0,)


def test_a_silent_gateway_does_not_hold_up_the_others(
    bank: SmallBank, mail: MailServer, sms: Gateway, customer: str, decided: Callable[..., str],
    send: Callable[[], int], settings: Any,
) -> None:  # fmt: skip
    settings.GATEWAY = {**settings.GATEWAY, "url": "http://127.0.0.1:1/"}
    first, second = decided(), decided()
    set_address(bank.by("system:setup"), Recipient("customer", customer), "smtp", MAIL)
    third = decided()

    send()

    assert sorted(only(case).attempts for case in (first, second)) == [0, 1]
    assert only(third).state == "sent"
