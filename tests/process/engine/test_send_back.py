"""Sending back undoes what the step leads to; a parallel branch goes on, and the case can end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from touchstone.process.diagram import Program, compile_diagram
from touchstone.process.engine import Env, Outcome, steps
from touchstone.process.engine.state import EMPTY_STATE, State, fold_state

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
    ' targetNamespace="https://touchstone.example/t"><bpmn:process id="p" isExecutable="true">'
)
FLOWS = (
    ("start", "fork"),
    ("fork", "side"),
    ("fork", "draft"),
    ("draft", "check"),
    ("check", "join"),
    ("side", "join"),
    ("join", "close"),
    ("close", "end"),
)


def program(gateway: str) -> Program:
    nodes = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
    nodes += "".join(
        f'<bpmn:userTask id="{name}"/>' for name in ("side", "draft", "check", "close")
    )
    nodes += f'<bpmn:{gateway} id="fork"/><bpmn:{gateway} id="join"/>'
    flows = "".join(
        f'<bpmn:sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in FLOWS
    )
    text = f"{HEAD}{nodes}{flows}</bpmn:process></bpmn:definitions>".encode()
    found = compile_diagram(text, file="t.bpmn", names={}, functions={}, process="p")
    assert isinstance(found, Program), found
    return found


class Case:
    """A case of the pure engine."""

    def __init__(self, gateway: str) -> None:
        self.program = program(gateway)
        self.env = Env(dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
        self.state: State = EMPTY_STATE
        self.ended = False
        self._take(steps.start(self.program, {}, env=self.env))

    def _take(self, outcome: Outcome) -> None:
        for kind, data in outcome.facts:
            self.state = fold_state(self.state, kind, data)
            self.ended |= kind == "process.case_ended"

    def open(self) -> list[str]:
        return sorted(item["e"] for item in self.state["waits"].values())

    def wait(self, element: str) -> str:
        return next(name for name, item in self.state["waits"].items() if item["e"] == element)

    def complete(self, *elements: str) -> None:
        for element in elements:
            self._take(
                steps.complete(self.program, self.state, self.wait(element), {}, env=self.env)
            )

    def send_back(self, element: str, to: str) -> None:
        self._take(steps.send_back(self.program, self.state, self.wait(element), to, env=self.env))


@pytest.fixture(params=["parallelGateway", "inclusiveGateway"])
def case(request: Any) -> Case:
    return Case(request.param)


def test_a_parallel_branch_stays_open(case: Case) -> None:
    case.complete("draft")
    case.send_back("check", "draft")
    assert case.open() == ["draft", "side"]

    case.complete("side", "draft", "check", "close")
    assert case.ended


def test_a_parallel_branch_that_has_arrived_still_counts(case: Case) -> None:
    case.complete("side", "draft")
    case.send_back("check", "draft")
    assert case.open() == ["draft"]

    case.complete("draft", "check", "close")
    assert case.ended


def test_what_the_step_leads_to_is_undone(case: Case) -> None:
    case.complete("side", "draft", "check")
    case.send_back("close", "draft")
    assert case.open() == ["draft"]


ROUND = (
    ("start", "review"),
    ("review", "allow"),
    ("allow", "remote"),
    ("remote", "again"),
    ("again", "appeal"),
    ("appeal", "review"),
    ("again", "end"),
)


def test_what_came_before_the_step_stays_done_even_where_a_way_leads_round() -> None:
    nodes = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
    nodes += '<bpmn:exclusiveGateway id="again" default="again_end"/>'
    nodes += "".join(
        f'<bpmn:userTask id="{name}"/>' for name in ("review", "allow", "remote", "appeal")
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}">'
        + ("<bpmn:conditionExpression>false</bpmn:conditionExpression>" * (other == "appeal"))
        + "</bpmn:sequenceFlow>"
        for one, other in ROUND
    )
    text = f"{HEAD}{nodes}{flows}</bpmn:process></bpmn:definitions>".encode()
    found = compile_diagram(text, file="t.bpmn", names={}, functions={}, process="p")
    assert isinstance(found, Program), found
    env, state = Env(dt.datetime(2026, 3, 2, tzinfo=dt.UTC)), EMPTY_STATE

    def take(state: State, outcome: Outcome) -> State:
        for kind, data in outcome.facts:
            state = fold_state(state, kind, {**data, "watched": True})
        return state

    state = take(state, steps.start(found, {}, env=env))
    for number in (1, 2):
        state = take(state, steps.complete(found, state, f"w{number}", {}, env=env))
    state = take(state, steps.send_back(found, state, "w3", "allow", env=env))

    assert state["done"] == ["review"]
    assert [item["e"] for item in state["waits"].values()] == ["allow"]
