"""Clauses of the standard in force, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue, per_version


@dataclass(frozen=True)
class Clause:
    """One clause.

    Attributes:
        kind: N normative, T target, M milestone, C reference case, G by title, D derived.
        owner: key of the department function.
        exempt: reason, owner and expiry where no control serves it yet.
        evidence: what proves it, in words.
        settled: how a contradiction between its sources was settled.
        regulation: instrument, article and certainty of the law around it.
        period: month, quarter or year: how long its control and evidence may lie back.
        metric: the template of its own metric, where it names one.
    """

    id: str
    chapter: str
    section: str
    title: Text
    text: Text
    kind: str
    owner: str
    sources: tuple[str, ...]
    exempt: Mapping[str, Any] | None
    evidence: Text | None = None
    settled: Text | None = None
    regulation: tuple[Mapping[str, Any], ...] = ()
    period: str = "year"
    metric: str | None = None

    @property
    def theme(self) -> str:
        """The letters of its id (``ACP``)."""
        return self.id.partition("-")[0]


@dataclass(frozen=True)
class Chapter:
    """One chapter: its clauses in the order of reading."""

    id: str
    title: Text
    clauses: tuple[Clause, ...]


@per_version
def chapters(version: int) -> tuple[Chapter, ...]:
    """The chapters at one version of the standard, in order."""
    standard = catalogue(version)
    known = clauses(version)
    found = []
    for identity, item in sorted(standard.objects("chapter").items()):
        english = standard.get("chapter_en", identity)
        title = Text(item.data["title"], english.data["title"] if english else "")
        inside = tuple(known[clause["id"]] for clause in item.data["clauses"])
        found.append(Chapter(identity, title, inside))
    return tuple(found)


@per_version
def clauses(version: int) -> Mapping[str, Clause]:
    """Id -> clause at one version of the standard."""
    standard = catalogue(version)
    found: dict[str, Clause] = {}
    for chapter, item in sorted(standard.objects("chapter").items()):
        english = {clause["id"]: clause for clause in _english(version, chapter)}
        for clause in item.data["clauses"]:
            other, facts = english[clause["id"]], clause["facts"]
            found[clause["id"]] = Clause(
                id=clause["id"],
                chapter=chapter,
                section=clause["section"],
                title=Text(clause["title"], other["title"]),
                text=Text(clause["text"], other["text"]),
                kind=facts["kind"],
                owner=facts["owner"],
                sources=tuple(facts.get("sources") or ()),
                exempt=facts.get("exempt"),
                evidence=_text(facts.get("evidence")),
                settled=_text(facts.get("settled")),
                regulation=tuple(facts.get("regulation") or ()),
                period=facts.get("period", "year"),
                metric=facts.get("metric"),
            )
    return found


def _english(version: int, chapter: str) -> list[Any]:
    found = catalogue(version).get("chapter_en", chapter)
    return list(found.data["clauses"]) if found else []


def _text(value: Any) -> Text | None:
    return Text.from_mapping(value) if value else None


def post_titles(version: int | None = None) -> Mapping[str, Text]:
    """Post -> its title, in the standard in force or as it was at ``version``."""
    roles = catalogue(version).get("roles", "roles")
    posts = roles.data["posts"] if roles else {}
    return {post: Text.from_mapping(facts["title"]) for post, facts in posts.items()}


def function_titles(version: int | None = None) -> Mapping[str, Text]:
    """Department function -> its name, in the standard in force or as it was at ``version``."""
    roles = catalogue(version).get("roles", "roles")
    known = roles.data["functions"] if roles else {}
    return {function: Text.from_mapping(facts["title"]) for function, facts in known.items()}
