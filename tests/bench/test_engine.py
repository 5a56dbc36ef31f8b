"""The bench measures what it says: the same rows, the same statements, on the running database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from touchstone.bench.acting import context_of
from touchstone.bench.approval import open_approval_bank, slug_of
from touchstone.bench.costs import engine_microseconds, growth
from touchstone.bench.stepping import measure, record_case, script_of
from touchstone.journal.verify import verify


@pytest.fixture
def approval(tmp_path: Path, nothing_cached: None) -> None:
    open_approval_bank(context_of("system:setup"), tmp_path, steps=10)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_step_reads_once_and_writes_once(approval: None) -> None:
    acts = record_case("approval", 10).acts

    assert len(acts) == 11
    for reads, writes in acts[1:]:
        assert len(reads) == 1
        tables = [str(sql).split()[:3] for sql, _ in writes]
        assert ["INSERT", "INTO", "journal_event"] in tables
        assert len(writes) <= 4


@pytest.mark.django_db(transaction=True)
def test_ours_and_the_floor_run_beside_each_other_and_leave_an_honest_journal(
    approval: None,
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the forked clients of PostgreSQL are run by the bench itself")
    cost = engine_microseconds({"approval": 10}, stretches=2)["approval"]
    size, log = growth(10, cases=3)
    found = measure({"approval": 10}, 2, 0.1)

    assert found["steps_per_second"] > 0
    assert found["floor_steps_per_second"] > found["steps_per_second"] * 0.5
    assert 0 < cost.engine < cost.whole
    assert size > 0
    assert log is None
    # The floor repeats recorded rows under other names, so only what it wrote does not verify.
    assert not verify().ok


def test_the_reference_is_eleven_statements_in_a_transaction() -> None:
    script = script_of("classic-step.sql")

    assert [text for text, _ in script][::12] == ["BEGIN", "COMMIT"]
    assert len(script) == 13


@pytest.mark.django_db(transaction=True)
def test_lengths_take_turns_in_one_bank(tmp_path: Path, nothing_cached: None) -> None:
    open_approval_bank(context_of("system:setup"), tmp_path, steps=20, also=[10])

    lengths = {"approval": 20, slug_of(10): 10}
    costs = engine_microseconds(lengths, stretches=3)

    assert costs.keys() == {"approval", "approval10"}
    assert cases_ended("approval10") == 3
    assert cases_ended("approval") == 1
    assert verify().ok
    if connection.vendor == "sqlite":
        found = measure(lengths, 1, 0.05)
        assert found["procedure_steps"] == 20
        assert 0.2 < found["time_to_10_steps"] < 5
        assert 0.2 < found["floor_time_to_10_steps"] < 5


def cases_ended(procedure: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM process_case WHERE procedure = %s AND state = 'ended'",
            [procedure],
        )
        found = cursor.fetchone()
    assert found is not None
    return int(found[0])
