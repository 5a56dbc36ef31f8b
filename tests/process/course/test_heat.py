"""The heat of a procedure: counted once over the journal, and right."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.process.small_bank import SmallBank
from touchstone.clocks.actions import sweep
from touchstone.process.actions.tasks import claim_task, send_back
from touchstone.process.course import read_course
from touchstone.process.heat import Heat, read_heat
from touchstone.process.picture import draw, read_diagram
from touchstone.process.picture.reading import Diagram

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = dt.date(2026, 3, 2)
HOUR = dt.timedelta(hours=1)


def heat(small: SmallBank, **more: object) -> Heat:
    return read_heat("review", MONDAY, dt.date(2026, 3, 31), now=small.clock.now(), **more)  # type: ignore[arg-type]


@pytest.fixture
def month(small: SmallBank) -> SmallBank:
    """Two cases; one is sent back, late and goes on, one waits at the first step."""
    first = small.begin()
    small.at("03-02", "10:30")
    claim_task(small.by("ann"), small.task(first, "prepare"))
    small.at("03-02", "12:30")
    small.complete(first, "prepare", "ann")
    small.at("03-02", "13:30")
    send_back(small.by("bob"), small.task(first, "check"), "prepare", "附件不清楚")
    small.complete(first, "prepare", "ann")
    small.at("03-06", "09:30")
    sweep(small.by("system:sweeper"))
    small.complete(first, "check", "bob", number="7")
    small.begin()
    small.at("03-06", "11:30")
    return small


def test_volume_waiting_work_rework_and_breaches_of_each_step(month: SmallBank) -> None:
    found = heat(month)
    prepare, check = found.steps["prepare"], found.steps["check"]

    assert found.cases == 2
    assert (prepare.visits, prepare.cases, prepare.completed, prepare.open) == (3, 2, 2, 1)
    # Taken after an hour, done after two more; offered anew and done at once; waiting for two hours.
    assert (prepare.waiting, prepare.work) == (3 * HOUR, 2 * HOUR)
    assert (check.visits, check.again, check.sent_back, check.breaches) == (2, 1, 1, 1)
    assert (prepare.again, prepare.rework, check.rework) == (1, 1, 2)
    assert found.flows == {"f0": 2, "f1": 2, "f2": 1}
    assert found.late == {"f2": 1}


def test_it_agrees_with_the_courses_of_the_cases(month: SmallBank) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case")
        courses = [read_course(str(row[0]), now=month.clock.now()) for row in cursor.fetchall()]

    found = heat(month)

    for element, step in found.steps.items():
        told = [item for course in courses for item in course.steps if item.element == element]
        assert step.visits == sum(item.rounds for item in told)
        assert step.waiting + step.work == sum((item.worked for item in told), dt.timedelta())
        assert step.sent_back == sum(item.sent_back for item in told)


def test_only_the_period_and_the_unit_count(month: SmallBank) -> None:
    now = month.clock.now()

    friday = read_heat("review", dt.date(2026, 3, 6), dt.date(2026, 3, 6), now=now)
    before = read_heat("review", dt.date(2026, 2, 1), dt.date(2026, 2, 28), now=now)

    assert {name: step.visits for name, step in friday.steps.items()} == {
        "prepare": 1,
        "check": 0,
        "file": 1,
    }
    assert friday.steps["check"].breaches == 1
    assert before.steps == {}
    assert heat(month, unit="b1").steps == heat(month).steps
    assert heat(month, unit="head").cases == 2
    assert heat(month, unit="o1").cases == 2


def test_the_overlay_prints_the_number_and_grades_the_heat(month: SmallBank) -> None:
    found = heat(month)

    waiting, volume = found.overlay("waiting", "zh"), found.overlay("volume", "en")

    assert {name: mark.heat for name, mark in volume.marks.items()} == {
        "prepare": 5,
        "check": 4,
        "file": 2,
    }
    assert volume.marks["prepare"].numbers == ("3 ×",)
    assert waiting.marks["file"].numbers == ("2时",)
    assert found.level("start", "volume") == 0
    assert dict(volume.counts) == {"f0": "2", "f1": "2", "f2": "1"}
    assert "返工" in waiting.marks["check"].hint


def test_the_heat_is_drawn_with_its_numbers(month: SmallBank) -> None:
    from tests.process.test_picture import SHIPPED

    diagram = read_diagram(SHIPPED[0].read_bytes())
    assert isinstance(diagram, Diagram)
    overlay = heat(month).overlay("volume", "zh")
    marks = {"verify_identity": overlay.marks["prepare"]}

    svg = draw(diagram, language="zh", overlay=type(overlay)(marks))

    assert 'class="bp-node bp-task heat-5"' in svg
    assert ">3次<" in svg
