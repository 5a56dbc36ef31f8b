"""A simulated bank for pages, API and browser, made once a run; every test sees it as it was made."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.reset import forget
from touchstone.simulation.run import Simulation

DAYS, SEED = 12, 7
ROOT = Path(__file__).parents[1]


def make(folder: Path) -> None:
    """Twelve days that end yesterday, with database and keys as a server would find them."""
    import django

    django.setup()
    from touchstone.cli.database import ready_database, sqlite_without_sync

    ready_database()
    sqlite_without_sync()
    simulation = Simulation(SEED, day_of(SystemClock().now()) - dt.timedelta(days=DAYS))
    simulation.run(DAYS)
    (folder / "simulation.pickle").write_bytes(pickle.dumps(simulation))


@pytest.fixture(scope="session")
def made_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bank; whichever worker comes first makes it in a process of its own."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "made-bank"
    with (shared / "made-bank.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "simulation.pickle").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            environment = {
                **os.environ,
                "TOUCHSTONE_DATA": str(folder),
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            }
            environment.pop("TOUCHSTONE_DATABASE_URL", None)
            command = [sys.executable, "-m", "tests.bank", str(folder)]
            subprocess.run(command, env=environment, check=True)
    return folder


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
    empty: sqlite3.Connection

    def put_back(self) -> None:
        """Fill the database as the simulation left it."""
        _fill(self.copy)

    def clear(self) -> None:
        """Leave the database as empty as it was before."""
        _fill(self.empty)


def _fill(copy: sqlite3.Connection) -> None:
    connection.ensure_connection()
    copy.backup(connection.connection)
    forget()


@pytest.fixture(scope="package")
def simulated_bank(
    made_bank: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Kept]:
    """The bank, to be put into the test database."""
    copy = sqlite3.connect(made_bank / "touchstone.sqlite3")
    empty = sqlite3.connect(":memory:")
    with django_db_blocker.unblock():
        connection.ensure_connection()
        connection.connection.backup(empty)
        simulation = pickle.loads((made_bank / "simulation.pickle").read_bytes())
        kept = Kept(simulation, made_bank / "keys", copy, empty)
        yield kept
        kept.clear()
    copy.close()
    empty.close()


@pytest.fixture(scope="module")
def filled_bank(simulated_bank: Kept, django_db_blocker: DjangoDbBlocker) -> Iterator[Kept]:
    """The bank put back once for a module whose tests only read; each in a transaction of its own."""
    with django_db_blocker.unblock():
        simulated_bank.put_back()
    yield simulated_bank
    with django_db_blocker.unblock():
        simulated_bank.clear()


@pytest.fixture
def bank(
    simulated_bank: Kept, django_db_blocker: DjangoDbBlocker, settings: object
) -> Iterator[Simulation]:
    """The bank as it was made; acts are really done in it, and gone with the test."""
    settings.KEYS = simulated_bank.keys  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        simulated_bank.put_back()
        yield simulated_bank.simulation
        simulated_bank.clear()


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


if __name__ == "__main__":
    make(Path(sys.argv[1]))
