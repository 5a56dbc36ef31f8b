"""Scopes in words: the institution, its branches and units, channels and products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.identity.queries import directory
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import Catalogue

INSTITUTION = "institution"
# What an indicator's definition calls it -> the kinds of scope that it is broken down by.
KINDS: Mapping[str, tuple[str, ...]] = {
    "unit": ("branch", "unit"),
    "channel": ("channel",),
    "product": ("product",),
}
_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)
_AND = "+"
_WHOLE = Text("全行", "Institution")
# How forms and registers name the words of a choice.
_CHOICES = "x-labels"


@dataclass(frozen=True, slots=True)
class Scope:
    """One part of the institution.

    Attributes:
        id: ``institution``, ``unit:b11``, ``branch:b1``, ``channel:web``, ``product:loan``, or several
            joined by ``+``.
        kind: that of the single scope; ``combined`` for several.
        above: the branch that a unit belongs to.
    """

    id: str
    kind: str
    title: Text
    above: str | None = None


def narrowing(identity: str) -> dict[str, str]:
    """What a scope narrows to: ``branch`` or ``unit``, ``channel``, ``product`` -> id; in that order."""
    if identity == INSTITUTION:
        return {}
    given = dict(part.partition(":")[::2] for part in identity.split(_AND))
    return {kind: given[kind] for kind in _KINDS if kind in given}


def combined(*identities: str) -> str:
    """The scope that narrows to all of them at once; of two of one group the later counts."""
    found: dict[str, str] = {}
    for identity in identities:
        for kind, name in narrowing(identity).items():
            for group in KINDS.values():
                if kind in group:
                    found = {known: value for known, value in found.items() if known not in group}
            found[kind] = name
    return _AND.join(f"{kind}:{found[kind]}" for kind in _KINDS if kind in found) or INSTITUTION


def is_combined(identity: str) -> bool:
    """Whether a scope narrows to more than one thing."""
    return _AND in identity


def check_scope(identity: str) -> None:
    """Refuse what is no scope.

    Raises:
        Refusal: ``measures.no_such_scope``.
    """
    parts = [part.partition(":") for part in identity.split(_AND)]
    groups = [next((g for g, kinds in KINDS.items() if kind in kinds), "") for kind, _, _ in parts]
    is_known = all(group and name for group, (_, _, name) in zip(groups, parts, strict=True))
    if identity != INSTITUTION and not (is_known and len(set(groups)) == len(groups)):
        raise refuse(
            "measures.no_such_scope",
            f"没有统计范围「{identity[:40]}」",
            f"There is no scope “{identity[:40]}”",
            remedy_zh="范围写作 institution、branch:编号、unit:编号、channel:渠道 或 product:产品，可用 + 组合",
            remedy_en="A scope is institution, branch:ID, unit:ID, channel:NAME or product:NAME,"
            " joined by + where several hold",
        )


def scope_of(identity: str, standard: Catalogue) -> Scope:
    """A scope in words; what nobody knows by name keeps its own."""
    if is_combined(identity):
        titles = [scope_of(part, standard).title for part in identity.split(_AND)]
        joined = Text(" · ".join(t.zh for t in titles), " · ".join(t.en for t in titles))
        return Scope(identity, "combined", joined)
    kind, _, name = identity.partition(":")
    if kind == INSTITUTION:
        return Scope(identity, kind, _WHOLE)
    if kind in ("unit", "branch"):
        units = directory().units
        known = units.get(name)
        above = known.parent if known is not None and kind == "unit" else None
        is_below = above in units and units[above].level == "branch" if above else False
        title = known.name if known else Text(name, name)
        return Scope(identity, kind, title, f"branch:{above}" if is_below else None)
    return Scope(identity, kind, choice_title(standard, kind, name))


def in_order(scopes: Iterable[Scope]) -> list[Scope]:
    """Branches with their own units after them, then the rest, each by id."""

    def place(scope: Scope) -> tuple[str, int, str]:
        group = scope.above or (scope.id if scope.kind == "branch" else f"~{scope.kind}")
        return (group, scope.kind != "branch", scope.id)

    return sorted(scopes, key=place)


def choice_title(standard: Catalogue, field: str, value: str) -> Text:
    """What a form or a register calls the choice ``value`` of its field ``field``."""
    for properties in _all_properties(standard):
        words = (properties.get(field) or {}).get(_CHOICES) or {}
        if value in words:
            return Text.from_mapping(words[value])
    return Text(value, value)


def _all_properties(standard: Catalogue) -> Iterator[Mapping[str, Any]]:
    for item in standard.objects("form").values():
        yield item.data.get("properties") or {}
    for item in standard.objects("register").values():
        yield item.data["schema"]["properties"]
