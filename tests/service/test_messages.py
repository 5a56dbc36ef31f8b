"""A letter is queued once, says nothing in the journal, and stops a clock only when it arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, facts, holds, refused
from tests.service.conftest import NAME, TELEPHONE
from touchstone.clocks.actions import sweep
from touchstone.clocks.queries import clocks_of
from touchstone.journal.followers import FollowerRun
from touchstone.process.actions.cases import start_case
from touchstone.service.actions.by_hand import hand_over, requeue, show_letter
from touchstone.service.letters import Rendered
from touchstone.service.queries import (
    MessageView,
    message_counts,
    messages_of_case,
    print_list,
    recent_messages,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def only(case: str) -> MessageView:
    found = messages_of_case(case)
    assert len(found) == 1
    return found[0]


def clock(case: str, name: str = "told") -> str:
    return next(view.status for view in clocks_of(case) if view.clock == name)


def shown(bank: SmallBank, message: str) -> Rendered:
    return show_letter(bank.by("oli"), message)


def test_without_a_channel_the_letter_waits_to_be_printed(
    bank: SmallBank, decided: Callable[..., str], send: Callable[[], int]
) -> None:
    case = decided()
    message = only(case)

    assert (message.channel, message.state, message.masked) == ("print", "waiting", None)
    assert send() == 0
    assert [item.id for item in print_list(["o1"])] == [message.id]
    text = shown(bank, message.id).body
    assert text.zh.startswith(
        f"{NAME}:\n您的申请结果为：同意。\n编号 N-7。\n最迟 2026年3月4日24:00 送达"
    )
    assert "was granted" in text.en
    assert "2 working days" in text.en
    assert holds()


def test_nothing_personal_is_in_the_journal_or_in_any_row(
    bank: SmallBank, decided: Callable[..., str]
) -> None:
    decided()

    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM journal_event")
        journal = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT * FROM service_message")
        rows = str(cursor.fetchall())
    for text in (NAME, TELEPHONE, "私密备注", "您的申请结果", "欧阳"):
        assert text not in journal
        assert text not in rows
    assert '"sha256"' in journal


def test_posted_is_not_delivered_and_delivered_stops_the_clock(
    bank: SmallBank, decided: Callable[..., str]
) -> None:
    case = decided()
    message = only(case)
    assert clock(case) == "running"
    hand_over(bank.by("oli"), message.id, "posted")
    assert (only(case).state, clock(case)) == ("sent", "running")

    hand_over(bank.by("oli"), message.id, "confirmed")

    assert (only(case).state, clock(case)) == ("delivered", "stopped")
    assert facts(case, "process.letter_delivered")[0]["message"] == message.id
    assert holds()


def test_the_clock_outlives_the_case_and_is_breached_while_nobody_was_told(
    bank: SmallBank, decided: Callable[..., str]
) -> None:
    case = decided()
    assert len(facts(case, "process.case_ended")) == 1
    assert clock(case) == "running"
    bank.at("03-05")
    sweep(bank.by("system:sweeper"))
    bank.machines()
    assert clock(case) == "breached"
    assert len(facts(case, "process.escalated")) == 1

    hand_over(bank.by("oli"), only(case).id, "handed_over")

    stopped = facts(case, "clocks.stopped")[-1]
    assert (stopped["clock"], stopped["how"], stopped["in_time"]) == ("told", "delivered", False)
    assert holds()


def test_telling_face_to_face_is_telling_and_the_letter_only_confirms_it(
    bank: SmallBank, customer: str
) -> None:
    case = start_case(
        bank.by("ann"), "word", unit="o1", values={"opinion": "approve"}, customer=customer
    )
    bank.complete(case, "tell", "ann")
    assert clock(case) == "stopped"
    bank.machines()
    assert only(case).state == "waiting"

    other = start_case(
        bank.by("ann"), "word", unit="o1", values={"opinion": "reject"}, customer=customer
    )
    bank.complete(other, "tell", "ann", opinion="reject")
    bank.machines()
    assert clock(other) == "running"


def test_a_second_delivery_to_the_follower_queues_nothing(
    bank: SmallBank, decided: Callable[..., str]
) -> None:
    case = decided()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_cursor")

    FollowerRun().deliver(replace(bank.context, actor="system:worker"))

    assert only(case).state == "waiting"
    assert holds()


def test_an_unknown_customer_is_written_to_without_a_name(bank: SmallBank) -> None:
    case = start_case(bank.by("ann"), "notice", unit="o1", values={"opinion": "approve"})
    bank.complete(case, "decide", "ann")
    bank.machines()

    text = shown(bank, only(case).id).body
    assert text.zh.startswith("尊敬的客户:")
    assert "编号" not in text.zh


def test_a_letter_to_staff_goes_to_each_holder_of_the_post(bank: SmallBank) -> None:
    case = start_case(bank.by("ann"), "inform", unit="o1", values={"opinion": "approve"})
    bank.complete(case, "tell", "ann")
    bank.machines()

    assert [item.recipient for item in messages_of_case(case)] == ["person:hal"]


def test_only_who_may_hands_over_and_looks(bank: SmallBank, decided: Callable[..., str]) -> None:
    message = only(decided()).id

    for person in ("ann", "sue", "qin", "aud"):
        with refused("identity.not_permitted"):
            hand_over(bank.by(person), message, "handed_over")
        with refused("identity.not_permitted"):
            show_letter(bank.by(person), message)
        with refused("identity.not_permitted"):
            requeue(bank.by(person), message)
    with refused("service.no_such_message"):
        hand_over(bank.by("oli"), "nothing", "handed_over")
    with refused("service.wrong_state"):
        hand_over(bank.by("oli"), message, "confirmed")
    assert recent_messages()[0].state == "waiting"


def test_who_looked_at_a_letter_is_on_record(bank: SmallBank, decided: Callable[..., str]) -> None:
    message = only(decided()).id
    shown(bank, message)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor FROM journal_event WHERE payload LIKE %s", ["%vault.value_shown%"]
        )
        assert cursor.fetchall() == [("oli",)]
    assert message_counts() == {"waiting": 1}
