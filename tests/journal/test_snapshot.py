"""A long reading sees one instant, while others go on writing."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from touchstone.identity.actions import open_unit
from touchstone.journal import replay as replaying
from touchstone.journal.reading import rows
from touchstone.journal.session import snapshot
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.text import Text

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def _units() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_unit")
        return int(cursor.fetchone()[0])


def _open_elsewhere(setup: ActContext) -> None:
    """Open a branch from another connection, and wait until it is written."""

    def write() -> None:
        try:
            open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
        finally:
            connection.close()

    other = threading.Thread(target=write)
    other.start()
    other.join()


@pytest.fixture
def setup(context: ActContext) -> ActContext:
    founder = replace(context, actor="system:setup")
    open_unit(founder, "head", Text("总行", "Head office"), "head")
    return founder


def test_journal_and_tables_agree_within_a_snapshot_while_somebody_writes(
    setup: ActContext,
) -> None:
    with snapshot():
        before = len(list(rows()))
        _open_elsewhere(setup)
        assert (len(list(rows())), _units()) == (before, 1)
    assert (len(list(rows())), _units()) == (before + 1, 2)
    open_unit(setup, "b2", Text("二分行", "Branch two"), "branch", "head")
    assert _units() == 3


def test_a_replay_finds_no_difference_where_somebody_writes_between_journal_and_tables(
    setup: ActContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = replaying.folded

    def then_written(progress: Any = None) -> Any:
        tables = folded(progress)
        _open_elsewhere(setup)
        return tables

    monkeypatch.setattr(replaying, "folded", then_written)
    assert {name: table.differences for name, table in replaying.replay().items()} == dict.fromkeys(
        replaying.projections(), 0
    )
    assert _units() == 2
