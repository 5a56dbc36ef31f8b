"""The kinds of content that processes own: procedures, diagrams, forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema_rs

from touchstone.kernel.forms import form_problems
from touchstone.kernel.parameters import Parameter, read_parameter
from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile
from touchstone.process.decisions import decisions_in, decisions_named_in
from touchstone.process.deployment import Deployment, build
from touchstone.process.diagram.reading import read_xml
from touchstone.process.forms import Form
from touchstone.process.linking import (
    check_handoffs,
    check_letters,
    check_limits,
    check_messages,
    check_posts,
    check_starts,
)
from touchstone.process.ports import SERVICE_HANDLERS
from touchstone.process.self_service import check_customer
from touchstone.process.stages import check_stages

_ASKED = re.compile(r"\b(parameter|deadline)\(\s*\\?(?:\"|'|&quot;)([\w.]+)")


class DiagramKind:
    """``procedures/<slug>/*.bpmn``; compiled together with its procedure."""

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """The size of a well-formed file; the bytes themselves are the content."""
        root = read_xml(file.content, file.path)
        return (root,) if isinstance(root, Problem) else {"bytes": len(file.content)}

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """Nothing beside its procedure."""
        return ()


class FormKind:
    """``procedures/<slug>/forms/*.schema.json``: JSON Schema 2020-12 of an object."""

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """The schema."""
        try:
            data = json.loads(file.content)
            jsonschema_rs.Draft202012Validator(data)
        except (ValueError, RecursionError, jsonschema_rs.ValidationError) as error:
            text = str(error).splitlines()[0][:200]
            return (
                Problem(
                    file.path, getattr(error, "lineno", 0), "process.form", text, "表单定义无法读取"
                ),
            )
        if not isinstance(data, dict) or data.get("type") != "object":
            return (
                Problem(
                    file.path, 0, "process.form", "a form describes an object", "表单必须描述对象"
                ),
            )
        return data

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """Titles, labels and hints in both languages, conditions that a page can judge, derived facts."""
        for item in Form((file.id or "").partition("/")[2], data).derivation_problems():
            yield replace(item, file=file.path)
        yield from form_problems(file.path, data)


def _check_courses(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    for step, raw in data.get("steps", {}).items():
        for course in raw.get("courses") or ():
            if course not in pack.of("course"):
                text = f"{step} demands a course {course} that is not there"
                yield Problem(file.path, 0, "process.no_course", text, "引用的课程不存在", step)


def check_procedure(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Everything the procedure names exists, and the whole compiles."""
    slug = file.id or ""
    for other, raw in pack.of("procedure").items():
        if raw["id"] == data["id"] and other < slug:
            text = f"{other} has the number {data['id']} too"
            yield Problem(
                file.path, 0, "process.number_twice", text, "流程编号重复", str(data["id"])
            )
    for clause in _clauses_named(data):
        if clause not in pack.clauses:
            yield Problem(
                file.path, 0, "process.no_clause", f"no clause {clause}", "引用的条款不存在"
            )
    yield from _check_courses(file, data, pack)
    diagram = pack.pack.files.get(f"procedures/{slug}/{data['bpmn']}")
    if diagram is None:
        yield Problem(
            file.path, 0, "process.no_diagram", f"no file {data['bpmn']}", "缺少流程图文件"
        )
        return
    schemas = {
        identity.partition("/")[2]: schema
        for identity, schema in pack.of("form").items()
        if identity.startswith(f"{slug}/")
    }
    known = {name: read_parameter(name, raw) for name, raw in pack.of("parameter").items()}
    missing = [item for item in _forms_named(data) if item not in schemas]
    if missing:
        yield Problem(
            file.path, 0, "process.no_form", f"no form {', '.join(missing)}", "引用的表单不存在"
        )
        return
    for name in _parameters_named(data):
        if name not in known:
            yield Problem(
                file.path, 0, "process.no_parameter", f"no parameter {name}", "引用的参数不存在"
            )
    yield from _check_numbers(file, diagram, data, known)
    asked = decisions_in(pack, decisions_named_in(diagram.content))
    built = build(0, slug, data, diagram.content, schemas, known, asked)
    if not isinstance(built, Deployment):
        yield from built
        return
    yield from _check_steps(file, built)
    yield from check_posts(file, built, pack)
    yield from check_handoffs(file, built, pack)
    yield from check_starts(file, built, pack)
    yield from check_messages(file, built, pack)
    yield from check_stages(file, built)
    yield from check_letters(file, built, pack)
    yield from check_limits(file, built, pack)
    yield from check_customer(file, built, pack)


def _check_numbers(
    file: SourceFile, diagram: SourceFile, data: Any, known: Mapping[str, Parameter]
) -> Iterable[Problem]:
    """Every parameter that an expression asks for exists, and what is used as a limit is one."""
    for source in (file, diagram):
        for number, line in enumerate(source.content.decode("utf-8", "replace").splitlines(), 1):
            for function, name in _ASKED.findall(line):
                if name not in known:
                    text = f"no parameter {name}"
                    yield Problem(
                        source.path, number, "process.no_parameter", text, "引用的参数不存在"
                    )
                elif function == "deadline" and known[name].unit != "limit":
                    yield _no_limit(source, number, name)
    for name in _limits_named(data):
        if name in known and known[name].unit != "limit":
            yield _no_limit(file, 0, name)


def _no_limit(file: SourceFile, line: int, name: str) -> Problem:
    return Problem(
        file.path, line, "process.not_a_limit", f"{name} is no time limit", f"{name} 不是时限参数"
    )


def _check_steps(file: SourceFile, built: Deployment) -> Iterable[Problem]:
    procedure, nodes = built.procedure, built.program.nodes
    handlers = SERVICE_HANDLERS.all()
    for node in nodes.values():
        step = procedure.steps.get(node.id)
        if node.kind == "user" and (step is None or not step.posts):
            yield Problem(
                file.path,
                0,
                "process.no_post",
                f"{node.id} has no step with a post",
                "用户任务缺少岗位",
                node.id,
            )
        if node.kind == "service":
            handler = node.detail or (step.service_handler if step else None)
            if handler not in handlers:
                yield Problem(
                    file.path,
                    0,
                    "process.no_handler",
                    f"{node.id}: no handler {handler!r}",
                    "服务任务缺少处理器",
                    node.id,
                )
    for step in procedure.steps.values():
        if step.element not in nodes:
            yield Problem(
                file.path,
                0,
                "process.no_element",
                f"no element {step.element}",
                "流程图中没有该环节",
                step.element,
            )
    yield from _check_decided(file, built)
    for control in procedure.controls:
        for element in (control.step, *control.after, *control.distinct_from):
            if element not in nodes:
                yield Problem(
                    file.path,
                    0,
                    "process.no_element",
                    f"{control.id}: no element {element}",
                    "控制点引用的环节不存在",
                    control.id,
                )


def _check_decided(file: SourceFile, built: Deployment) -> Iterable[Problem]:
    """A decision is judged where one is made; there nobody can hold, since nobody acts."""
    for control in built.procedure.controls:
        node = built.program.nodes.get(control.step)
        if node is None:
            continue
        ruled = node.kind == "rule"
        if control.kind == "decision" and not (ruled and control.when == "complete"):
            text = f"{control.id}: a decision is judged where a rule task completes"
            zh = "决策类控制点应设在规则任务完成时"
            yield Problem(file.path, 0, "process.no_decision_there", text, zh, control.id)
        if ruled and control.mode == "hold":
            text = f"{control.id}: nobody acts at a rule task who could be held"
            zh = "规则任务处不能设置“待放行”"
            yield Problem(file.path, 0, "process.no_hold_there", text, zh, control.id)


def _clauses_named(data: Any) -> list[str]:
    named = list(data.get("clauses") or ())
    named += [item["clause"] for item in data.get("controls") or ()]
    named += [item["clause"] for item in data.get("clocks") or () if item.get("clause")]
    named += [item["clause"] for item in data["steps"].values() if item.get("clause")]
    named += [item["clause"] for item in data.get("separation") or ()]
    return sorted(set(named))


def _forms_named(data: Any) -> list[str]:
    forms = {step.get("form") for step in data["steps"].values()}
    forms.add((data.get("start") or {}).get("form"))
    forms.update(item.get("form") for item in (data.get("messages") or {}).values())
    return sorted(name for name in forms if name)


def _parameters_named(data: Any) -> list[str]:
    steps = data["steps"].values()
    signing = [step.get("signing") or {} for step in steps]
    own = [item.get(key) for item in signing for key in ("size_parameter", "quorum_parameter")]
    return sorted({*_limits_named(data), *(name for name in own if name)})


def _limits_named(data: Any) -> list[str]:
    named = []
    for clock in data.get("clocks") or ():
        named.append(clock["limit"])
        named += [item["limit"] for item in clock.get("limit_if") or ()]
        named += [item["max"] for item in clock.get("pauses") or () if item.get("max")]
    for step in data["steps"].values():
        if step.get("handoff"):
            named.append(step["handoff"]["limit"])
    named += [item["lapses"] for item in data.get("limits") or () if item.get("lapses")]
    return sorted(set(named))
