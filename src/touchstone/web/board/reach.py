"""Of which parts of the institution a visitor may read numbers: his unit and below, or everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from touchstone.identity.authority import READS
from touchstone.kernel.text import Text
from touchstone.measures.queries.scopes import (
    INSTITUTION,
    Scope,
    check_scope,
    combined,
    narrowing,
)
from touchstone.web.access import no_such_page
from touchstone.web.visitor import Visitor

_PLACES = ("branch", "unit")
# Name in the address, kinds of scope, heading, wording of no narrowing.
_GROUPS = (
    ("scope", _PLACES, Text("机构", "Unit"), Text("全行", "Institution")),
    ("channel", ("channel",), Text("渠道", "Channel"), Text("全部渠道", "All channels")),
    ("product", ("product",), Text("产品", "Product"), Text("全部产品", "All products")),
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a visitor may read on the board.

    Attributes:
        everything: all of the institution, by channel and product too.
        units: otherwise the units whose numbers are his.
        home: the scope he sees first.
    """

    everything: bool
    units: frozenset[str]
    home: str

    def shows(self, scope: str) -> bool:
        """Whether a scope is his to read."""
        known = narrowing(scope)
        places = [known[kind] for kind in _PLACES if kind in known]
        return self.everything or (bool(places) and set(places) <= self.units)

    def scope(self, asked: Mapping[str, str]) -> str:
        """The scope the address asks for, else his own, narrowed to channel and product.

        Raises:
            Refusal: ``measures.no_such_scope``; ``web.no_such_page`` for what is not his.
        """
        parts = [asked.get("scope") or self.home]
        parts += [f"{name}:{asked[name]}" for name in ("channel", "product") if asked.get(name)]
        for part in parts:
            check_scope(part)
            if part == parts[0] and not self.shows(part):
                raise no_such_page()
        found = combined(*parts)
        if not self.shows(found):
            raise no_such_page()
        return found

    def unit(self, wanted: str | None) -> str | None:
        """The unit to narrow cases to; None: no narrower than everything.

        Raises:
            Refusal: ``web.no_such_page``.
        """
        if wanted and wanted not in self.units:
            raise no_such_page()
        if wanted or self.everything:
            return wanted or None
        return self.home.partition(":")[2]


def reach_of(visitor: Visitor) -> Reach:
    """The reach of a visitor who may read the board."""
    if visitor.may("cases.read_all"):
        return Reach(True, frozenset(visitor.directory.units), INSTITUTION)
    held = [item.unit for item in visitor.holdings if item.post in READS["board.read"]]
    units = {below for unit in held for below in visitor.directory.under(unit)}
    widest = max(held, key=lambda unit: (len(visitor.directory.under(unit)), unit))
    level = visitor.directory.units[widest].level
    if level == "head":
        return Reach(True, frozenset(visitor.directory.units), INSTITUTION)
    kind = "branch" if level == "branch" else "unit"
    return Reach(False, frozenset(units), f"{kind}:{widest}")


@dataclass(frozen=True, slots=True)
class Choices:
    """One filter: its options in words, made distinct where two are alike, and the one that is chosen.

    Attributes:
        whole: the option that does not narrow; None where the visitor may not read everything.
    """

    name: str
    title: Text
    whole: tuple[str, Text] | None
    options: tuple[tuple[str, Text], ...]
    chosen: str


def choices(scopes: Iterable[Scope], reach: Reach, chosen: str) -> tuple[Choices, ...]:
    """The filters that combine: a unit of his, a channel, a product; of the day's scopes."""
    known, asked = list(scopes), narrowing(chosen)
    alike = Counter((scope.kind, scope.title) for scope in known)
    found = []
    for name, kinds, title, whole in _GROUPS:
        is_place = name == "scope"
        here = tuple(
            (
                scope.id if is_place else scope.id.partition(":")[2],
                scope_title(scope, is_alike=alike[scope.kind, scope.title] > 1),
            )
            for scope in known
            if scope.kind in kinds and (not is_place or reach.shows(scope.id))
        )
        kind = next((kind for kind in kinds if kind in asked), "")
        value = f"{kind}:{asked[kind]}" if is_place and kind else asked.get(kind, "")
        may_all = reach.everything or not is_place
        if here:
            every = (INSTITUTION if is_place else "", whole)
            found.append(Choices(name, title, every if may_all else None, here, value))
    return tuple(found)


def scope_title(scope: Scope, *, is_alike: bool = False) -> Text:
    """A scope in words: a branch's own office is told from the branch with its outlets."""
    title, name = scope.title, scope.id.partition(":")[2]
    if scope.kind == "branch":
        return Text(f"{title.zh}（含网点）", f"{title.en} with outlets")
    return Text(f"{title.zh}（{name}）", f"{title.en} ({name})") if is_alike else title
