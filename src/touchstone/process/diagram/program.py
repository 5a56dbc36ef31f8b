"""The compiled program: nodes, flows and scopes by element id. Immutable and free of state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from touchstone.decisions.content import ContentDecision
from touchstone.kernel.feel import Expression

NodeKind = Literal[
    "start",
    "end",
    "catch",
    "throw",
    "boundary",
    "user",
    "service",
    "script",
    "rule",
    "receive",
    "send",
    "pass",
    "call",
    "sub",
    "exclusive",
    "parallel",
    "inclusive",
    "event_gateway",
]
EventKind = Literal[
    "timer", "message", "signal", "error", "escalation", "conditional", "terminate", "link"
]
WAITING_TASKS: frozenset[str] = frozenset({"user", "service", "receive", "call"})


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event catches or throws.

    Attributes:
        name: name of the message, signal or link; code of the error or escalation; None catches all.
        timer: ``duration``, ``date`` or ``cycle``.
        text: ISO 8601 text of a timer, where ``expression`` is None.
        expression: FEEL of a timer or of a condition.
    """

    kind: EventKind
    name: str | None = None
    timer: Literal["duration", "date", "cycle"] | None = None
    text: str | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop or multi-instance.

    Attributes:
        kind: ``standard``, ``sequential`` or ``parallel``.
        condition: a standard loop goes on while it is true.
        test_before: whether it is asked before the first turn.
        maximum: most turns of a standard loop.
        cardinality: how many instances.
        collection, item: name of a list variable, and of the variable for its element.
        completion: further instances are cancelled once it is true.
        event: what is thrown as instances complete (None/One behaviour).
        each: whether the event is thrown for each instance (None) or only for the first (One).
    """

    kind: Literal["standard", "sequential", "parallel"]
    condition: Expression | None = None
    test_before: bool = False
    maximum: int | None = None
    cardinality: Expression | None = None
    collection: str | None = None
    item: str | None = None
    completion: Expression | None = None
    event: EventDefinition | None = None
    each: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """The decision that a business-rule task asks for.

    Attributes:
        inputs: input of the decision -> expression over the case.
        outputs: variable of the case -> output of the decision.
        optional: outputs that may be null.
        undecided: what happens where another is: the token rests with an incident, or the act that
            led here is refused.
    """

    decision: ContentDecision
    inputs: Mapping[str, Expression]
    outputs: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    undecided: Literal["incident", "refuse"] = "incident"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


@dataclass(frozen=True)
class Node:
    """A flow node.

    Attributes:
        scope: id of the sub-process it lies in, "" for the process itself.
        detail: handler of a service task, called procedure, script expression.
        interrupting: of a boundary event or of the start of an event sub-process.
        all_of: a catching event needs every one of its definitions (parallel multiple).
        attached: what a boundary event sits on.
        hands: what a call hands to the case it begins, beside the variables.
        needs, gives: token quantities.
    """

    id: str
    kind: NodeKind
    name: str
    scope: str
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    loop: Loop | None = None
    script: Expression | None = None
    rule: Rule | None = None
    hands: Mapping[str, Expression] = field(default_factory=dict)
    detail: str | None = None
    attached: str | None = None
    interrupting: bool = True
    all_of: bool = False
    instantiates: bool = False
    by_event: bool = False
    needs: int = 1
    gives: int = 1


@dataclass(frozen=True)
class Scope:
    """A process or sub-process: where tokens begin in it, and its event sub-processes."""

    id: str
    starts: tuple[str, ...]
    handlers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """A compiled process.

    Attributes:
        digest: sha256 of the XML, hex.
        boundaries: element -> boundary events on it.
        reach: node -> nodes that a token there can reach within its scope, for inclusive joins
            and for what a send-back supersedes.
        lanes: element -> lane name.
    """

    id: str
    name: str
    digest: str
    nodes: Mapping[str, Node]
    scopes: Mapping[str, Scope]
    boundaries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reach: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lanes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    inclusive: frozenset[str] = frozenset()

    def waiting_steps(self, kind: NodeKind) -> tuple[Node, ...]:
        """Every node of ``kind``, in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.kind == kind)
