"""Chapters in Markdown: a clause is a heading with an anchor, a block of facts, and its paragraphs.

The Chinese chapter is authoritative; the English one beside it has the same anchors. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.schema_kind import plain_data
from touchstone.packs.source import SourceFile, load_yaml

CLAUSE_KINDS = frozenset("NTMCGD")
# Kinds of clauses that a control has to serve, or an exemption; of these one in so many may be exempted.
NORMATIVE = frozenset("NT")
_EXEMPT_ONE_IN = 5
PERIODS = ("month", "quarter", "year")
_HEADING = re.compile(r"^(#{1,4})\s+(.*?)(?:\s+\{#([A-Z]+-\d+)\})?\s*$")


def _clauses(text: str, path: str) -> tuple[str, list[dict[str, Any]], list[Problem]]:
    """Title of the chapter, its clauses, and what cannot be read."""
    title, section = "", ""
    clauses: list[dict[str, Any]] = []
    problems: list[Problem] = []
    block: list[str] | None = None
    block_line = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if block is not None:
            if line.startswith("```"):
                loaded = load_yaml("\n".join(block).encode(), path)
                if isinstance(loaded, Problem) or not isinstance(loaded, dict) or not clauses:
                    problems.append(
                        Problem(
                            path,
                            block_line,
                            "standard.block",
                            "the block is no YAML map",
                            "条款信息块无法读取",
                        )
                    )
                else:
                    clauses[-1]["facts"] = plain_data(loaded)
                block = None
            else:
                block.append(line)
            continue
        if line.startswith("```yaml"):
            block, block_line = [], number
            continue
        found = _HEADING.match(line)
        if found:
            if found[3]:
                clauses.append(
                    {
                        "id": found[3],
                        "title": found[2],
                        "section": section,
                        "line": number,
                        "text": [],
                    }
                )
            elif found[1] == "#":
                title = found[2]
            else:
                section = found[2]
        elif line.strip() and clauses:
            clauses[-1]["text"].append(line.strip())
    for clause in clauses:
        clause["text"] = "\n\n".join(clause["text"])
    return title, clauses, problems


class ChapterKind:
    """The kind of ``standard/*.md`` and ``standard/en/*.md``."""

    def __init__(self, *, english: bool) -> None:
        self._english = english

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """``{"title", "clauses": [{"id", "title", "section", "line", "text", "facts"}]}``."""
        try:
            text = file.content.decode("utf-8")
        except UnicodeDecodeError:
            return (Problem(file.path, 0, "packs.encoding", "not UTF-8", "不是 UTF-8 编码"),)
        title, clauses, problems = _clauses(text, file.path)
        if not self._english:
            for clause in clauses:
                problems.extend(_fact_problems(clause, file.path))
        return tuple(problems) or {"title": title, "clauses": clauses}

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """Both languages complete, ids once. Whether a clause is served, ``standard status`` says."""
        if self._english:
            return
        other = pack.of("chapter_en").get(file.id or "")
        if other is None:
            yield Problem(
                file.path,
                0,
                "standard.no_english",
                "the English chapter is missing",
                "缺少英文章节",
            )
            return
        yield from _too_many_exemptions(file, pack)
        english = {clause["id"]: clause for clause in other["clauses"]}
        elsewhere = {
            clause["id"]: chapter
            for chapter, read in pack.of("chapter").items()
            if chapter != file.id
            for clause in read["clauses"]
        }
        seen: set[str] = set()
        for clause in data["clauses"]:
            identity, line = clause["id"], clause["line"]
            if identity in seen:
                yield Problem(
                    file.path, line, "standard.twice", f"{identity} stands twice", "条款编号重复"
                )
            if identity in elsewhere:
                yield Problem(
                    file.path,
                    line,
                    "standard.twice",
                    f"{identity} stands in {elsewhere[identity]} too",
                    f"条款编号与 {elsewhere[identity]} 重复",
                )
            seen.add(identity)
            if not english.get(identity, {}).get("text"):
                yield Problem(
                    file.path,
                    line,
                    "standard.no_english",
                    f"{identity} has no English text",
                    "缺少英文条文",
                )


def _too_many_exemptions(file: SourceFile, pack: Parsed) -> Iterable[Problem]:
    """Said once, of the first chapter: the share is that of the whole standard."""
    chapters = pack.of("chapter")
    if file.id != min(chapters):
        return
    normative = [
        clause
        for chapter in chapters.values()
        for clause in chapter["clauses"]
        if clause["facts"].get("kind") in NORMATIVE
    ]
    exempt = [clause["id"] for clause in normative if clause["facts"].get("exempt")]
    if len(exempt) * _EXEMPT_ONE_IN > len(normative):
        yield Problem(
            file.path,
            0,
            "standard.too_many_exemptions",
            f"{len(exempt)} of {len(normative)} normative clauses are exempted, more than one in {_EXEMPT_ONE_IN}",
            "豁免的规范条款超过五分之一",
        )


def _fact_problems(clause: dict[str, Any], path: str) -> Iterable[Problem]:
    facts = clause.setdefault("facts", {})
    line = clause["line"]
    if facts.get("kind") not in CLAUSE_KINDS:
        yield Problem(
            path,
            line,
            "standard.kind",
            f"{clause['id']}: kind is one of N T M C G D",
            "条款类型有误",
        )
    if not facts.get("owner"):
        yield Problem(
            path, line, "standard.owner", f"{clause['id']} has no owner", "条款没有归口部门"
        )
    if facts.get("period", "year") not in PERIODS:
        yield Problem(
            path,
            line,
            "standard.period",
            f"{clause['id']}: period is one of {' '.join(PERIODS)}",
            "条款期间有误",
        )
    if not clause["text"]:
        yield Problem(path, line, "standard.text", f"{clause['id']} has no text", "条款没有条文")
    exempt = facts.get("exempt")
    if exempt is not None and not {"reason", "owner", "expires"} <= set(exempt):
        yield Problem(
            path,
            line,
            "standard.exempt",
            f"{clause['id']}: an exemption has reason, owner, expires",
            "豁免缺少理由、责任部门或到期日",
        )
