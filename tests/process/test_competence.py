"""Who takes a task must have learned what it demands; without anybody to ask, nothing starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps

from tests.process.small_bank import SmallBank, found_small_bank, refused
from tests.process.small_pack import procedure, review_files, step
from touchstone.kernel.ports import COMPETENCE, MissingProviderError, Port
from touchstone.process.actions.tasks import claim_task, complete_task, transfer_task


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    steps = step("prepare", "clerk") + step("check", "approver") + "    courses: [C-01]\n"
    course = (
        "id: C-01\ntitle: {zh: 课程, en: Course}\npurpose: {zh: 学, en: Learn}\nclause: APR-01\n"
        "posts: [approver]\nquestions:\n  - {id: CRS-01, kind: judgement, clause: APR-01,"
        " text: {zh: 对吗, en: Right}, answer: [A], why: {zh: 是, en: Yes}}\n"
    )
    files = {
        **review_files(),
        "courses/C-01.yaml": course,
        "procedures/review/procedure.yaml": procedure("P90", "review", steps),
    }
    return found_small_bank(tmp_path, files)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_course_that_nobody_can_prove_keeps_the_task_from_being_taken(bank: SmallBank) -> None:
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    task = bank.task(case, "check")

    with refused("people.not_certified"):
        claim_task(bank.by("bob"), task)
    with refused("people.not_certified"):
        complete_task(bank.by("bob"), task, {"opinion": "approve"})


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_step_without_courses_is_open_to_whoever_has_the_post(bank: SmallBank) -> None:
    task = bank.task(bank.begin(), "prepare")

    claim_task(bank.by("ann"), task)
    with refused("process.not_permitted"):
        transfer_task(bank.by("ann"), task, "bob")


def test_a_port_without_a_provider_never_means_yes() -> None:
    port: Port[object] = Port("test")

    with pytest.raises(MissingProviderError):
        port.sole()
    port.provide("one", object())
    port.provide("two", object())
    with pytest.raises(MissingProviderError, match="one, two"):
        port.sole()


def test_without_a_provider_of_competence_the_start_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(COMPETENCE, "_providers", {})

    with pytest.raises(MissingProviderError, match="competence"):
        apps.get_app_config("process").ready()
