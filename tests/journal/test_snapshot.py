"""A long reading sees one instant, while others go on writing."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection

from touchstone.identity.actions import open_unit
from touchstone.journal.reading import rows
from touchstone.journal.session import snapshot
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.text import Text

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def _units() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_unit")
        return int(cursor.fetchone()[0])


def test_journal_and_tables_agree_within_a_snapshot_while_somebody_writes(
    context: ActContext,
) -> None:
    setup = replace(context, actor="system:setup")
    open_unit(setup, "head", Text("总行", "Head office"), "head")

    def write() -> None:
        try:
            open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
        finally:
            connection.close()

    with snapshot():
        before = len(list(rows()))
        other = threading.Thread(target=write)
        other.start()
        other.join()
        assert (len(list(rows())), _units()) == (before, 1)
    assert (len(list(rows())), _units()) == (before + 1, 2)
    open_unit(setup, "b2", Text("二分行", "Branch two"), "branch", "head")
    assert _units() == 3
