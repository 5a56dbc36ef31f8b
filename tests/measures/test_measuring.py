"""Measuring as an act: who may, what it writes, and that it writes nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from touchstone.journal.checkpoint import checkpoints
from touchstone.journal.reading import rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import VirtualClock, at_local, day_of
from touchstone.measures.actions import measure_ended_days, measure_now
from touchstone.measures.queries.counted import counted_page
from touchstone.measures.queries.stored import last_measured_day, rows_of_day
from touchstone.records.actions.entries import enter_record, void_record
from touchstone.simulation.bank import found_bank
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation

pytestmark = pytest.mark.database
FOUNDED = dt.date(2026, 3, 2)
CLOCK = VirtualClock(at_local(FOUNDED, dt.time(9)))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def keys_in_a_folder_of_their_own(keys: Path, settings: object) -> None:
    """One bank, one signing key."""
    settings.KEYS = keys  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def founded(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[ActContext]:
    """One bank for the whole file: each test has a month of its own."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        make_room(fresh=True)
        context = ActContext("system:worker", CLOCK, SeededChance(7))
        found_bank(context, Random(7))
        yield context
        make_room(fresh=True)


@pytest.fixture
def day(founded: ActContext) -> dt.date:
    """The second of the next month, at nine in the morning."""
    now = day_of(CLOCK.now())
    following = (now.replace(day=1) + dt.timedelta(days=32)).replace(day=2)
    CLOCK.move_to(at_local(following, dt.time(9)))
    return following


@pytest.fixture
def bank(founded: ActContext, day: dt.date) -> ActContext:
    """The worker's context on that morning."""
    return founded


def holder(context: ActContext, post: str) -> ActContext:
    from touchstone.identity.queries import directory

    holding = next(item for item in directory().holdings if item.post == post)
    return replace(context, actor=holding.person)


def volume(context: ActContext, day: dt.date, transactions: int, unit: str = "b11") -> str:
    values = {
        "day": day.isoformat(),
        "unit": unit,
        "channel": "counter",
        "transactions": transactions,
        "source": "core",
    }
    return enter_record(holder(context, "quality_officer"), "transaction-volume", values)


def measured_rows() -> int:
    return sum(
        recorded.kind.startswith("measures.") for row in rows() for recorded in row.recorded()
    )


def test_only_the_worker_and_the_quality_office_measure(bank: ActContext, day: dt.date) -> None:
    before = measured_rows()
    for actor in ("system:sweeper", holder(bank, "teller").actor, "nobody"):
        with pytest.raises(Refusal) as refused:
            measure_now(replace(bank, actor=actor), day)
        assert refused.value.code == "identity.not_permitted"
    assert measured_rows() == before

    assert measure_now(holder(bank, "quality_officer"), day).recorded > 0


def test_a_day_to_come_is_not_measured(bank: ActContext, day: dt.date) -> None:
    before = measured_rows()

    with pytest.raises(Refusal) as refused:
        measure_now(bank, day + dt.timedelta(days=1))

    assert refused.value.code == "measures.day_to_come"
    assert measured_rows() == before


def test_the_same_value_is_not_written_again(bank: ActContext, day: dt.date) -> None:
    volume(bank, day, 100)
    measure_now(bank, day, with_records=False)
    before = measured_rows()

    again = measure_now(bank, day, with_records=False)

    assert again.recorded == 0
    assert again.unchanged > 0
    assert measured_rows() == before


def test_a_changed_value_is_written_beside_the_old_one_and_a_scope_that_is_gone_withdrawn(
    bank: ActContext, day: dt.date
) -> None:
    errors = {
        "occurred_on": day.isoformat(),
        "found_on": day.isoformat(),
        "business": "opening",
        "unit": "b11",
        "cause": "late",
        "severity": "minor",
        "corrected": True,
        "description": "x",
    }
    enter_record(holder(bank, "post_reviewer"), "operation-error", errors, unit="b11")
    volume(bank, day, 100)
    other = volume(bank, day, 50, "b21")
    measure_now(bank, day, with_records=False)
    first = {row["scope"]: row["denominator"] for row in rows_of_day("K22", day.isoformat())}
    void_record(holder(bank, "quality_officer"), other, "重复录入")

    measure_now(bank, day, with_records=False)

    second = {row["scope"]: row["denominator"] for row in rows_of_day("K22", day.isoformat())}
    assert first == {
        "institution": 150,
        "branch:b1": 100,
        "branch:b2": 50,
        "unit:b11": 100,
        "unit:b21": 50,
    }
    assert second == {"institution": 100, "branch:b1": 100, "unit:b11": 100}
    kinds = [
        (recorded.kind, recorded.data["scope"])
        for row in rows("stream = %s", ("indicator:K22",))
        for recorded in row.recorded()
        if recorded.data["as_of"] == day.isoformat()
    ]
    assert kinds.count(("measures.measured", "institution")) == 2
    assert kinds.count(("measures.measured", "unit:b11")) == 1
    assert kinds.count(("measures.measurement_withdrawn", "unit:b21")) == 1


def test_a_measurement_pins_what_it_rests_on(bank: ActContext, day: dt.date) -> None:
    volume(bank, day, 100)
    done = measure_now(bank, day)

    (row,) = [row for row in rows_of_day("K22", day.isoformat()) if row["scope"] == "institution"]
    assert row["watermark"] == done.watermark == checkpoints()[-1].number
    assert row["standard"] == 1
    assert row["clauses"] == ["APR-10", "MON-05"]
    assert row["lines"]["target"] == "0.0002"


def test_the_record_is_measured_only_where_it_was_verified(bank: ActContext, day: dt.date) -> None:
    measure_now(bank, day, with_records=False)
    assert rows_of_day("K20", day.isoformat()) == []

    measure_now(bank, day)
    (row,) = rows_of_day("K20", day.isoformat())
    assert row["numerator"] == row["denominator"] > 0


def test_the_worker_measures_each_ended_day_once(bank: ActContext, day: dt.date) -> None:
    volume(bank, day, 100)
    measure_ended_days(bank)
    assert last_measured_day() == day - dt.timedelta(days=1)

    CLOCK.move_to(at_local(day + dt.timedelta(days=3), dt.time(1)))
    days = [done.as_of for done in measure_ended_days(bank)]

    assert days == [day + dt.timedelta(days=number) for number in range(3)]
    assert measure_ended_days(bank) == ()
    assert last_measured_day() == day + dt.timedelta(days=2)


@pytest.mark.django_db(transaction=True)
def test_items_add_up_on_either_database() -> None:
    make_room(fresh=True)
    Simulation(7, dt.date(2026, 1, 1)).run(6)

    checked = 0
    for indicator in ("K13", "K14", "K15", "K21", "K22"):
        for row in rows_of_day(indicator, "2026-01-06"):
            page = counted_page(indicator, "2026-01", row["scope"])
            assert page is not None
            counted = (page.count.numerator, page.count.denominator, page.count.excluded)
            assert counted == (row["numerator"], row["denominator"], row["excluded"])
            checked += 1
    assert checked > 20


@pytest.mark.django_db(transaction=True)
def test_without_a_standard_nothing_is_measured(context: ActContext) -> None:
    make_room(fresh=True)
    worker = replace(context, actor="system:worker")

    with pytest.raises(Refusal) as refused:
        measure_now(worker, dt.date(2026, 3, 1))

    assert refused.value.code == "measures.no_standard"
    assert measure_ended_days(worker) == ()
