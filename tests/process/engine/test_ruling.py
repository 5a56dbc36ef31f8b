"""A business-rule task asks its decision once; the engine sets what it gives and says what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from tests.process.decision_tables import level, rule, rule_task
from touchstone.decisions.content import TableDecision
from touchstone.kernel import feel
from touchstone.kernel.parameters import Parameter, read_parameter
from touchstone.kernel.refusal import Refusal
from touchstone.process.diagram import Program, compile_diagram
from touchstone.process.engine import Env, Outcome, steps
from touchstone.process.engine.state import EMPTY_STATE, State, fold_state

NAMES = {"amount": feel.NUMBER, "level": feel.STRING, "who": feel.STRING}
NOW = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 7, 1, 2, tzinfo=dt.UTC)


def line() -> Mapping[str, Parameter]:
    raw = {
        "title": {"zh": "线", "en": "line"},
        "unit": "CNY",
        "clause": "APR-02",
        "values": [{"from": "2020-01-01", "value": 500}, {"from": "2026-07-01", "value": 50}],
    }
    return {"review.line": read_parameter("review.line", raw)}


def program(table: str = level(), more: str = "", inside: str = "") -> Program:
    nodes = (
        '<bpmn:startEvent id="start"/>'
        f"{rule_task('rule', 'level', more, inside)}"
        '<bpmn:userTask id="act"/><bpmn:endEvent id="end"/>'
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in (("start", "rule"), ("rule", "act"), ("act", "end"))
    )
    text = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
        f' targetNamespace="t"><bpmn:process id="p" isExecutable="true">{nodes}{flows}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()
    decisions = {"level": TableDecision("level", table.encode(), "level.dmn", line())}
    found = compile_diagram(text, file="t.bpmn", names=NAMES, process="p", decisions=decisions)
    assert isinstance(found, Program), found
    return found


def run(made: Program, now: dt.datetime = NOW, **values: Any) -> tuple[Outcome, State]:
    outcome = steps.start(made, values, env=Env(now))
    state = EMPTY_STATE
    for kind, data in outcome.facts:
        state = fold_state(state, kind, data)
    return outcome, state


def decided(outcome: Outcome) -> dict[str, Any]:
    (found,) = [data for kind, data in outcome.facts if kind == "process.decided"]
    return found


def test_what_a_decision_comes_to_is_a_fact_and_a_variable() -> None:
    made = program()

    outcome, state = run(made, amount="500.00")

    found = decided(outcome)
    assert found == {
        "element": "rule",
        "id": "d1",
        "decision": "level",
        "sha256": made.nodes["rule"].rule.decision.sha256,  # type: ignore[union-attr]
        "values": {"level": "clerk"},
        "rules": {"权限": ["low"]},
        "inputs": {"amount": 500},
        "clauses": ["APR-02"],
        "parameters": {"review.line": 500},
    }
    assert state["vars"] == {"amount": "500.00", "level": "clerk"}
    assert [wait["e"] for wait in state["waits"].values()] == ["act"]


@pytest.mark.parametrize(("now", "expected"), [(NOW, "clerk"), (LATER, "boss")])
def test_a_threshold_is_the_one_of_the_day(now: dt.datetime, expected: str) -> None:
    _, state = run(program(), now, amount=100)

    assert state["vars"]["level"] == expected


def test_inputs_and_outputs_may_be_mapped() -> None:
    inside = (
        '<ts:input name="amount">if amount = null then 0 else amount * 2</ts:input>'
        '<ts:output name="level" variable="who"/>'
    )
    _, state = run(program(inside=inside), amount=300)

    assert state["vars"] == {"amount": 300, "who": "boss"}


def test_no_result_leaves_an_incident_and_the_fact_that_says_why() -> None:
    outcome, state = run(program(level(rule("low", "< 0", '"clerk"'))), amount=7)

    found = decided(outcome)
    assert found["undecided"] is True
    assert found["values"] == {"level": None}
    assert found["rules"] == {"权限": []}
    assert found["why"] == ["no rule matches"]
    assert outcome.incident == "level: no rule matches"
    assert "level" not in state["vars"]
    (wait,) = state["waits"].values()
    assert (wait["e"], wait["k"]) == ("rule", "incident")


def test_an_incident_is_tried_again_with_what_was_put_right() -> None:
    made = program(level(rule("low", ">= 0", '"clerk"')))
    _, state = run(made)
    (wait,) = state["waits"]
    state = {**state, "vars": {"amount": 1}}

    outcome = steps.retry(made, state, wait, env=Env(NOW))

    assert decided(outcome)["id"] != "d1"
    assert outcome.changed == {"level": "clerk"}


def test_a_procedure_may_refuse_the_act_instead() -> None:
    made = program(level(rule("low", "< 0", '"clerk"')), ' ts:undecided="refuse"')

    with pytest.raises(Refusal) as refused:
        run(made, amount=7)

    assert refused.value.code == "process.undecided"
    assert refused.value.clause == "APR-02"
    assert refused.value.remedy is not None


def test_an_output_said_to_be_optional_may_be_null() -> None:
    inside = '<ts:output name="level" variable="level" optional="true"/>'

    outcome, state = run(program(level(rule("low", ">= 0", "null")), inside=inside), amount=1)

    assert outcome.incident is None
    assert state["vars"]["level"] is None
