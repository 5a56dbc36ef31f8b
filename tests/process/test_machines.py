"""What machines do: a failing service is tried again, rests, and goes on once put right; cases end whole."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.process.small_bank import (
    YES,
    SmallBank,
    column,
    facts,
    found_small_bank,
    holds,
    refused,
)
from tests.process.small_pack import OPINION, bpmn, procedure, review_files, step, user
from touchstone.clocks.queries import clocks_of
from touchstone.journal.unit_of_work import ActContext
from touchstone.process.actions.cases import withdraw_case
from touchstone.process.actions.machines import retry_incident, run_due
from touchstone.process.actions.tasks import complete_task
from touchstone.process.ports import SERVICE_HANDLERS, HandlerFailed, Request

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
SERVICE = (
    '<bpmn:serviceTask xmlns:touchstone="https://touchstone.example/bpmn" id="screen"'
    ' touchstone:handler="screening"/>'
)
CALL = '<bpmn:callActivity id="call" name="call" calledElement="review"/>'
TITLED = "  {0}:\n    title: {{zh: {0}, en: {0}}}\n"


def files() -> dict[str, str]:
    """One procedure with a service step, one that calls ``review``."""
    form = json.dumps(OPINION, ensure_ascii=False)
    made = dict(review_files())
    for slug, number, element, name in (
        ("screened", "P91", SERVICE, "screen"),
        ("caller", "P92", CALL, "call"),
    ):
        steps = step("prepare", "clerk") + TITLED.format(name) + step("check", "approver")
        made[f"procedures/{slug}/procedure.yaml"] = procedure(number, slug, steps)
        made[f"procedures/{slug}/{slug}.bpmn"] = bpmn(slug, user("prepare"), element, user("check"))
        made[f"procedures/{slug}/forms/opinion.schema.json"] = form
    return made


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, files())


def down(context: Any, request: Request) -> Mapping[str, Any]:
    raise HandlerFailed("the list provider does not answer")


def broken(context: Any, request: Request) -> Mapping[str, Any]:
    return {"screening_hit": {}["nothing"]}


def pass_time(bank: SmallBank, minutes: int) -> None:
    bank.clock.move_to(bank.clock.now() + dt.timedelta(minutes=minutes))
    bank.machines()


@pytest.mark.parametrize("fault", [down, broken])
def test_a_failing_service_is_tried_five_times_and_then_rests(bank: SmallBank, fault: Any) -> None:
    other = bank.begin()
    case = bank.begin("screened")
    with SERVICE_HANDLERS.stand_in("screening", fault):
        bank.complete(case, "prepare", "ann")
        for _ in range(40):
            pass_time(bank, 1)

    attempts = [item["attempt"] for item in facts(case, "process.job_failed")]
    assert attempts == [1, 2, 3, 4, 5]
    (incident,) = facts(case, "process.incident_raised")
    assert incident["code"] == "process.job_failed"
    pass_time(bank, 600)
    assert column("problem", "process_wait", case) != [None]
    bank.complete(other, "prepare", "ann")
    assert holds()


def test_only_the_administrator_lets_it_be_tried_again_and_it_goes_on(bank: SmallBank) -> None:
    case = bank.begin("screened")
    with SERVICE_HANDLERS.stand_in("screening", down):
        bank.complete(case, "prepare", "ann")
        pass_time(bank, 0)
        (wait,) = column("wait", "process_wait", case)
        with refused("process.no_incident"):
            retry_incident(bank.by("system:setup"), case, wait)
        for _ in range(40):
            pass_time(bank, 1)
    with refused("identity.not_permitted"):
        retry_incident(bank.by("ann"), case, wait)

    retry_incident(bank.by("system:setup"), case, wait)
    bank.machines()

    assert column("element", "process_task", case, "state = 'open'") == ["check"]
    assert len(facts(case, "process.job_retried")) == 1
    with refused("process.no_incident"):
        retry_incident(bank.by("system:setup"), case, wait)
    assert holds()


def test_a_withdrawn_case_takes_what_it_called_along(bank: SmallBank) -> None:
    case = bank.begin("caller")
    bank.complete(case, "prepare", "ann")
    bank.machines()
    (called,) = called_by(case)

    with refused("identity.not_permitted"):
        withdraw_case(bank.by("ann"), case, "客户撤回")
    withdraw_case(bank.by("oli"), case, "客户撤回")
    bank.machines()

    for one in (case, called):
        (ended,) = facts(one, "process.case_ended")
        assert ended["outcome"] == "withdrawn"
        assert column("id", "process_task", one, "state IN ('open', 'claimed', 'held')") == []
        assert column("id", "process_wait", one) == []
    with refused("process.case_ended"):
        withdraw_case(bank.by("oli"), case, "再次撤回")
    assert holds()


BOUNDED = (
    CALL + '<bpmn:boundaryEvent id="late" attachedToRef="call"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    '<bpmn:userTask id="instead" name="instead"/><bpmn:endEvent id="end_late"/>'
    '<bpmn:sequenceFlow id="x1" sourceRef="late" targetRef="instead"/>'
    '<bpmn:sequenceFlow id="x2" sourceRef="instead" targetRef="end_late"/>'
)


def bounded(tmp_path: Path) -> SmallBank:
    """A bank whose procedure calls ``review`` and does something else after an hour."""
    made = dict(review_files())
    steps = TITLED.format("call") + step("instead", "clerk")
    made["procedures/bounded/procedure.yaml"] = procedure("P93", "bounded", steps)
    made["procedures/bounded/bounded.bpmn"] = bpmn("bounded", BOUNDED)
    made["procedures/bounded/forms/opinion.schema.json"] = json.dumps(OPINION, ensure_ascii=False)
    return found_small_bank(tmp_path, made)


def test_what_a_step_called_ends_with_the_step_and_its_clocks_stop(tmp_path: Path) -> None:
    bank = bounded(tmp_path)
    case = bank.begin("bounded")
    bank.machines()
    (called,) = called_by(case)
    bank.complete(called, "prepare", "ann")
    (check,) = column("id", "process_task", called, "state = 'open'")

    pass_time(bank, 61)

    assert column("element", "process_task", case, "state = 'open'") == ["instead"]
    (ended,) = facts(called, "process.case_ended")
    assert ended["outcome"] == "withdrawn"
    (withdrawn,) = facts(called, "process.case_withdrawn")
    assert "不再等待" in withdrawn["reason"]
    (stopped,) = facts(called, "clocks.stopped")
    assert (stopped["clock"], stopped["how"]) == ("check", "left")
    assert [view.status for view in clocks_of(called)] == ["stopped"]
    with refused("process.task_not_open"):
        complete_task(bank.by("bob"), check, YES)
    bank.complete(case, "instead", "ann")
    bank.machines()
    assert [item["outcome"] for item in facts(case, "process.case_ended")] == ["end_late"]
    assert holds()


@dataclass(frozen=True)
class Interrupted(ActContext):
    """A worker's context before whose act under a key something else happens."""

    before: str = ""
    act: Callable[[], None] = field(default=lambda: None)

    def with_key(self, key: str | None) -> ActContext:
        if (key or "").startswith(self.before):
            self.act()
        return super().with_key(key)


@pytest.mark.parametrize(("before", "begun"), [("call:", 1), ("called:", 1)])
def test_whenever_the_caller_is_withdrawn_nothing_that_it_called_stays_open(
    tmp_path: Path, before: str, begun: int
) -> None:
    bank = bounded(tmp_path)
    case = bank.begin("bounded")
    worker = bank.by("system:worker")
    run_due(
        Interrupted(
            worker.actor,
            worker.clock,
            worker.chance,
            before=before,
            act=lambda: withdraw_case(bank.by("oli"), case, "客户撤回"),
        )
    )
    bank.machines()

    called = called_by(case)
    assert len(called) == begun
    for one in (case, *called):
        assert [item["outcome"] for item in facts(one, "process.case_ended")] == ["withdrawn"]
        assert column("id", "process_task", one, "state IN ('open', 'claimed')") == []
    assert holds()


def called_by(case: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case WHERE caller_case = %s", (case,))
        return [row[0] for row in cursor.fetchall()]
