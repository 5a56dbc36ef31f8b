"""What a BPMN file must keep to, and what the engine does not run; each with element and reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator

from touchstone.kernel.feel.values import read_duration
from touchstone.kernel.problem import Problem
from touchstone.process.diagram import data_rules, event_rules
from touchstone.process.diagram.reading import Element, body, children, flag, local, reference
from touchstone.process.diagram.vocabulary import (
    ACTIVITIES,
    EVENT_DEFINITIONS,
    EVENTS,
    FLOW_NODES,
    GATEWAYS,
    Found,
    every,
)

_UNSUPPORTED = {
    "transaction": ("transactions are not run yet", "暂不支持事务子流程"),
    "adHocSubProcess": ("ad-hoc sub-processes are not run yet", "暂不支持即席子流程"),
    "complexGateway": ("complex gateways are not run yet", "暂不支持复杂网关"),
    "compensateEventDefinition": ("compensation is not run yet", "暂不支持补偿"),
    "cancelEventDefinition": ("cancelling a transaction is not run yet", "暂不支持取消事件"),
    "choreography": ("choreographies are not run", "不支持编排图"),
    "choreographyTask": ("choreographies are not run", "不支持编排图"),
    "callChoreography": ("choreographies are not run", "不支持编排图"),
    "subChoreography": ("choreographies are not run", "不支持编排图"),
    "globalConversation": ("conversations are not run", "不支持会话图"),
    "complexBehaviorDefinition": (
        "complex multi-instance behaviour is not run yet",
        "暂不支持复杂多实例行为",
    ),
}
_CYCLE = re.compile(r"R(\d*)/(.+)", re.ASCII)


def check(root: Element, file: str) -> Iterable[Problem]:
    """Every rule that the file breaks, and every element that is not run."""
    for rule in _RULES:
        for element, code, english, chinese in rule(root):
            yield Problem(
                file, element.sourceline or 0, f"bpmn.{code}", english, chinese, element.get("id")
            )


def is_timer(kind: str, text: str) -> bool:
    """Whether ``text`` is an ISO 8601 duration, date or cycle."""
    if kind == "duration":
        return read_duration(text) is not None
    if kind == "date":
        try:
            dt.datetime.fromisoformat(text)
        except ValueError:
            return False
        return True
    found = _CYCLE.fullmatch(text)
    return bool(found and read_duration(found[2].rpartition("/")[2]) is not None)


def _unsupported(root: Element) -> Found:
    for element in every(root, _UNSUPPORTED):
        english, chinese = _UNSUPPORTED[local(element)]
        yield element, "unsupported", f"{local(element)}: {english}", chinese
    for element in every(root, {"multiInstanceLoopCharacteristics"}):
        if element.get("behavior") == "Complex":
            yield (
                element,
                "unsupported",
                "complex multi-instance behaviour is not run yet",
                "暂不支持复杂多实例行为",
            )
    for element in every(root, ACTIVITIES):
        if flag(element, "isForCompensation", False):
            yield element, "unsupported", "compensation is not run yet", "暂不支持补偿"
    for element in every(root, {"eventBasedGateway"}):
        if flag(element, "instantiate", False):
            yield (
                element,
                "unsupported",
                "an instantiating event gateway is not run yet",
                "暂不支持实例化事件网关",
            )


def _identities(root: Element) -> Found:
    seen: set[str] = set()
    for element in root.iter():
        name = local(element)
        identity = element.get("id")
        if not name:
            continue
        if identity is None:
            if name in FLOW_NODES or name in ("process", "sequenceFlow"):
                yield element, "missing_id", f"a {name} has no id", f"{name} 缺少 id"
        elif identity in seen:
            yield (
                element,
                "duplicate_id",
                f"the id {identity!r} is used twice",
                f"id「{identity}」重复",
            )
        else:
            seen.add(identity)


def _references(root: Element) -> Found:
    known = {element.get("id"): element for element in root.iter() if element.get("id")}
    wanted = {
        "messageRef": "message",
        "signalRef": "signal",
        "errorRef": "error",
        "escalationRef": "escalation",
        "operationRef": "operation",
        "itemSubjectRef": "itemDefinition",
        "dataObjectRef": "dataObject",
        "dataStoreRef": "dataStore",
        "attachedToRef": "",
        "default": "sequenceFlow",
        "processRef": "process",
    }
    for element in root.iter():
        if not local(element):
            continue
        for attribute, kind in wanted.items():
            target = reference(element, attribute)
            if target is None:
                continue
            found = known.get(target)
            if found is None:
                yield (
                    element,
                    "reference",
                    f"{attribute} names {target!r}, which does not exist",
                    f"{attribute} 指向不存在的「{target}」",
                )
            elif kind and local(found) != kind:
                yield (
                    element,
                    "reference",
                    f"{attribute} names a {local(found)}, not a {kind}",
                    f"{attribute} 指向的不是 {kind}",
                )


def _sequence_flows(root: Element) -> Found:
    for holder in every(root, {"process", "subProcess"}):
        here = {item.get("id"): item for item in holder if item.get("id")}
        for flow in children(holder, "sequenceFlow"):
            source, target = here.get(flow.get("sourceRef")), here.get(flow.get("targetRef"))
            if source is None or target is None:
                yield (
                    flow,
                    "flow_ends",
                    "a sequence flow joins two nodes of one process level",
                    "顺序流必须连接同一层级的两个节点",
                )
                continue
            if local(source) not in FLOW_NODES or local(target) not in FLOW_NODES:
                yield flow, "flow_ends", "a sequence flow joins flow nodes", "顺序流只能连接流节点"
            if local(source) == "endEvent":
                yield flow, "after_end", "nothing follows an end event", "结束事件之后不能有顺序流"
            if local(target) in ("startEvent", "boundaryEvent"):
                yield (
                    flow,
                    "before_start",
                    f"no flow leads to a {local(target)}",
                    "顺序流不能指向开始或边界事件",
                )
            if flag(source, "triggeredByEvent", False) or flag(target, "triggeredByEvent", False):
                yield (
                    flow,
                    "event_sub_process",
                    "an event sub-process has no sequence flows",
                    "事件子流程不能有顺序流",
                )
            condition = children(flow, "conditionExpression")
            if condition and local(source) == "eventBasedGateway":
                yield (
                    flow,
                    "condition",
                    f"a flow out of a {local(source)} has no condition",
                    "该网关的流出不能带条件",
                )
            if condition and local(source) in (
                "startEvent",
                "intermediateCatchEvent",
                "boundaryEvent",
            ):
                yield (
                    flow,
                    "condition",
                    "a flow out of an event has no condition",
                    "事件的流出不能带条件",
                )


def _listed_flows(root: Element) -> Found:
    flows = {flow.get("id"): flow for flow in every(root, {"sequenceFlow"})}
    for node in every(root, FLOW_NODES):
        for item in children(node, "incoming", "outgoing"):
            flow = flows.get(body(item).rpartition(":")[2])
            end = "targetRef" if local(item) == "incoming" else "sourceRef"
            if flow is None or flow.get(end) != node.get("id"):
                yield (
                    node,
                    "listed_flow",
                    f"lists {body(item)!r} as {local(item)}, which is not",
                    f"所列 {local(item)} 与顺序流不符",
                )


def _degrees(root: Element) -> Iterator[tuple[Element, list[Element], list[Element]]]:
    for holder in every(root, {"process", "subProcess"}):
        flows = children(holder, "sequenceFlow")
        for node in holder:
            if local(node) in FLOW_NODES:
                identity = node.get("id")
                yield (
                    node,
                    [flow for flow in flows if flow.get("targetRef") == identity],
                    [flow for flow in flows if flow.get("sourceRef") == identity],
                )


def _connections(root: Element) -> Found:
    for node, incoming, outgoing in _degrees(root):
        name = local(node)
        if name in GATEWAYS:
            if len(incoming) < 2 and len(outgoing) < 2:
                yield node, "gateway", "a gateway splits or joins", "网关既不分支也不汇聚"
            direction = node.get("gatewayDirection", "Unspecified")
            wrong = (direction == "Diverging" and len(incoming) > 1) or (
                direction == "Converging" and len(outgoing) > 1
            )
            if wrong or (direction == "Mixed" and (len(incoming) < 2 or len(outgoing) < 2)):
                yield (
                    node,
                    "gateway_direction",
                    f"its flows are not {direction}",
                    f"流向与 {direction} 不符",
                )
        if name == "boundaryEvent" and not outgoing:
            yield node, "boundary", "a boundary event needs a way out", "边界事件缺少流出"
        if name in ("intermediateCatchEvent", "intermediateThrowEvent"):
            links = children(node, "linkEventDefinition")
            if not incoming and not (links and name == "intermediateCatchEvent"):
                yield node, "unreached", "an intermediate event needs a way in", "中间事件缺少流入"
            if not outgoing and not (links and name == "intermediateThrowEvent"):
                yield (
                    node,
                    "no_way_out",
                    "an intermediate event needs a way out",
                    "中间事件缺少流出",
                )
        if name == "eventBasedGateway":
            yield from _event_gateway(root, node, outgoing)


def _event_gateway(root: Element, node: Element, outgoing: list[Element]) -> Found:
    if len(outgoing) < 2:
        yield (
            node,
            "event_gateway",
            "an event gateway has two ways out or more",
            "事件网关至少两个流出",
        )
    targets = {flow.get("targetRef") for flow in outgoing}
    found = [item for item in root.iter() if item.get("id") in targets]
    kinds = {local(item) for item in found}
    if not kinds <= {"intermediateCatchEvent", "receiveTask"}:
        yield (
            node,
            "event_gateway",
            "an event gateway leads to catching events or receive tasks only",
            "事件网关只能通向捕获事件或接收任务",
        )
    messages = any(children(item, "messageEventDefinition") for item in found)
    if "receiveTask" in kinds and messages:
        yield (
            node,
            "event_gateway",
            "message events and receive tasks do not mix",
            "消息事件与接收任务不能混用",
        )


def _starts(root: Element) -> Found:
    for holder in every(root, {"process", "subProcess"}):
        starts = children(holder, "startEvent")
        ends = children(holder, "endEvent")
        if bool(starts) != bool(ends) and (starts or ends):
            missing = "an end" if starts else "a start"
            yield (
                holder,
                "start_and_end",
                f"needs {missing} event, having the other",
                "开始与结束事件必须成对使用",
            )
        if local(holder) != "subProcess":
            continue
        by_event = flag(holder, "triggeredByEvent", False)
        if by_event and len(starts) != 1:
            yield (
                holder,
                "event_sub_process",
                "an event sub-process has one start event",
                "事件子流程必须恰有一个开始事件",
            )
        for start in starts:
            definitions = [
                item
                for item in start
                if local(item) in EVENT_DEFINITIONS or local(item) == "eventDefinitionRef"
            ]
            names = {local(item) for item in definitions}
            if by_event and not definitions:
                yield (
                    start,
                    "event_sub_process",
                    "its start event needs a trigger",
                    "事件子流程的开始事件缺少触发器",
                )
            if by_event and names & {"linkEventDefinition", "terminateEventDefinition"}:
                yield (
                    start,
                    "event_sub_process",
                    "no such trigger starts an event sub-process",
                    "该触发器不能用于事件子流程",
                )
            if (
                by_event
                and not flag(start, "isInterrupting", True)
                and names & {"errorEventDefinition", "compensateEventDefinition"}
            ):
                yield (
                    start,
                    "event_sub_process",
                    "an error or compensation always interrupts",
                    "错误和补偿只能中断",
                )
            if not by_event and definitions:
                yield (
                    start,
                    "start_event",
                    "a sub-process starts without a trigger",
                    "子流程的开始事件不能有触发器",
                )


def _events(root: Element) -> Found:
    allowed = {
        "startEvent": {
            "timer",
            "message",
            "signal",
            "conditional",
            "error",
            "escalation",
            "compensate",
        },
        "endEvent": {
            "message",
            "signal",
            "error",
            "escalation",
            "terminate",
            "compensate",
            "cancel",
        },
        "intermediateCatchEvent": {"timer", "message", "signal", "conditional", "link"},
        "intermediateThrowEvent": {"message", "signal", "escalation", "link", "compensate"},
        "boundaryEvent": {
            "timer",
            "message",
            "signal",
            "conditional",
            "error",
            "escalation",
            "compensate",
            "cancel",
        },
    }
    for event in every(root, EVENTS):
        kinds = [
            local(item).removesuffix("EventDefinition")
            for item in event
            if local(item) in EVENT_DEFINITIONS
        ]
        referred = children(event, "eventDefinitionRef")
        for kind in kinds:
            if kind not in allowed[local(event)]:
                yield (
                    event,
                    "event_definition",
                    f"a {local(event)} has no {kind} definition",
                    f"{local(event)} 不能使用 {kind}",
                )
        if (
            local(event) == "startEvent"
            and local(event.getparent()) == "process"
            and set(kinds) & {"error", "escalation", "compensate"}
        ):
            yield (
                event,
                "event_definition",
                "a process does not start by error or escalation",
                "流程不能由错误或升级启动",
            )
        if (
            local(event) in ("intermediateCatchEvent", "boundaryEvent")
            and not kinds
            and not referred
        ):
            yield event, "event_definition", f"a {local(event)} needs a definition", "缺少事件定义"
        if local(event) == "boundaryEvent":
            if event.get("attachedToRef") is None:
                yield (
                    event,
                    "boundary",
                    "a boundary event sits on an activity",
                    "边界事件必须依附活动",
                )
            if not flag(event, "cancelActivity", True) and set(kinds) & {
                "error",
                "cancel",
                "compensate",
            }:
                yield event, "boundary", "an error always interrupts", "错误边界事件必须中断"
        yield from _codes(root, event)


def _codes(root: Element, event: Element) -> Found:
    known = {element.get("id"): element for element in root.iter() if element.get("id")}
    throwing = local(event) in ("endEvent", "intermediateThrowEvent")
    for item in event:
        name = local(item)
        if name in ("escalationEventDefinition", "errorEventDefinition") and throwing:
            attribute = "escalationRef" if name.startswith("esc") else "errorRef"
            code = "escalationCode" if name.startswith("esc") else "errorCode"
            target = known.get(reference(item, attribute))
            if reference(item, attribute) is None or (target is not None and not target.get(code)):
                yield event, "code", f"what is thrown needs a {code}", f"抛出的事件缺少 {code}"
        if name == "signalEventDefinition" and item.get("signalRef") is None:
            yield event, "reference", "a signal event names its signal", "信号事件缺少 signalRef"
        if (
            name == "timerEventDefinition"
            and len(children(item, "timeDate", "timeDuration", "timeCycle")) != 1
        ):
            yield (
                event,
                "timer",
                "a timer has exactly one of date, duration, cycle",
                "定时事件必须且只能有一种时间",
            )
        if name == "linkEventDefinition" and not item.get("name"):
            yield event, "link", "a link event has a name", "链接事件缺少名称"


def _loops(root: Element) -> Found:
    for element in every(root, ACTIVITIES):
        loops = children(element, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics")
        if len(loops) > 1:
            yield element, "loop", "an activity loops one way only", "活动只能有一种循环"
        for loop in loops:
            maximum = loop.get("loopMaximum")
            if maximum is not None and not maximum.isdigit():
                yield (
                    element,
                    "loop",
                    "loopMaximum is a whole number of turns",
                    "loopMaximum 必须是非负整数",
                )
            if local(loop) == "multiInstanceLoopCharacteristics":
                behaviour = loop.get("behavior", "All")
                wanted = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(
                    behaviour
                )
                if wanted and loop.get(wanted) is None:
                    yield (
                        element,
                        "loop",
                        f"behaviour {behaviour} needs {wanted}",
                        "多实例行为缺少事件引用",
                    )
                own = [key for key in loop.attrib if str(key).endswith("}collection")]
                sources = children(loop, "loopCardinality", "loopDataInputRef")
                if not sources and not own:
                    yield element, "loop", "how many instances is not said", "缺少实例数量"
                if len(sources) > 1:
                    yield (
                        element,
                        "loop",
                        "a cardinality or a collection, not both",
                        "基数与集合只能取一",
                    )
    for element in every(root, ACTIVITIES):
        for attribute in ("startQuantity", "completionQuantity"):
            text = element.get(attribute)
            if text is not None and not (text.isdigit() and int(text) > 0):
                yield (
                    element,
                    "quantity",
                    f"{attribute} is a whole number above zero",
                    f"{attribute} 必须是正整数",
                )


def _defaults(root: Element) -> Found:
    for node, _, outgoing in _degrees(root):
        default = node.get("default")
        if default is None:
            conditional = [flow for flow in outgoing if children(flow, "conditionExpression")]
            if local(node) == "exclusiveGateway" and len(outgoing) > 1:
                bare = [flow for flow in outgoing if flow not in conditional]
                if bare:
                    yield (
                        node,
                        "condition",
                        "every way but the default needs a condition",
                        "除默认流外均须有条件",
                    )
            continue
        chosen = next((flow for flow in outgoing if flow.get("id") == default), None)
        if chosen is None:
            yield (
                node,
                "default",
                "the default flow does not leave this node",
                "默认流并非该节点的流出",
            )
        elif children(chosen, "conditionExpression"):
            yield node, "default", "a default flow has no condition", "默认流不能带条件"


def _collaborations(root: Element) -> Found:
    pools = {item.get("id"): reference(item, "processRef") for item in every(root, {"participant"})}
    owner: dict[str, str] = {}
    for process in children(root, "process"):
        for element in process.iter():
            if element.get("id"):
                owner[element.get("id", "")] = process.get("id") or ""
    for flow in every(root, {"messageFlow"}):
        ends = [reference(flow, name) for name in ("sourceRef", "targetRef")]
        if None in ends:
            yield flow, "message_flow", "a message flow has two ends", "消息流缺少端点"
            continue
        places = [pools.get(end) or owner.get(str(end)) for end in ends]
        if places[0] is not None and places[0] == places[1]:
            yield flow, "message_flow", "a message flow joins two pools", "消息流不能在同一泳池内"
        if any(end not in owner and end not in pools for end in ends):
            yield flow, "reference", "an end of the message flow does not exist", "消息流端点不存在"


def _artifacts(root: Element) -> Found:
    artifacts = {"association", "group", "textAnnotation"}
    known = {item.get("id"): local(item) for item in root.iter() if item.get("id")}
    for flow in every(root, {"sequenceFlow", "messageFlow"}):
        for name in ("sourceRef", "targetRef"):
            if known.get(reference(flow, name)) in artifacts:
                yield flow, "artifact", "an artifact takes no flow", "工件不能连接流"


def _reached(root: Element) -> Found:
    """With start and end events, every other node has a way in and a way out (13.1, 10.4)."""
    for node, incoming, outgoing in _degrees(root):
        holder, name = node.getparent(), local(node)
        if name not in ACTIVITIES | GATEWAYS or flag(node, "triggeredByEvent", False):
            continue
        if flag(node, "isForCompensation", False):
            continue
        if children(holder, "startEvent") and not incoming:
            yield node, "unreached", f"nothing leads to this {name}", "没有流入"
        if children(holder, "endEvent") and not outgoing:
            yield node, "no_way_out", f"nothing follows this {name}", "没有流出"


_RULES: tuple[Callable[[Element], Found], ...] = (
    _unsupported,
    _identities,
    _references,
    _sequence_flows,
    _listed_flows,
    _connections,
    _starts,
    _events,
    _loops,
    _defaults,
    _collaborations,
    _artifacts,
    _reached,
    *data_rules.RULES,
    *event_rules.RULES,
)
