"""What the pages of the standard show beside the stored values: sections, versions, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from touchstone.kernel.text import Text
from touchstone.measures.queries.clause import ChapterPage, ClauseLine
from touchstone.packs.catalogue import AppliedVersion, applied_versions
from touchstone.standard.differences import ClauseChange, differences
from touchstone.web.request import PageRequest
from touchstone.web.standard.wording import side_by_side

FACTS: Mapping[str, Text] = {
    "kind": Text("性质", "Kind"),
    "owner": Text("归口", "Owner"),
    "sources": Text("来源", "Sources"),
    "exempt": Text("豁免", "Exemption"),
    "evidence": Text("证据", "Evidence"),
    "settled": Text("矛盾的处理", "How a contradiction was settled"),
    "regulation": Text("监管依据", "Regulation"),
    "section": Text("所在节", "Section"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """The clauses of a chapter under one heading."""

    title: str
    lines: tuple[ClauseLine, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One clause that differs, its wordings beside each other."""

    change: ClauseChange
    title: Text
    before: SafeString
    after: SafeString
    facts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two applied versions and what lies between them; ``before`` is None where there is one only."""

    versions: tuple[AppliedVersion, ...]
    before: int | None
    after: int | None
    changes: tuple[Change, ...]


def sections(page: ChapterPage, titles: Mapping[str, str]) -> tuple[Section, ...]:
    """The chapter's clauses by section, in the order of reading."""
    found: list[tuple[str, list[ClauseLine]]] = []
    for line in page.lines:
        title = titles.get(line.clause.id, line.clause.section)
        if not found or found[-1][0] != title:
            found.append((title, []))
        found[-1][1].append(line)
    return tuple(Section(title, tuple(lines)) for title, lines in found)


def comparison(request: PageRequest, clause: str | None) -> Comparison:
    """What the address compares, by default the latest version with the one before it."""
    known = applied_versions()
    numbers = [item.version for item in known]
    after = _chosen(request, "after", numbers) or (numbers[0] if numbers else None)
    earlier = [number for number in numbers if after is not None and number < after]
    before = _chosen(request, "before", numbers) or (earlier[0] if earlier else None)
    if before is None or after is None or before == after:
        return Comparison(known, before, after, ())
    changes = tuple(
        _change(item) for item in differences(before, after) if clause in (None, "", item.id)
    )
    return Comparison(known, before, after, changes)


def _chosen(request: PageRequest, name: str, numbers: list[int]) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) in numbers else None


def _change(item: ClauseChange) -> Change:
    shown = item.after or item.before
    before, after = side_by_side(item.before, item.after)
    title = shown.title if shown else Text(item.id, item.id)
    return Change(item, title, before, after, tuple(FACTS[name] for name in item.facts))
