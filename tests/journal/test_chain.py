"""The journal holds: every way of tampering is named, and a repeated request writes once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from touchstone.journal.checkpoint import take_checkpoint
from touchstone.journal.reading import rows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.journal.verify import verify
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def note(context: ActContext, stream: str, text: str) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.record(stream, Fact("test.noted", {"text": text}, (ObjectRef("person", "p1"),)))

    perform("test.note", context, work)


@pytest.fixture
def journal(context: ActContext) -> ActContext:
    for number in range(1, 6):
        note(context, "case:a", f"第{number}步")
        note(context, "case:b", f"step {number}")
    take_checkpoint(context.clock)
    note(context, "case:a", "after")
    return context


def change(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount >= 1


def test_an_untouched_journal_verifies(journal: ActContext) -> None:
    result = verify()

    assert (result.ok, result.events, result.streams, result.checkpoints) == (True, 11, 2, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", "replace(payload, '第3步', '第4步')"),
        ("actor", "'system:other'"),
        ("act", "'test.other'"),
        ("on_behalf_of", "'p9'"),
        ("occurred_at", "occurred_at + 1"),
        ("recorded_at", "recorded_at - 1"),
        ("key", "'k'"),
    ],
)
def test_a_changed_column_is_found(journal: ActContext, column: str, value: str) -> None:
    change(f"UPDATE journal_event SET {column} = {value} WHERE stream = 'case:a' AND position = 3")

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:a", 3)


def test_a_removed_row_is_found(journal: ActContext) -> None:
    change("DELETE FROM journal_event WHERE stream = 'case:a' AND position = 2")

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:a", 2)


def test_two_rows_that_changed_places_are_found(journal: ActContext) -> None:
    change("UPDATE journal_event SET position = 99 WHERE stream = 'case:a' AND position = 2")
    change("UPDATE journal_event SET position = 2 WHERE stream = 'case:a' AND position = 3")
    change("UPDATE journal_event SET position = 3 WHERE stream = 'case:a' AND position = 99")

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:a", 2)


def test_an_inserted_row_is_found(journal: ActContext) -> None:
    change("UPDATE journal_event SET position = 7 WHERE stream = 'case:a' AND position = 6")
    change(
        "INSERT INTO journal_event (stream, position, act, actor, occurred_at, recorded_at,"
        " payload, hash) SELECT stream, 6, act, actor, occurred_at, recorded_at, payload, hash"
        " FROM journal_event WHERE stream = 'case:a' AND position = 5"
    )

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:a", 6)


def test_a_tail_cut_behind_a_checkpoint_is_found(journal: ActContext) -> None:
    change("DELETE FROM journal_event WHERE stream = 'case:b' AND position > 3")

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:b", 5)


def test_a_stream_that_is_gone_is_found(journal: ActContext) -> None:
    change("DELETE FROM journal_event WHERE stream = 'case:b'")

    broken = verify().first_broken

    assert broken is not None
    assert broken.stream == "case:b"


def test_a_chain_written_anew_is_found_by_the_checkpoint(journal: ActContext) -> None:
    kept = [row for row in rows() if row.stream == "case:b"]
    change("DELETE FROM journal_event WHERE stream = 'case:b'")
    for number, _ in enumerate(kept):
        note(journal, "case:b", f"forged {number}")

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.position) == ("case:b", 5)


@pytest.mark.parametrize("column", ["root", "signature", "previous"])
def test_a_changed_checkpoint_is_found(journal: ActContext, column: str) -> None:
    change(f"UPDATE journal_checkpoint SET {column} = %s", bytes(32))
    if column == "previous":
        change(f"UPDATE journal_checkpoint SET {column} = %s", b"\x01" * 32)

    broken = verify().first_broken

    assert broken is not None
    assert broken.stream == "checkpoint:1"


def test_checkpoints_signed_anew_with_another_key_are_found(
    journal: ActContext, tmp_path: Path, settings: Any
) -> None:
    change("DELETE FROM journal_event WHERE stream = 'case:b' AND position > 3")
    change("DELETE FROM journal_checkpoint")
    change("DELETE FROM journal_checkpoint_head")
    own, settings.KEYS = settings.KEYS, tmp_path / "forged"
    take_checkpoint(journal.clock)
    settings.KEYS = own

    broken = verify().first_broken

    assert broken is not None
    assert (broken.stream, broken.reason) == ("checkpoint:1", "the signature does not hold")


def test_many_checkpoints_are_each_held_against_the_chain(journal: ActContext) -> None:
    for number in range(3):
        note(journal, f"case:{number}", "more")
        take_checkpoint(journal.clock)
    assert (verify().ok, verify().checkpoints) == (True, 4)

    change("DELETE FROM journal_checkpoint WHERE number = 2")

    broken = verify().first_broken
    assert broken is not None
    assert broken.reason == "the chain of checkpoints is broken"


def test_the_same_key_writes_once(context: ActContext) -> None:
    keyed = context.with_key("request-1")
    note(keyed, "case:a", "one")

    with pytest.raises(AlreadyDone) as caught:
        note(keyed, "case:a", "one")

    assert (caught.value.row.stream, caught.value.row.position) == ("case:a", 1)
    assert verify().events == 1


def test_a_refusal_writes_nothing(context: ActContext) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.record("case:a", Fact("test.noted", {}))
        raise refuse("test.no", "不行", "no")

    with pytest.raises(Refusal):
        perform("test.note", context, work)

    assert verify().events == 0


def test_an_act_is_repeated_when_another_came_first(context: ActContext) -> None:
    tries = []

    def work(unit: UnitOfWork) -> None:
        unit.head("case:a")
        tries.append(1)
        if len(tries) == 1 and connection.vendor == "postgresql":
            note(replace(context, actor="system:other"), "case:b", "not in the way")
        unit.record("case:a", Fact("test.noted", {}))

    perform("test.note", context, work)

    assert verify().ok
