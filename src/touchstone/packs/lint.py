"""Lint: every problem of a pack at once, each with file, line, code and text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import CONTENT_KINDS, Parsed
from touchstone.packs.lock import LOCK, check_lock
from touchstone.packs.source import Pack


def parse(pack: Pack) -> tuple[Parsed, list[Problem]]:
    """The data of every well-formed object, and what is wrong with the others."""
    problems = list(pack.problems)
    kinds = CONTENT_KINDS.all()
    data: dict[str, dict[str, Any]] = {}
    clauses: set[str] = set()
    for file in pack.objects():
        kind = kinds.get(file.kind or "")
        if kind is None:
            continue
        parsed = kind.parse(file)
        if isinstance(parsed, tuple) and parsed and isinstance(parsed[0], Problem):
            problems.extend(parsed)
            continue
        data.setdefault(file.kind or "", {})[file.id or ""] = parsed
        if file.kind == "chapter":
            clauses.update(item["id"] for item in parsed["clauses"])
    return Parsed(pack, data, frozenset(clauses)), problems


def lint(pack: Pack) -> list[Problem]:
    """Every problem, in order of file and line."""
    parsed, problems = parse(pack)
    if "pack.yaml" not in pack.files:
        problems.append(
            Problem(
                "pack.yaml", 0, "packs.no_header", "the pack has no pack.yaml", "缺少 pack.yaml"
            )
        )
    kinds = CONTENT_KINDS.all()
    for file in pack.objects():
        data = parsed.of(file.kind or "").get(file.id or "")
        if data is not None:
            problems.extend(kinds[file.kind or ""].check(file, data, parsed))
    if LOCK in pack.files and parsed.of("pack"):
        problems.extend(check_lock(pack))
    return sorted({_placed(problem, pack) for problem in problems})


_IDENTIFIER = re.compile(r"[\w.-]*[_.\d-][\w.-]*")


def _placed(problem: Problem, pack: Pack) -> Problem:
    """The problem with the line of what it names, where its finder knew only the file."""
    file = pack.files.get(problem.file)
    if problem.line or file is None:
        return problem
    lines = file.content.decode("utf-8", "replace").splitlines()
    named = [problem.element] if problem.element else _IDENTIFIER.findall(problem.text_en)[::-1]
    for name in named:
        word = rf"(?<![\w.-]){re.escape(name.strip('.-'))}(?![\w-])"
        for pattern in (rf"^\s*(-\s*)?({{?\s*id:\s*)?[\"']?{word}[\"']?\s*(:|,|$)", word):
            for number, line in enumerate(lines, start=1):
                if name.strip(".-") and re.search(pattern, line):
                    return replace(problem, line=number)
    return problem
