"""Kinds of content: each owned by the module that gives it meaning, registered at start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from touchstone.kernel.ports import Port
from touchstone.kernel.problem import Problem
from touchstone.packs.source import Pack, SourceFile


class ContentKind(Protocol):
    """What an owner says about its kind of content."""

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """The content as plain data, or every problem with its form."""
        ...

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """What is wrong with well-formed content beside the rest of the pack."""
        ...


@dataclass(frozen=True)
class Parsed:
    """A pack with the data of every well-formed object: kind -> id -> data."""

    pack: Pack
    data: Mapping[str, Mapping[str, Any]]
    clauses: frozenset[str] = field(default=frozenset())

    def of(self, kind: str) -> Mapping[str, Any]:
        """Id -> data of one kind."""
        return self.data.get(kind, {})

    @property
    def posts(self) -> Mapping[str, Any]:
        """Post -> what the roles say of it; empty where the pack has no roles that can be read."""
        roles = self.of("roles").get("roles") or {}
        posts: Mapping[str, Any] = roles.get("posts", {})
        return posts


CONTENT_KINDS: Port[ContentKind] = Port("content kind")
