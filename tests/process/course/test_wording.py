"""Every fact that a case's stream can hold has a sentence in both languages."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path

from touchstone.clocks.folds import CLOCKS
from touchstone.process.course.wording import KINDS
from touchstone.process.folds import CASES, TASKS, WAITS
from touchstone.process.matter_folds import MATTERS

ROOT = Path(str(files("touchstone")))
NAMED = re.compile(r"(process|clocks)\.[a-z_]+")
# What is written with such a name and is no fact: acts, refusals, problems of content, permissions.
OTHERS = {
    "refuse", "perform", "journaling_refusals", "require", "Problem", "Incident", "follows",
    "_problem", "Refusal",
}  # fmt: skip
# On the streams of calendars and of numbers, and the name of a parameter.
ELSEWHERE = {"clocks.calendar_imported", "process.number_taken", "clocks.first_warning_share"}


def kinds_written() -> set[str]:
    """Every name like ``module.something`` in the modules that record facts on cases."""
    found: set[str] = set()
    for folder in ("process", "clocks"):
        for path in (ROOT / folder).rglob("*.py"):
            if "course" not in path.parts and "migrations" not in path.parts:
                found |= _kinds_of(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _kinds_of(tree: ast.AST) -> set[str]:
    acts, kinds = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [*node.args, *(item.value for item in node.keywords)]
            if name in OTHERS:
                acts |= {item.value for item in given if isinstance(item, ast.Constant)}
            if name == "_hand_to":
                acts.add(node.args[-1].value)  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in {"Fact", "_fact", "other", "_go_on", "_close", "_hand_to"}:
                kinds |= {
                    item.value
                    for item in node.args
                    if isinstance(item, ast.Constant)
                    and isinstance(item.value, str)
                    and NAMED.fullmatch(item.value)
                }
        elif (
            isinstance(node, ast.Tuple)
            and len(node.elts) == 2
            and isinstance(node.elts[0], ast.Constant)
        ):
            value = node.elts[0].value
            if isinstance(value, str) and NAMED.fullmatch(value):
                kinds.add(value)
    return kinds - acts


def test_every_kind_of_fact_on_a_case_has_a_sentence() -> None:
    folded = {kind for table in (CASES, TASKS, WAITS, MATTERS, CLOCKS) for kind in table.folds}
    written = kinds_written()

    assert {
        "process.taken_back",
        "process.act_refused",
        "process.thrown",
        "clocks.warned",
    } <= written
    assert (folded | written) - KINDS - ELSEWHERE == set()


def test_no_sentence_is_for_a_fact_that_nobody_records() -> None:
    folded = {kind for table in (CASES, TASKS, WAITS, MATTERS, CLOCKS) for kind in table.folds}

    assert KINDS - folded - kinds_written() == set()
