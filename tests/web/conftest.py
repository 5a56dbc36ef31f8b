"""A simulated bank for the pages, made once a worker; every test sees it anew and leaves it as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.reset import forget, make_room
from touchstone.simulation.run import Simulation

DAYS = 12


@pytest.fixture(scope="package")
def simulated_bank(django_db_setup: None, django_db_blocker: object) -> Iterator[Simulation]:
    """Twelve days that end yesterday, in the test database."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        make_room(fresh=True)
        forget()
        simulation = Simulation(7, day_of(SystemClock().now()) - dt.timedelta(days=DAYS))
        simulation.run(DAYS)
        yield simulation
        make_room(fresh=True)
        forget()


@pytest.fixture
def bank(simulated_bank: Simulation, db: None) -> Simulation:
    """The bank, within a transaction that is rolled back after the test."""
    return simulated_bank


@pytest.fixture
def as_person(bank: Simulation) -> Callable[[str], Client]:
    """A browser logged in as ``p001`` or ``customer:…``."""

    def log_in(actor: str) -> Client:
        user, _ = get_user_model().objects.get_or_create(username=actor)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_factor"] = "own"
        session.save()
        return client

    return log_in


@pytest.fixture
def holder(bank: Simulation) -> Callable[..., str]:
    """The first holder of a post (at a unit)."""

    def find(post: str, unit: str | None = None) -> str:
        return next(
            person.id
            for person in bank.people.staff
            if post in person.posts and unit in (None, person.unit)
        )

    return find
