"""The status page: true counts, both languages, nothing personal."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client

from touchstone.journal.queries import journal_size
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation
from touchstone.web.status import status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def static_folder() -> None:
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def test_health_is_plain() -> None:
    assert Client().get("/healthz").json() == {"ok": True}


def test_an_empty_institution_is_told_how_to_begin() -> None:
    make_room(fresh=True)

    page = Client().get("/?lang=zh").content.decode()

    assert "尚无业务" in page
    assert 'lang="zh-Hans"' in page


def test_the_page_shows_what_the_tables_hold() -> None:
    make_room(fresh=True)
    simulation = Simulation(7, dt.date(2026, 1, 1))
    simulation.run(6)
    found = status(simulation.clock.now())

    page = Client().get("/?lang=en").content.decode()

    assert found.clauses == 102
    assert found.persons == len(simulation.staff)
    assert found.events == journal_size()[0]
    assert "P03 Loan application and approval" in page
    assert str(found.events) in page
