"""A step done by several people at once is completed by the last of them, for clocks and orders alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds, refused
from tests.process.small_pack import OPINION, parameter, procedure, review_files, step
from touchstone.clocks.queries import clocks_of
from touchstone.process.actions.tasks import complete_task

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
CLOCK = """clocks:
  - id: survey
    title: {zh: 调查, en: Survey}
    clause: APR-02
    limit: review.limit
    starts: {entered: visit}
    stops: {completed: visit}
controls:
  - id: P93-KCP-1
    title: {zh: 先调查, en: Survey first}
    clause: APR-03
    kind: order
    at: {step: pay}
    mode: block
    after: [visit]
"""


def diagram(loop: str) -> str:
    """Two surveys, at once or one after the other, beside a payment."""
    flows = (("start", "fork"), ("fork", "visit"), ("fork", "pay"), ("visit", "j"), ("pay", "j"))
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
        ' targetNamespace="https://touchstone.example/x"><bpmn:process id="survey" name="survey"'
        ' isExecutable="true"><bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/>'
        '<bpmn:userTask id="visit" name="visit"><bpmn:multiInstanceLoopCharacteristics'
        f' isSequential="{loop}"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
        '</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask><bpmn:userTask id="pay"/>'
        '<bpmn:parallelGateway id="j"/><bpmn:endEvent id="end"/>'
        + "".join(
            f'<bpmn:sequenceFlow id="f{place}" sourceRef="{source}" targetRef="{target}"/>'
            for place, (source, target) in enumerate((*flows, ("j", "end")))
        )
        + "</bpmn:process></bpmn:definitions>"
    )


def opened(folder: Path, loop: str) -> SmallBank:
    """A bank with the procedure, on its first day."""
    files = {
        **review_files(),
        "procedures/survey/procedure.yaml": procedure(
            "P93", "survey", step("visit", "approver") + step("pay", "clerk"), CLOCK
        ),
        "procedures/survey/survey.bpmn": diagram(loop),
        "procedures/survey/forms/opinion.schema.json": json.dumps(OPINION, ensure_ascii=False),
        "parameters/review/limit.yaml": parameter("limit", "2wd", "APR-02"),
    }
    return found_small_bank(folder, files)


@pytest.mark.parametrize("loop", ["false", "true"])
def test_the_last_survey_stops_the_clock_and_frees_what_comes_after(
    tmp_path: Path, loop: str
) -> None:
    bank = opened(tmp_path, loop)
    case = bank.begin("survey")

    first = column("id", "process_task", case, "element = 'visit' AND state = 'open'")[0]
    complete_task(bank.by("bob"), first, {"opinion": "approve"})

    (clock,) = clocks_of(case)
    assert clock.status == "running"
    with refused("process.not_yet_reviewed"):
        bank.complete(case, "pay", "ann")

    bank.at("03-03")
    (second,) = column("id", "process_task", case, "element = 'visit' AND state = 'open'")
    complete_task(bank.by("cat"), second, {"opinion": "approve"})

    (clock,) = clocks_of(case)
    assert clock.status == "stopped"
    (stopped,) = facts(case, "clocks.stopped")
    assert stopped["how"] == "completed"
    bank.complete(case, "pay", "ann")
    assert facts(case, "process.case_ended")
    assert holds()
