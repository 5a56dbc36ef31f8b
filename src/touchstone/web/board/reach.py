"""Of which parts of the institution a visitor may read numbers: his unit and below, or everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.identity.authority import READS
from touchstone.kernel.text import Text
from touchstone.measures.queries.scopes import INSTITUTION, Scope, check_scope
from touchstone.web.access import no_such_page
from touchstone.web.visitor import Visitor

_PLACES = ("branch", "unit")
_GROUPS = (
    (_PLACES, Text("机构", "Units")),
    (("channel",), Text("渠道", "Channels")),
    (("product",), Text("产品", "Products")),
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
        kind, _, name = scope.partition(":")
        return self.everything or (kind in _PLACES and name in self.units)

    def scope(self, wanted: str | None) -> str:
        """The scope the address asks for, else his own.

        Raises:
            Refusal: ``measures.no_such_scope``; ``web.no_such_page`` for what is not his.
        """
        if not wanted:
            return self.home
        check_scope(wanted)
        if not self.shows(wanted):
            raise no_such_page()
        return wanted

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
    """A group of scopes to choose from; each with its wording, made distinct where two are alike."""

    title: Text
    scopes: tuple[tuple[str, Text], ...]


def choices(scopes: Iterable[Scope], reach: Reach) -> tuple[Choices, ...]:
    """The scopes of the day that are his, in groups."""
    mine = [scope for scope in scopes if scope.kind != INSTITUTION and reach.shows(scope.id)]
    alike = Counter((scope.kind, scope.title) for scope in mine)
    found = []
    for kinds, title in _GROUPS:
        here = tuple(
            (scope.id, scope_title(scope, is_alike=alike[scope.kind, scope.title] > 1))
            for scope in mine
            if scope.kind in kinds
        )
        if here:
            found.append(Choices(title, here))
    return tuple(found)


def scope_title(scope: Scope, *, is_alike: bool = False) -> Text:
    """A scope in words: a branch's own office is told from the branch with its outlets."""
    title, name = scope.title, scope.id.partition(":")[2]
    if scope.kind == "branch":
        return Text(f"{title.zh}(含网点)", f"{title.en} with outlets")
    return Text(f"{title.zh}({name})", f"{title.en} ({name})") if is_alike else title
