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
_WHOLE = Text("全行", "Institution")
# How forms and registers name the words of a choice.
_CHOICES = "x-labels"


@dataclass(frozen=True, slots=True)
class Scope:
    """One part of the institution.

    Attributes:
        id: ``institution``, ``unit:b11``, ``branch:b1``, ``channel:web``, ``product:loan``.
        above: the branch that a unit belongs to.
    """

    id: str
    kind: str
    title: Text
    above: str | None = None


def check_scope(identity: str) -> None:
    """Refuse what is no scope.

    Raises:
        Refusal: ``measures.no_such_scope``.
    """
    kind, _, name = identity.partition(":")
    known = {kind for kinds in KINDS.values() for kind in kinds}
    if identity != INSTITUTION and not (kind in known and name):
        raise refuse(
            "measures.no_such_scope",
            f"没有统计范围「{identity[:40]}」",
            f"There is no scope “{identity[:40]}”",
            remedy_zh="范围写作 institution、branch:编号、unit:编号、channel:渠道 或 product:产品",
            remedy_en="A scope is institution, branch:ID, unit:ID, channel:NAME or product:NAME",
        )


def scope_of(identity: str, standard: Catalogue) -> Scope:
    """A scope in words; what nobody knows by name keeps its own."""
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
