"""What events must keep to among themselves: links find their ends, flows of messages their catchers.

A link without its end, or a called process that nothing plain begins, would stop a running case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from touchstone.process.diagram.reading import Element, body, children, flag, local, reference
from touchstone.process.diagram.vocabulary import EVENT_DEFINITIONS, EVENTS, Found, every

_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
# What an event gateway may wait for.
_AWAITED = frozenset(
    {
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "conditionalEventDefinition",
    }
)


def _kinds(event: Element) -> set[str]:
    return {local(item) for item in event if local(item) in EVENT_DEFINITIONS}


def _links(root: Element) -> Found:
    for holder in every(root, {"process", "subProcess"}):
        catching: Counter[str | None] = Counter()
        named: dict[str | None, str | None] = {}
        for event in children(holder, "intermediateCatchEvent"):
            for link in children(event, "linkEventDefinition"):
                catching[link.get("name")] += 1
                named[link.get("id")] = link.get("name")
        reached = {flow.get("targetRef") for flow in children(holder, "sequenceFlow")}
        for event in children(holder, "intermediateCatchEvent"):
            links = children(event, "linkEventDefinition")
            if links and event.get("id") in reached:
                yield event, "link", "no flow leads to the end of a link", "链接的终点不能有流入"
            if any(catching[link.get("name")] > 1 for link in links):
                yield event, "link", "two ends of one link", "同名链接有两个终点"
        for event in children(holder, "intermediateThrowEvent"):
            for link in children(event, "linkEventDefinition"):
                if not catching[link.get("name")]:
                    yield event, "link", "the link has no end on this level", "链接在本层没有终点"
                    continue
                for target in children(link, "target"):
                    if named.get(body(target).rpartition(":")[2]) != link.get("name"):
                        yield event, "link", "its target is another link", "链接的目标不是同名链接"


def _event_gateways(root: Element) -> Found:
    for holder in every(root, {"process", "subProcess"}):
        here = {item.get("id"): item for item in holder if item.get("id")}
        for flow in children(holder, "sequenceFlow"):
            source, target = here.get(flow.get("sourceRef")), here.get(flow.get("targetRef"))
            if source is None or target is None or local(source) != "eventBasedGateway":
                continue
            if local(target) == "intermediateCatchEvent" and _kinds(target) - _AWAITED:
                yield (
                    target,
                    "event_gateway",
                    "an event gateway waits for a message, signal, timer or condition",
                    "事件网关只能等待消息、信号、定时或条件",
                )


def _messages(root: Element) -> Found:
    known = {item.get("id"): item for item in root.iter() if item.get("id")}
    for event in every(root, EVENTS):
        for item in children(event, "messageEventDefinition"):
            if item.get("messageRef") is None:
                yield (
                    event,
                    "reference",
                    "a message event names its message",
                    "消息事件缺少 messageRef",
                )
        for item in children(event, "eventDefinitionRef"):
            target = known.get(body(item).rpartition(":")[2])
            if target is not None and local(target.getparent()) != "definitions":
                yield (
                    event,
                    "reference",
                    "the event definition belongs to another event",
                    "引用的事件定义属于其他事件",
                )
    for flow in every(root, {"messageFlow"}):
        for attribute, catches in (("sourceRef", False), ("targetRef", True)):
            end = known.get(reference(flow, attribute))
            if end is None or local(end) not in EVENTS:
                continue
            kinds = _kinds(end) | {local(item) for item in children(end, "eventDefinitionRef")}
            wrong_way = (local(end) in _CATCHING) != catches
            if wrong_way or not kinds & {"messageEventDefinition", "eventDefinitionRef"}:
                yield (
                    end,
                    "message_flow",
                    f"a {local(end)} like this is no {'target' if catches else 'source'} of messages",
                    "该事件不能收发消息",
                )


def _beginnings(root: Element) -> Found:
    processes = {item.get("id"): item for item in children(root, "process")}
    for call in every(root, {"callActivity"}):
        called = processes.get(reference(call, "calledElement"))
        starts = children(called, "startEvent") if called is not None else []
        if starts and all(_kinds(item) or children(item, "eventDefinitionRef") for item in starts):
            yield (
                call,
                "called",
                "what it calls has no start without a trigger",
                "被调用的流程没有无触发器的开始事件",
            )
    reached = {flow.get("targetRef") for flow in every(root, {"sequenceFlow"})}
    for task in every(root, {"receiveTask"}):
        if flag(task, "instantiate", False) and task.get("id") in reached:
            yield (
                task,
                "start_event",
                "a receive task that begins the process has no way in",
                "启动流程的接收任务不能有流入",
            )


def _flows(root: Element) -> Found:
    for process in children(root, "process"):
        if not flag(process, "isExecutable", False):
            continue
        for flow in every(process, {"sequenceFlow"}):
            if not flag(flow, "isImmediate", True):
                yield (
                    flow,
                    "flow",
                    "in an executable process a flow is immediate",
                    "可执行流程的顺序流必须是即时的",
                )


RULES: tuple[Callable[[Element], Found], ...] = (
    _links,
    _event_gateways,
    _messages,
    _beginnings,
    _flows,
)
