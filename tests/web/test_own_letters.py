"""A customer reads his letters in the portal: his own, on record, and then they have reached him."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client

from tests.web.test_portal import Counter
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.facts import Recorded
from touchstone.kernel.time import SystemClock
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import start_case
from touchstone.process.course import outcome_title
from touchstone.service.queries import letters_to
from touchstone.simulation.run import Simulation

AsPerson = Callable[[str], Client]


@dataclass(frozen=True)
class Letter:
    id: str
    reader: str
    case: str


def row(sql: str, *params: object) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    assert found is not None, sql
    return tuple(found)


@pytest.fixture
def letter(bank: Simulation) -> Letter:
    """A receipt that lies at the outlet for a customer who has just complained."""
    counter = Counter(bank, ActContext("system:test", SystemClock(), SystemChance()))
    who = counter.customer(1)
    mine = counter.by(f"customer:{who}")
    values = {"subject": "service", "complaint_text": "排队太久。"}
    case = start_case(mine, "complaint", unit="b31", values=values, customer=who)
    counter.machines()
    (found,) = letters_to(mine.actor, case=case)
    assert (found.state, found.has_text) == ("waiting", True)
    return Letter(found.id, mine.actor, case)


def test_his_letters_are_listed_and_read_once_they_have_reached_him(
    as_person: AsPerson, letter: Letter
) -> None:
    client, address = as_person(letter.reader), f"/my/letters/{letter.id}/"
    for page in ("/my/letters/", f"/my/cases/{letter.case}/"):
        assert address in client.get(page).content.decode(), page

    answer = client.post(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'class="card-body letter"' in answer.content.decode()
    told = delivered(letter)
    assert [(fact.data["how"], fact.actor) for fact in told] == [("read", letter.reader)]
    assert client.post(address).status_code == 200
    assert len(delivered(letter)) == 1, "it arrives once"


def delivered(letter: Letter) -> list[Recorded]:
    facts = [fact for event in stream_rows(f"message:{letter.id}") for fact in event.recorded()]
    return [fact for fact in facts if fact.kind == "service.message_delivered"]


def test_another_customers_letter_is_none(as_person: AsPerson, letter: Letter) -> None:
    other = row(
        "SELECT DISTINCT customer FROM process_case WHERE customer <> %s ORDER BY 1 LIMIT 1",
        letter.reader.removeprefix("customer:"),
    )[0]
    stranger = as_person(f"customer:{other}")
    assert stranger.post(f"/my/letters/{letter.id}/").status_code == 404
    assert letter.id not in stranger.get("/my/letters/").content.decode()
    assert delivered(letter) == []


def test_a_letter_to_staff_is_not_read_here(as_person: AsPerson, letter: Letter) -> None:
    listed = row("SELECT id FROM service_message WHERE recipient NOT LIKE %s LIMIT 1", "customer:%")
    assert as_person(letter.reader).post(f"/my/letters/{listed[0]}/").status_code == 404


@pytest.mark.parametrize("slug", ["loan", "account_opening", "complaint"])
def test_what_was_withdrawn_is_called_so(bank: Simulation, slug: str) -> None:
    assert outcome_title(catalogue().version, slug, "withdrawn").as_dict() == {
        "zh": "已撤回",
        "en": "Withdrawn",
    }
