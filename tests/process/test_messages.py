"""Messages find the case with the same key, signals everybody who waits; each once, on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds
from tests.process.small_pack import OPINION, bpmn, procedure, review_files, step, user, write_pack
from touchstone.journal.followers import FollowerRun
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.process.actions.tasks import complete_task

EVENTS = (
    '<bpmn:message id="m" name="papers"/><bpmn:message id="o" name="letter"/>'
    '<bpmn:signal id="s" name="closed"/>'
)
THROW = (
    '<bpmn:intermediateThrowEvent id="throw"><bpmn:messageEventDefinition messageRef="m"/>'
    "</bpmn:intermediateThrowEvent>"
)
OUTSIDE = THROW.replace("throw", "outside", 1).replace('"m"', '"o"')
SIGNAL = (
    '<bpmn:intermediateThrowEvent id="tell"><bpmn:signalEventDefinition signalRef="s"/>'
    "</bpmn:intermediateThrowEvent>"
)
SEND = '<bpmn:sendTask id="throw" messageRef="m"/>'
RECEIVE = '<bpmn:receiveTask id="receive" name="receive" messageRef="m"/>'
CATCH = (
    '<bpmn:intermediateCatchEvent id="catch"><bpmn:signalEventDefinition signalRef="s"/>'
    "</bpmn:intermediateCatchEvent>"
)
TITLED = "  receive:\n    title: {zh: 等待, en: Waiting}\n"
DECLARED = "messages:\n  papers: {key: number, carries: [opinion]}\n"
AWAITED = "messages:\n  papers: {key: number}\n"


def of(slug: str, number: str, diagram: str, steps: str, more: str = "") -> dict[str, str]:
    """The files of one procedure."""
    folder = f"procedures/{slug}"
    return {
        f"{folder}/procedure.yaml": procedure(number, slug, steps, more),
        f"{folder}/{slug}.bpmn": diagram,
        f"{folder}/forms/opinion.schema.json": json.dumps(OPINION, ensure_ascii=False),
    }


def files(throw: str = THROW, declared: str = DECLARED) -> dict[str, str]:
    """One procedure that throws, one that waits for a message, one for a signal."""
    prepare, check = step("prepare", "clerk"), step("check", "approver")
    sender = bpmn("sender", user("prepare"), throw, OUTSIDE, SIGNAL, extra=EVENTS)
    receiver = bpmn("receiver", user("prepare"), RECEIVE, user("check"), extra=EVENTS)
    listener = bpmn("listener", user("prepare"), CATCH, user("check"), extra=EVENTS)
    return {
        **review_files(),
        **of("sender", "P91", sender, prepare, declared),
        **of("receiver", "P92", receiver, prepare + check + TITLED, AWAITED),
        **of("listener", "P93", listener, prepare + check),
    }


def begun(bank: SmallBank, slug: str, number: str) -> str:
    """A case of ``slug`` with a number, its first step done."""
    case = bank.begin(slug, number=number)
    complete_task(bank.by("ann"), bank.task(case, "prepare"), {"opinion": "approve"})
    return case


def open_steps(case: str) -> list[str]:
    return column("element", "process_task", case, "state = 'open'")


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("throw", [THROW, SEND])
def test_a_message_reaches_the_case_with_the_same_key(tmp_path: Path, throw: str) -> None:
    bank = found_small_bank(tmp_path, files(throw))
    one, other = begun(bank, "receiver", "N-1"), begun(bank, "receiver", "N-2")

    sender = begun(bank, "sender", "N-2")
    bank.machines()

    assert (open_steps(one), open_steps(other)) == ([], ["check"])
    (received,) = facts(other, "process.message_received")
    assert received == {"name": "papers", "from": sender}
    assert facts(one, "process.message_received") == []
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_two_who_wait_the_first_gets_it_and_only_once(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files())
    first, second = begun(bank, "receiver", "N-1"), None
    bank.at("03-02", "11:00")
    second = begun(bank, "receiver", "N-1")

    begun(bank, "sender", "N-1")
    bank.machines()
    again = FollowerRun()
    again._load_places()
    again._places = dict.fromkeys(again._places, (0, 0))
    again.deliver(bank.by("system:worker"))

    assert (open_steps(first), open_steps(second)) == (["check"], [])
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_message_that_nobody_waits_for_is_said_to_be_unclaimed(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files())
    begun(bank, "receiver", "N-1")

    sender = begun(bank, "sender", "N-3")
    bank.machines()

    assert facts(sender, "process.message_unclaimed") == [{"name": "papers", "key": "N-3"}]
    thrown = {item["name"]: item for item in facts(sender, "process.thrown")}
    assert thrown["papers"]["values"] == {"opinion": "approve"}
    assert "key" not in thrown["letter"]
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_signal_reaches_everybody_who_waits(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files())
    one, other = begun(bank, "listener", "N-1"), begun(bank, "listener", "N-2")
    late = bank.begin("listener")

    sender = begun(bank, "sender", "N-9")
    bank.machines()

    assert [open_steps(case) for case in (one, other, late)] == [["check"], ["check"], ["prepare"]]
    assert facts(one, "process.signal_received") == [{"name": "closed", "from": sender}]
    assert holds()


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (DECLARED.replace("key: number", "key: remark"), "process.no_variable"),
        (DECLARED.replace("[opinion]", "[remark]"), "process.no_variable"),
        (DECLARED.replace("papers", "paper"), "process.no_message"),
        (DECLARED.replace("key: number, ", ""), "packs.schema"),
    ],
)
def test_a_wrong_declaration_is_named_by_lint(tmp_path: Path, declared: str, code: str) -> None:
    pack = read(write_pack(tmp_path, files(declared=declared)))

    assert code in [problem.code for problem in lint(pack)]
