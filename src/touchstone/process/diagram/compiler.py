"""From XML to program: reads nodes, flows and events, compiles every expression, collects problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from touchstone.decisions.content import ContentDecision
from touchstone.kernel import feel
from touchstone.kernel.problem import Problem
from touchstone.process.diagram import rules
from touchstone.process.diagram.program import (
    EventDefinition,
    Flow,
    Loop,
    Node,
    NodeKind,
    Program,
    Scope,
)
from touchstone.process.diagram.reading import (
    OWN,
    Element,
    body,
    children,
    flag,
    local,
    own_children,
    read_xml,
    reference,
)
from touchstone.process.diagram.ruling import Asking
from touchstone.process.visibility import View

_KINDS: dict[str, NodeKind] = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
    "userTask": "user",
    "serviceTask": "service",
    "scriptTask": "script",
    "businessRuleTask": "rule",
    "receiveTask": "receive",
    "sendTask": "send",
    "task": "pass",
    "manualTask": "pass",
    "callActivity": "call",
    "subProcess": "sub",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "eventBasedGateway": "event_gateway",
}
_EVENTS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "conditional",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
}
_ANY_TIME = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_LOOPS = ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics")
LOOP_NAMES = ("loopCounter",)


def compile_diagram(
    xml: bytes,
    *,
    file: str,
    names: Mapping[str, feel.Type],
    functions: Mapping[str, feel.Function] | None = None,
    process: str | None = None,
    sealed: frozenset[str] = frozenset(),
    decisions: Mapping[str, ContentDecision] | None = None,
) -> Program | tuple[Problem, ...]:
    """Compile one process of a BPMN file.

    Args:
        xml: the file's bytes.
        file: its path, for problems.
        names: the variables that expressions may use.
        functions: host functions that expressions may call.
        process: id of the process; else the first executable one.
        sealed: fields that no expression may use.
        decisions: what business-rule tasks may ask for, by id.

    Returns:
        The program, or every problem found: ``bpmn.unsupported`` for what is not run,
        ``bpmn.<rule>`` for what breaks a rule of the specification, ``feel.…`` and
        ``process.sealed_field`` for expressions.
    """
    root = read_xml(xml, file)
    if isinstance(root, Problem):
        return (root,)
    problems = list(rules.check(root, file))
    chosen = _choose(root, process)
    if chosen is None:
        problems.append(
            Problem(file, 1, "bpmn.no_process", "no executable process", "没有可执行的流程")
        )
        return tuple(problems)
    loops = dict.fromkeys(LOOP_NAMES, feel.NUMBER)
    view = View({**names, **loops}, sealed, functions or {})
    compiler = _Compiler(root, file, view, problems, decisions or {})
    program = compiler.program(chosen, sha256(xml).hexdigest())
    return tuple(problems) if problems else program


def _named_element(element: Element) -> str | None:
    """The id of the element that an expression stands in."""
    holder: Element | None = element
    while holder is not None and not holder.get("id"):
        holder = holder.getparent()
    return None if holder is None else str(holder.get("id"))


def _choose(root: Element, wanted: str | None) -> Element | None:
    found = children(root, "process")
    if wanted:
        return next((item for item in found if item.get("id") == wanted), None)
    executable = [item for item in found if flag(item, "isExecutable", False)]
    return (executable or found or [None])[0]


class _Compiler:
    def __init__(
        self,
        root: Element,
        file: str,
        view: View,
        problems: list[Problem],
        decisions: Mapping[str, ContentDecision],
    ) -> None:
        self._decisions = decisions
        self._file = file
        self._view = view
        self._problems = problems
        self._by_id = {item.get("id"): item for item in root.iter() if item.get("id")}
        self._nodes: dict[str, Node] = {}
        self._scopes: dict[str, Scope] = {}

    def program(self, process: Element, digest: str) -> Program:
        self._read_scope(process, "")
        boundaries: dict[str, list[str]] = {}
        for node in self._nodes.values():
            if node.kind == "boundary" and node.attached:
                boundaries.setdefault(node.attached, []).append(node.id)
        return Program(
            id=process.get("id") or "",
            name=process.get("name") or process.get("id") or "",
            digest=digest,
            nodes=self._nodes,
            scopes=self._scopes,
            boundaries={key: tuple(value) for key, value in boundaries.items()},
            reach=_reachability(self._nodes, boundaries),
            lanes=_lanes(process),
            names=dict(self._view.names),
            inclusive=frozenset(
                node.id for node in self._nodes.values() if node.kind == "inclusive"
            ),
        )

    def _problem(self, element: Element, code: str, english: str, chinese: str) -> None:
        self._problems.append(
            Problem(self._file, element.sourceline or 0, code, english, chinese, element.get("id"))
        )

    def _expression(self, element: Element, text: str) -> feel.Expression | None:
        line, name = element.sourceline or 0, _named_element(element)
        compiled = self._view.compile(text, file=self._file, line=line, element=name)
        if isinstance(compiled, feel.Expression):
            return compiled
        self._problems.extend(compiled)
        return None

    def _condition(self, element: Element, text: str) -> feel.Expression | None:
        """An expression that is true or false; what is plainly something else is refused here."""
        compiled = self._expression(element, text)
        constant = feel.compile(text, names={}) if compiled is not None else ()
        if isinstance(constant, feel.Expression):
            value = constant.evaluate({}, now=_ANY_TIME)
            if not value.problems and not isinstance(value.value, bool):
                self._problem(
                    element, "bpmn.condition", f"{text} is neither true nor false", "条件不是真或假"
                )
        return compiled

    def _read_scope(self, holder: Element, scope: str) -> None:
        flows = [self._flow(item) for item in children(holder, "sequenceFlow")]
        handlers: list[str] = []
        begun: list[str] = []
        bare: list[str] = []
        for item in [item for item in holder if local(item) in _KINDS]:
            node = self._node(item, scope, flows)
            self._nodes[node.id] = node
            if node.kind == "sub":
                self._read_scope(item, node.id)
            if node.by_event:
                handlers.append(node.id)
            elif node.kind == "start":
                begun.append(node.id)
            elif not node.incoming and node.kind not in ("boundary", "catch"):
                bare.append(node.id)
        # Without a start event, every node that nothing leads to begins (BPMN 2.0, 13.1).
        starts = begun or bare
        self._scopes[scope] = Scope(scope, tuple(starts), tuple(handlers))

    def _flow(self, element: Element) -> Flow:
        condition = next(iter(children(element, "conditionExpression")), None)
        text = body(condition)
        return Flow(
            id=element.get("id") or "",
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            condition=self._condition(element, text) if text else None,
        )

    def _node(self, element: Element, scope: str, flows: Iterable[Flow]) -> Node:
        identity = element.get("id") or ""
        kind = _KINDS[local(element)]
        script = None
        if kind == "script":
            text = body(next(iter(children(element, "script")), None))
            script = self._expression(element, text) if text else None
        rule = None
        if kind == "rule":
            asked = Asking(
                self._view.names,
                self._view.sealed,
                self._decisions,
                self._expression,
                self._problem,
            )
            rule = asked.rule(element)
        events = tuple(self._events(element))
        if kind == "send" and element.get("messageRef"):
            events = (EventDefinition("message", self._named(element, "messageRef", "name")),)
        if kind == "receive":
            events = (EventDefinition("message", self._named(element, "messageRef", "name")),)
        interrupting = flag(element, "cancelActivity", True)
        if kind == "start":
            interrupting = flag(element, "isInterrupting", True)
        detail = element.get(f"{{{OWN}}}handler")
        if kind == "call":
            detail = reference(element, "calledElement")
        return Node(
            id=identity,
            kind=kind,
            name=element.get("name") or identity,
            scope=scope,
            incoming=tuple(flow.id for flow in flows if flow.target == identity),
            outgoing=tuple(flow for flow in flows if flow.source == identity),
            default=element.get("default"),
            events=events,
            loop=self._loop(element),
            script=script,
            rule=rule,
            hands=self._handed(element) if kind == "call" else {},
            detail=detail,
            attached=reference(element, "attachedToRef"),
            interrupting=interrupting,
            all_of=flag(element, "parallelMultiple", False),
            instantiates=flag(element, "instantiate", False),
            by_event=flag(element, "triggeredByEvent", False),
            needs=_quantity(element, "startQuantity"),
            gives=_quantity(element, "completionQuantity"),
        )

    def _handed(self, element: Element) -> dict[str, feel.Expression]:
        """What a call hands on by name, each an expression."""
        found = {}
        for item in own_children(element, "input"):
            compiled = self._expression(element, body(item))
            if compiled is not None:
                found[item.get("name") or ""] = compiled
        return found

    def _named(self, element: Element, attribute: str, wanted: str) -> str | None:
        """The name (or code) of what ``attribute`` refers to, its id where it has none."""
        target = reference(element, attribute)
        if target is None:
            return None
        found = self._by_id.get(target)
        return (found.get(wanted) or found.get("id")) if found is not None else target

    def _events(self, element: Element) -> Iterable[EventDefinition]:
        definitions = [item for item in element if local(item) in _EVENTS]
        for item in children(element, "eventDefinitionRef"):
            target = self._by_id.get(body(item).rpartition(":")[2])
            if target is None or local(target) not in _EVENTS:
                self._problem(
                    element,
                    "bpmn.reference",
                    f"no event definition {body(item)!r}",
                    "引用的事件定义不存在",
                )
            else:
                definitions.append(target)
        for item in definitions:
            yield self._event(element, item)

    def _event(self, owner: Element, item: Element) -> EventDefinition:
        kind = _EVENTS[local(item)]
        if kind == "message":
            return EventDefinition("message", self._named(item, "messageRef", "name"))
        if kind == "signal":
            return EventDefinition("signal", self._named(item, "signalRef", "name"))
        if kind == "error":
            return EventDefinition("error", self._named(item, "errorRef", "errorCode"))
        if kind == "escalation":
            return EventDefinition(
                "escalation", self._named(item, "escalationRef", "escalationCode")
            )
        if kind == "link":
            return EventDefinition("link", item.get("name"))
        if kind == "conditional":
            text = body(next(iter(children(item, "condition")), None))
            return EventDefinition("conditional", expression=self._condition(owner, text))
        if kind == "timer":
            return self._timer(owner, item)
        return EventDefinition("terminate")

    def _timer(self, owner: Element, item: Element) -> EventDefinition:
        timers: dict[str, Any] = {
            "timeDuration": "duration",
            "timeDate": "date",
            "timeCycle": "cycle",
        }
        for child in item:
            timer = timers.get(local(child))
            if timer is None:
                continue
            text = body(child)
            if text.startswith("="):
                compiled = self._expression(owner, text[1:])
                return EventDefinition("timer", timer=timer, expression=compiled)
            if not rules.is_timer(timer, text):
                self._problem(
                    owner,
                    "bpmn.timer",
                    f"{text!r} is no ISO 8601 {timer}; FEEL begins with =",
                    f"「{text}」不是 ISO 8601 时间；FEEL 以 = 开头",
                )
            return EventDefinition("timer", timer=timer, text=text)
        self._problem(
            owner, "bpmn.timer", "a timer needs a date, duration or cycle", "定时事件缺少时间"
        )
        return EventDefinition("timer")

    def _loop(self, element: Element) -> Loop | None:
        found = children(element, *_LOOPS)
        if not found:
            return None
        item = found[0]
        if local(item) == "standardLoopCharacteristics":
            text = body(next(iter(children(item, "loopCondition")), None))
            maximum = item.get("loopMaximum")
            return Loop(
                "standard",
                condition=self._condition(element, text) if text else None,
                test_before=flag(item, "testBefore", False),
                maximum=int(maximum) if maximum and maximum.lstrip("-").isdigit() else None,
            )
        cardinality = body(next(iter(children(item, "loopCardinality")), None))
        completion = body(next(iter(children(item, "completionCondition")), None))
        behaviour = item.get("behavior", "All")
        event = None
        attribute = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(behaviour)
        target = self._by_id.get(reference(item, attribute)) if attribute else None
        if target is not None:
            event = self._event(element, target)
        return Loop(
            "sequential" if flag(item, "isSequential", False) else "parallel",
            cardinality=self._expression(element, cardinality) if cardinality else None,
            collection=item.get(f"{{{OWN}}}collection"),
            item=item.get(f"{{{OWN}}}item"),
            completion=self._condition(element, completion) if completion else None,
            event=event,
            each=behaviour == "None",
        )


def _quantity(element: Element, attribute: str) -> int:
    text = element.get(attribute, "1")
    return int(text) if text.isdigit() else 1


def _lanes(process: Element) -> dict[str, str]:
    lanes: dict[str, str] = {}
    for lane in process.iter():
        if local(lane) == "lane":
            for item in children(lane, "flowNodeRef"):
                lanes[body(item)] = lane.get("name") or lane.get("id") or ""
    return lanes


def _reachability(
    nodes: Mapping[str, Node], boundaries: Mapping[str, Iterable[str]]
) -> dict[str, frozenset[str]]:
    """For every node, what a token that leaves it can come to within its scope."""
    following: dict[str, set[str]] = {}
    for node in nodes.values():
        after = {flow.target for flow in node.outgoing}
        for boundary in boundaries.get(node.id, ()):
            after |= {flow.target for flow in nodes[boundary].outgoing}
        following[node.id] = after
    reach: dict[str, frozenset[str]] = {}
    for identity in nodes:
        seen: set[str] = set()
        queue = list(following[identity])
        while queue:
            place = queue.pop()
            if place not in seen:
                seen.add(place)
                queue.extend(following.get(place, ()))
        reach[identity] = frozenset(seen)
    return reach
