"""What a customer is told of a procedure, checked where the standard is read: nothing left unsaid."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from touchstone.kernel.problem import Problem
from touchstone.packs.source import SourceFile
from touchstone.process.deployment import Deployment
from touchstone.process.diagram.program import WAITING_TASKS

_HELD = WAITING_TASKS | {"catch"}
_Found = tuple[str, str, str, str]
# The standard's own word on how many stages a customer sees at least.
_LEAST = "service.milestones_min"


def check_stages(file: SourceFile, built: Deployment) -> Iterable[Problem]:
    """Every place where a case can rest is in one stage, every end has its words."""
    if not built.procedure.stages:
        return
    found = chain(_elements(built), _ends(built), _links(built), _too_few(built))
    for code, subject, english, chinese in found:
        yield Problem(file.path, 0, code, f"{subject}: {english}", f"{subject}：{chinese}", subject)


def _too_few(built: Deployment) -> Iterator[_Found]:
    least = built.parameters.get(_LEAST)
    needed = least.value_on(dt.date.max) if least else None
    if needed is not None and len(built.procedure.stages) < needed:
        yield (
            "process.too_few_stages",
            built.procedure.slug,
            f"a customer sees {len(built.procedure.stages)} stages, {needed} are needed",
            f"客户可见的阶段只有 {len(built.procedure.stages)} 个，至少应有 {needed} 个",
        )


def _elements(built: Deployment) -> Iterator[_Found]:
    nodes = built.program.nodes
    named = Counter(element for stage in built.procedure.stages for element in stage.elements)
    for element, count in named.items():
        if element not in nodes:
            yield "process.no_element", element, "no such element", "流程图中没有该环节"
        elif count > 1:
            yield "process.two_stages", element, "in two stages", "同属两个阶段"
    for node in nodes.values():
        if node.kind in _HELD and node.id not in named:
            yield "process.no_stage", node.id, "in no stage", "未归入任何阶段"


def _ends(built: Deployment) -> Iterator[_Found]:
    ends = {node.id for node in built.program.nodes.values() if node.kind == "end"}
    outer = {end for end in ends if not built.program.nodes[end].scope}
    for end in sorted(outer - built.procedure.outcomes.keys()):
        yield "process.no_outcome", end, "no words for this end", "缺少对客户的结果说明"
    for end in sorted(built.procedure.outcomes.keys() - ends):
        yield "process.no_element", end, "no such end", "流程图中没有该结束"


def _links(built: Deployment) -> Iterator[_Found]:
    clocks = {item.id for item in built.clocks}
    for stage in built.procedure.stages:
        for clock in stage.promise:
            if clock not in clocks:
                yield "process.no_clock", clock, "no such clock", "没有该时限"
        for element in stage.asks:
            if element not in stage.elements:
                yield "process.no_stage", element, "asks outside its stage", "不属于该阶段"
        for element, told in stage.tells.items():
            if element not in stage.asks:
                yield (
                    "process.no_ask",
                    element,
                    "tells where nothing is asked",
                    "该环节没有请求客户",
                )
            step = built.procedure.steps.get(told.step)
            form = built.forms.get(step.form or "") if step else None
            if form is None or told.field not in form.properties:
                yield "process.no_field", told.field, "no such field there", "该环节没有此字段"
    if built.procedure.contact is None:
        yield "process.no_contact", built.procedure.slug, "nobody to ask", "缺少咨询岗位"
