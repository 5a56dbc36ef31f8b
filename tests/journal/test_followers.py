"""Followers miss nothing, repeat nothing, and go on where they stopped."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.conftest import START
from touchstone.journal import followers
from touchstone.journal.followers import FollowerRun, follows
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.facts import Fact, Recorded
from touchstone.kernel.time import VirtualClock

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    monkeypatch.setattr(followers, "_followers", {})
    received: list[tuple[str, int]] = []

    @follows("test.noted", name="test.listener")
    def listen(context: ActContext, recorded: Recorded) -> None:
        received.append((recorded.stream, recorded.position))

    return received


def note(context: ActContext, stream: str, delay: float = 0) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.record(stream, Fact("test.noted", {}))
        time.sleep(delay)

    perform("test.note", context, work)


def test_sixteen_writers_with_random_delays_lose_nothing(
    seen: list[tuple[str, int]],
) -> None:
    writers, each = 16, 12
    done = threading.Event()

    def write(number: int) -> None:
        chance = random.Random(number)
        context = ActContext("system:test", VirtualClock(START), SeededChance(number))
        try:
            for turn in range(each):
                # Odd turns hold the transaction open behind others, as a slow writer would.
                if turn % 2 and connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("BEGIN")
                        cursor.execute(
                            "INSERT INTO journal_event (stream, position, act, actor, occurred_at,"
                            " recorded_at, payload, hash) VALUES (%s, 1, 'test.note', 'x', 0, 0,"
                            ' \'{"facts":[{"data":{},"kind":"test.noted"}]}\', %s)',
                            (f"slow:{number}.{turn}", b""),
                        )
                        time.sleep(chance.random() / 50)
                        cursor.execute("COMMIT")
                else:
                    note(context, f"case:{number}.{turn}", chance.random() / 200)
        finally:
            connection.close()

    def read() -> None:
        context = ActContext("system:test", VirtualClock(START), SeededChance(0))
        run = FollowerRun()
        try:
            while not done.is_set():
                run.deliver(context)
                time.sleep(0.002)
            run.deliver(context)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    reader = threading.Thread(target=read)
    for thread in [*threads, reader]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()

    assert len(seen) == writers * each
    assert len(set(seen)) == writers * each


def test_a_follower_goes_on_where_it_stopped(
    seen: list[tuple[str, int]], context: ActContext
) -> None:
    note(context, "case:a")
    FollowerRun().deliver(context)
    note(context, "case:a")

    FollowerRun().deliver(context)

    assert seen == [("case:a", 1), ("case:a", 2)]


def test_a_reaction_delivered_twice_writes_once(
    monkeypatch: pytest.MonkeyPatch, context: ActContext
) -> None:
    monkeypatch.setattr(followers, "_followers", {})

    @follows("test.noted", name="test.echo")
    def echo(context: ActContext, recorded: Recorded) -> None:
        def work(unit: UnitOfWork) -> None:
            unit.record(f"echo:{recorded.stream}", Fact("test.echoed", {}))

        perform("test.echo", context, work)

    note(context, "case:a")
    FollowerRun().deliver(context)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_cursor")

    FollowerRun().deliver(context)

    assert verify().events == 2
