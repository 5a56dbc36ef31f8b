"""What keeps a decision of a standard from being deployed: every problem of the file at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.analysis import analyse
from touchstone.decisions.content import (
    CardDecision,
    TableDecision,
    card_parameters,
    parameters_of,
)
from touchstone.decisions.dmn import read_definitions
from touchstone.decisions.dmn_elements import local
from touchstone.decisions.loading import DecisionModelError, Model
from touchstone.decisions.parameters import bare_numbers, texts_in
from touchstone.decisions.scorecard import Scorecard
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.problem import Problem
from touchstone.kernel.xml import Element, read_root

WHY, WHY_EN = "说明", "Explanation"
"""The annotation columns in which a table says of each row why."""


def table_problems(
    content: bytes, file: str, known: Mapping[str, Parameter], clauses: Set[str]
) -> Iterator[Problem]:
    """Everything that is wrong with a DMN file beside the parameters and clauses of its standard.

    Thresholds are dated, so the tables are examined once for every day on which one of them changes.
    """
    missing = [name for name in parameters_of(content) if name not in known]
    for name in missing:
        yield _problem(file, "no_parameter", f"no parameter {name}", f"没有参数 {name}", name)
    for name in parameters_of(content):
        if name in known and known[name].unit in ("limit", "table"):
            text = f"{name} is no value that a table compares with"
            yield _problem(file, "parameter_kind", text, f"{name} 不能用于决策表", name)
            missing.append(name)
    yield from _named(content, file, clauses)
    yield from _numbers(content, file)
    if missing:
        return
    try:
        decision = TableDecision(file.rpartition("/")[2], content, file, known)
    except DecisionModelError as error:
        yield from error.problems
        return
    for day in days_of(decision.known.values()):
        try:
            loaded = decision.model_on(day)
        except DecisionModelError as error:
            yield from error.problems
            continue
        yield from loaded.problems
        yield from _findings(loaded, file)


def _problem(
    file: str, code: str, english: str, chinese: str, element: str | None = None, line: int = 0
) -> Problem:
    return Problem(file, line, f"decisions.{code}", english, chinese, element)


def days_of(used: Iterable[Parameter]) -> list[dt.date]:
    """The days from which on all of ``used`` have values and one of them is new."""
    listed = list(used)
    if not listed:
        return [dt.date.max]
    first = max(item.values[0].from_day for item in listed)
    days = {dated.from_day for item in listed for dated in item.values if dated.from_day >= first}
    return sorted(days | {first})


def _findings(loaded: Model, file: str) -> Iterator[Problem]:
    for analysis in analyse(loaded):
        for finding in analysis.findings:
            if finding.blocking:
                yield finding.problem(file)


def _named(content: bytes, file: str, clauses: Set[str]) -> Iterator[Problem]:
    """Titles in both languages, clauses that there are, and a reason beside every rule."""
    read = read_definitions(content, file)
    if not isinstance(read, model.Definitions):
        yield from read
        return
    for item in read.elements:
        if not isinstance(item, model.Decision):
            continue
        line, name = item.place.line, item.id
        if not item.name_en:
            text = f"{item.name} has no name in English (name-en)"
            yield _problem(file, "no_english", text, "缺少英文名称", name, line)
        if not item.clauses:
            text = f"{item.name} serves no clause"
            yield _problem(file, "serves_no_clause", text, "未注明所依据的条款", name, line)
        for clause in item.clauses:
            if clause not in clauses:
                text = f"no clause {clause}"
                yield _problem(file, "no_clause", text, f"没有条款 {clause}", name, line)
        if isinstance(item.logic, model.Table):
            yield from _explained(item.logic, file)


def _explained(table: model.Table, file: str) -> Iterator[Problem]:
    columns: tuple[model.Input | model.Output, ...] = (*table.inputs, *table.outputs)
    for column in columns:
        if not column.label or not column.label_en:
            text = "a column has a heading in both languages (label, label-en)"
            place = column.place
            yield _problem(file, "no_heading", text, "列缺少中英文标题", place.element, place.line)
    yield from _unworded(table, file)
    if table.annotations[:2] != (WHY, WHY_EN):
        place = table.place
        text = f"a table has the annotations {WHY} and {WHY_EN}, which say why"
        yield _problem(
            file,
            "no_reasons",
            text,
            "决策表须有“说明”与“Explanation”注释列",
            place.element,
            place.line,
        )
        return
    for rule in table.rules:
        if len(rule.annotations) < 2 or not all(rule.annotations[:2]):
            place = rule.place
            text = f"rule {place.element} does not say why in both languages"
            yield _problem(file, "no_reason", text, "规则缺少中英文说明", place.element, place.line)


def _unworded(table: model.Table, file: str) -> Iterator[Problem]:
    """Coded values that a banker is not told in words of both languages."""
    columns: tuple[model.Input | model.Output, ...] = (*table.inputs, *table.outputs)
    for number, column in enumerate(columns):
        known = {item.value for item in column.words if item.label and item.label_en}
        seen: dict[str, int] = {}
        for rule in table.rules:
            cell = (*rule.conditions, *rule.results)[number]
            for text in texts_in(cell.text):
                seen.setdefault(text, cell.place.line)
        for text, line in seen.items():
            if text not in known:
                yield _problem(
                    file,
                    "no_word",
                    f"the value {text!r} of a column has no words (value is, label, label-en)",
                    f"取值 {text} 缺少中英文说法",
                    column.place.element,
                    line,
                )


def _numbers(content: bytes, file: str) -> Iterator[Problem]:
    root = read_root(content, file, "decisions")
    if isinstance(root, Problem):
        return
    for element in root.iter():
        if local(element) != "text" or local(element.getparent()) == "annotationEntry":
            continue
        for number in bare_numbers(element.text or ""):
            text = f"the number {number} stands without a parameter in {element.text!r}"
            yield _problem(
                file,
                "bare_number",
                text,
                f"数值 {number} 应改用参数 parameter(…)",
                _holder(element),
                element.sourceline or 0,
            )


def _holder(element: Element) -> str | None:
    """The id of the innermost element that a text stands in."""
    holder: Element | None = element
    while holder is not None and not holder.get("id"):
        holder = holder.getparent()
    return None if holder is None else holder.get("id")


def card_problems(
    content: bytes,
    data: Mapping[str, Any],
    file: str,
    known: Mapping[str, Parameter],
    clauses: Set[str],
) -> Iterator[Problem]:
    """Everything that is wrong with a scorecard whose form is right."""
    for clause in data["clauses"]:
        if clause not in clauses:
            yield _problem(file, "no_clause", f"no clause {clause}", f"没有条款 {clause}", clause)
    missing = [name for name in card_parameters(data) if name not in known]
    for name in missing:
        yield _problem(file, "no_parameter", f"no parameter {name}", f"没有参数 {name}", name)
    if missing:
        return
    decision = CardDecision(data["id"], content, data, known)
    for day in days_of(decision.known.values()):
        read = decision.card_on(day, file)
        if not isinstance(read, Scorecard):
            yield from read
