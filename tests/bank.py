"""A simulated bank for pages and API, made once a package; every test sees it anew and leaves it as it was."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.reset import forget, make_room
from touchstone.simulation.run import Simulation

DAYS = 12


@pytest.fixture(scope="package", autouse=True)
def static_folder() -> None:
    """The folder that the pages' middleware looks for."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class Kept:
    """The bank as it was made, and everything needed to put it back."""

    simulation: Simulation
    keys: Path
    copy: sqlite3.Connection

    def put_back(self) -> None:
        """Fill the database as the simulation left it."""
        connection.ensure_connection()
        self.copy.backup(connection.connection)
        forget()


@pytest.fixture(scope="package")
def simulated_bank(django_db_setup: None, django_db_blocker: object) -> Iterator[Kept]:
    """Twelve days that end yesterday, in the test database."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        make_room(fresh=True)
        forget()
        simulation = Simulation(7, day_of(SystemClock().now()) - dt.timedelta(days=DAYS))
        simulation.run(DAYS)
        copy = sqlite3.connect(":memory:")
        connection.connection.backup(copy)
        yield Kept(simulation, settings.KEYS, copy)
        copy.close()
        make_room(fresh=True)
        forget()


@pytest.fixture(scope="module")
def filled_bank(simulated_bank: Kept, django_db_blocker: object) -> Kept:
    """The bank put back once for a module whose tests only read; each in a transaction of its own."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        simulated_bank.put_back()
    return simulated_bank


@pytest.fixture
def bank(simulated_bank: Kept, transactional_db: None, settings: object) -> Simulation:
    """The bank as it was made; acts are really done in it, and gone with the test."""
    settings.KEYS = simulated_bank.keys  # type: ignore[attr-defined]
    simulated_bank.put_back()
    return simulated_bank.simulation


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
