"""Clauses of the standard in force, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue


@dataclass(frozen=True)
class Clause:
    """One clause.

    Attributes:
        kind: N normative, T target, M milestone, C reference case, G by title, D derived.
        owner: key of the department function.
        exempt: reason, owner and expiry where no control serves it yet.
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

    @property
    def theme(self) -> str:
        """The letters of its id (``ACP``)."""
        return self.id.partition("-")[0]


@lru_cache(maxsize=16)
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
            )
    return found


def _english(version: int, chapter: str) -> list[Any]:
    found = catalogue(version).get("chapter_en", chapter)
    return list(found.data["clauses"]) if found else []


def post_titles(version: int | None = None) -> Mapping[str, Text]:
    """Post -> its title, in the standard in force or as it was at ``version``."""
    roles = catalogue(version).get("roles", "roles")
    posts = roles.data["posts"] if roles else {}
    return {post: Text.from_mapping(facts["title"]) for post, facts in posts.items()}
