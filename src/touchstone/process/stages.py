"""What a customer is told of a procedure, checked where the standard is read: nothing left unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from touchstone.kernel.problem import Problem
from touchstone.packs.source import SourceFile
from touchstone.process.deployment import Deployment
from touchstone.process.diagram.program import WAITING_TASKS

_HELD = WAITING_TASKS | {"catch"}


def check_stages(file: SourceFile, built: Deployment) -> Iterable[Problem]:
    """Every place where a case can rest is in one stage, every end has its words."""
    procedure, nodes = built.procedure, built.program.nodes
    if not procedure.stages:
        return

    def problem(code: str, subject: str, english: str, chinese: str) -> Problem:
        return Problem(
            file.path, 0, code, f"{subject}: {english}", f"{subject}：{chinese}", subject
        )

    named = Counter(element for stage in procedure.stages for element in stage.elements)
    for element, count in named.items():
        if element not in nodes:
            yield problem("process.no_element", element, "no such element", "流程图中没有该环节")
        elif count > 1:
            yield problem("process.two_stages", element, "in two stages", "同属两个阶段")
    for node in nodes.values():
        if node.kind in _HELD and node.id not in named:
            yield problem("process.no_stage", node.id, "in no stage", "未归入任何阶段")
        if node.kind == "end" and not node.scope and node.id not in procedure.outcomes:
            yield problem(
                "process.no_outcome", node.id, "no words for this end", "缺少对客户的结果说明"
            )
    for element in procedure.outcomes:
        if element not in nodes or nodes[element].kind != "end":
            yield problem("process.no_element", element, "no such end", "流程图中没有该结束")
    clocks = {item.id for item in built.clocks}
    for stage in procedure.stages:
        for clock in stage.promise:
            if clock not in clocks:
                yield problem("process.no_clock", clock, "no such clock", "没有该时限")
        for element in stage.asks:
            if element not in stage.elements:
                yield problem("process.no_stage", element, "asks outside its stage", "不属于该阶段")
    if procedure.contact is None:
        yield problem("process.no_contact", procedure.slug, "nobody to ask", "缺少咨询岗位")
