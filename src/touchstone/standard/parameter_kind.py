"""What parameters must keep to beside their form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from touchstone.kernel.parameters import value_problem
from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile


def check_parameter(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Its clause exists, its days ascend, its values fit its unit."""
    if data["clause"] not in pack.clauses:
        yield Problem(
            file.path, 0, "standard.no_clause", f"no clause {data['clause']}", "引用的条款不存在"
        )
    days = [value["from"] for value in data["values"]]
    if days != sorted(set(days)):
        yield Problem(file.path, 0, "standard.days", "the days do not ascend", "生效日期须递增")
    for value in data["values"]:
        wrong = value_problem(data["unit"], value["value"])
        if wrong:
            yield Problem(file.path, 0, "standard.value", wrong.en, wrong.zh)
