"""What indicators and reports must keep to beside their form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.measures.templates import TEMPLATES, WHOLE
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

_LINES = ("target", "warning", "critical", "floor", "regulatory_limit", "small_denominator")


def check_indicator(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Its clauses, parameters and procedures' numbers exist, and its template is one of ours."""
    if data["id"] != file.id:
        yield _problem(file, "wrong_id", f"the id is not {file.id}", "编号与文件名不一致")
    if "formula" not in data:  # what was applied before there were formulas stays readable
        yield _problem(file, "no_formula", "there is no formula in words", "缺少文字公式")
    for clause in data["clauses"]:
        if clause not in pack.clauses:
            yield _problem(file, "no_clause", f"no clause {clause}", "引用的条款不存在")
    for name in _LINES:
        parameter = data.get(name)
        if parameter is not None and parameter not in pack.of("parameter"):
            yield _problem(file, "no_parameter", f"no parameter {parameter}", "引用的参数不存在")
    yield from _check_owner(file, data, pack)
    measures = [data["measure"], *(item["measure"] for item in (data.get("also") or {}).values())]
    for measure in measures:
        if measure["template"] not in TEMPLATES.keys() | WHOLE:
            text = f"no template {measure['template']}"
            yield _problem(file, "no_template", text, "没有这种计算模板")
        for register in _named(measure, "register"):
            if register not in pack.of("register"):
                yield _problem(file, "no_register", f"no register {register}", "引用的台账不存在")


def check_report(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Each number names what exists; what it awaits is not there yet."""
    if data["id"] != file.id:
        yield _problem(file, "wrong_id", f"the id is not {file.id}", "编号与文件名不一致")
    yield from _check_owner(file, data, pack)
    for number in data["numbers"]:
        yield from _check_number(file, number, pack)


def _check_number(file: SourceFile, number: Any, pack: Parsed) -> Iterator[Problem]:
    clause, awaits = number["clause"], number.get("awaits") or {}
    if clause in pack.clauses and awaits.get("clause"):
        yield _problem(file, "awaits_clause", f"{clause} is there by now", "该条款已存在，无需等待")
    if clause not in pack.clauses and not awaits.get("clause"):
        yield _problem(file, "no_clause", f"no clause {clause}", "引用的条款不存在")
    indicator, awaited = number.get("indicator"), awaits.get("indicator")
    if (indicator is None) == (awaited is None):
        text = f"{clause}: either an indicator or the one it awaits"
        yield _problem(file, "one_indicator", text, "指标与等待中的指标须且只须写明一项")
    if indicator is not None and indicator not in pack.of("indicator"):
        yield _problem(file, "no_indicator", f"no indicator {indicator}", "引用的指标不存在")
    if awaited is not None and awaited in pack.of("indicator"):
        text = f"{awaited} is there by now"
        yield _problem(file, "awaits_indicator", text, "该指标已存在，无需等待")
    parameter = number.get("parameter")
    if parameter is not None:
        raw = pack.of("parameter").get(parameter)
        if raw is None:
            yield _problem(file, "no_parameter", f"no parameter {parameter}", "引用的参数不存在")
        elif raw["clause"] != clause:
            text = f"{parameter} comes from {raw['clause']}, not from {clause}"
            yield _problem(file, "other_clause", text, "参数出自另一条款")


def _check_owner(file: SourceFile, data: Any, pack: Parsed) -> Iterator[Problem]:
    roles = pack.of("roles").get("roles")
    if roles is not None and data["owner"] not in roles["functions"]:
        yield _problem(file, "no_owner", f"no function {data['owner']}", "归口部门不存在")


def _named(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value[name]
        for item in value.values():
            yield from _named(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, name)


def _problem(file: SourceFile, code: str, en: str, zh: str) -> Problem:
    return Problem(file.path, 0, f"measures.{code}", en, zh)
