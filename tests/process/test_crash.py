"""A process killed twenty times under load loses nothing that it reported, and leaves no half act."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.process.conftest import Bank
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
KILLS = 20


def address() -> str:
    """The test database, as another process reaches it."""
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"sqlite://{connection.settings_dict['NAME']}"
    return (
        f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}"
        f"/{connection.settings_dict['NAME']}"
    )


def test_killed_twenty_times_under_load(bank: Bank) -> None:
    chance = random.Random(7)
    environment = {
        **os.environ,
        "TOUCHSTONE_DATABASE_URL": address(),
        "TOUCHSTONE_KEYS": str(settings.KEYS),
        "TOUCHSTONE_SQLITE_SYNCHRONOUS": "FULL",
    }
    reported: list[str] = []
    for _ in range(KILLS):
        command = [sys.executable, str(Path(__file__).with_name("crash_worker.py"))]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            reported.append(worker.stdout.readline().strip())
            time.sleep(chance.random() / 20)
            worker.send_signal(signal.SIGKILL)
            reported += [line.strip() for line in worker.stdout.read().splitlines()]

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case WHERE state = 'ended'")
        ended = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT count(*) FROM process_case c WHERE state = 'open' AND NOT EXISTS"
            " (SELECT 1 FROM process_task t WHERE t.case_id = c.id AND t.state = 'open')"
        )
        (half_done,) = cursor.fetchone()

    assert len(reported) >= KILLS
    # The last line of a killed process may be cut short.
    assert {case for case in reported if len(case) == 16} <= ended
    assert half_done == 0
    assert verify().ok
    assert all(table.differences == 0 for table in replay().values())
