"""Diagrams that would stop a running case are refused with element and reason before one begins."""

from __future__ import annotations

import pytest

from touchstone.kernel import feel
from touchstone.process.diagram import Program, compile_diagram

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
    ' targetNamespace="https://touchstone.example/x">'
)
LINK = '<bpmn:linkEventDefinition id="{}" name="{}">{}</bpmn:linkEventDefinition>'


def found(*elements: str, flows: str = "", before: str = "") -> set[tuple[str | None, str]]:
    """Element and code of every problem of a process of ``elements`` and ``flows`` (``a>b c>d``)."""
    drawn = "".join(
        f'<bpmn:sequenceFlow id="f{place}" sourceRef="{flow.split(">")[0]}"'
        f' targetRef="{flow.split(">")[1]}"/>'
        for place, flow in enumerate(flows.split())
    )
    xml = (
        f'{HEAD}{before}<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="start"/>'
        f'<bpmn:endEvent id="end"/>{"".join(elements)}{drawn}</bpmn:process></bpmn:definitions>'
    )
    compiled = compile_diagram(xml.encode(), file="x.bpmn", names={"n": feel.NUMBER})
    if isinstance(compiled, Program):
        return set()
    assert all(item.text_en and item.text.zh for item in compiled)
    return {(item.element, item.code) for item in compiled}


def throw(name: str, target: str = "") -> str:
    inside = f"<bpmn:target>{target}</bpmn:target>" if target else ""
    link = LINK.format("out", name, inside)
    return f'<bpmn:intermediateThrowEvent id="throw">{link}</bpmn:intermediateThrowEvent>'


def catch(name: str, identity: str = "catch") -> str:
    link = LINK.format(f"in_{identity}", name, "")
    return f'<bpmn:intermediateCatchEvent id="{identity}">{link}</bpmn:intermediateCatchEvent>'


def test_a_link_that_finds_its_end_is_run() -> None:
    assert found(throw("on"), catch("on"), flows="start>throw catch>end") == set()
    assert found(throw("on", "in_catch"), catch("on"), flows="start>throw catch>end") == set()


@pytest.mark.parametrize(
    ("elements", "flows", "expected"),
    [
        ((throw("on"),), "start>throw", ("throw", "bpmn.link")),
        ((throw("on"), catch("off")), "start>throw catch>end", ("throw", "bpmn.link")),
        ((throw("on"), catch("on")), "start>throw start>catch catch>end", ("catch", "bpmn.link")),
        (
            (throw("on"), catch("on"), catch("on", "other")),
            "start>throw catch>end other>end",
            ("catch", "bpmn.link"),
        ),
        (
            (throw("on", "in_other"), catch("on"), catch("off", "other")),
            "start>throw catch>end other>end",
            ("throw", "bpmn.link"),
        ),
    ],
)
def test_a_link_without_its_end_is_refused(
    elements: tuple[str, ...], flows: str, expected: tuple[str, str]
) -> None:
    assert expected in found(*elements, flows=flows)


@pytest.mark.parametrize(
    ("condition", "refused"), [("23", True), ('"yes"', True), ("true", False), ("n > 1", False)]
)
def test_a_condition_that_is_plainly_none_is_refused(condition: str, refused: bool) -> None:
    task = (
        '<bpmn:userTask id="t"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2'
        f"</bpmn:loopCardinality><bpmn:completionCondition>{condition.replace('>', '&gt;')}"
        "</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )

    assert (("t", "bpmn.condition") in found(task, flows="start>t t>end")) is refused


def test_a_called_process_needs_a_plain_start() -> None:
    other = (
        '<bpmn:message id="m" name="m"/><bpmn:process id="q"><bpmn:startEvent id="s">'
        '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="e"/></bpmn:process>'
    )
    call = '<bpmn:callActivity id="c" calledElement="q"/>'

    assert found(call, flows="start>c c>end", before=other) == {("c", "bpmn.called")}


def test_a_message_event_names_its_message() -> None:
    event = (
        '<bpmn:intermediateCatchEvent id="w"><bpmn:messageEventDefinition/>'
        "</bpmn:intermediateCatchEvent>"
    )

    assert found(event, flows="start>w w>end") == {("w", "bpmn.reference")}


def test_an_event_gateway_waits_for_what_comes_from_outside() -> None:
    gateway = '<bpmn:eventBasedGateway id="g"/>'
    timer = (
        '<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H'
        "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )

    problems = found(gateway, timer, catch("on"), flows="start>g g>t g>catch t>end catch>end")

    assert ("catch", "bpmn.event_gateway") in problems
