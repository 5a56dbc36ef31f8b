"""The names of BPMN elements that rules speak of, and what a rule finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from touchstone.process.diagram.reading import Element, local

ACTIVITIES = frozenset(
    [
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    ]
)
GATEWAYS = frozenset(
    [
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    ]
)
EVENTS = frozenset(
    ["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"]
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
EVENT_DEFINITIONS = frozenset(
    [
        "timerEventDefinition",
        "messageEventDefinition",
        "signalEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "conditionalEventDefinition",
        "terminateEventDefinition",
        "linkEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
    ]
)
Found: TypeAlias = Iterator[tuple[Element, str, str, str]]
"""Element, code without its prefix, English, Chinese."""


def every(root: Element, names: Iterable[str]) -> Iterator[Element]:
    """Every BPMN element below ``root`` with one of the names, in the order of the file."""
    wanted = frozenset(names)
    return (element for element in root.iter() if local(element) in wanted)
