"""Which registers a visitor may read, for which units, and what he may do with an entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.records.queries import Entry
from touchstone.records.registers import Register, register_of
from touchstone.web.access import no_such_page
from touchstone.web.visitor import Visitor


@dataclass(frozen=True)
class Reach:
    """One register with the units whose entries the visitor may read; None: all."""

    register: Register
    units: frozenset[str] | None
    purpose: Text
    columns: tuple[str, ...]
    enters_at: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether the visitor may read anything of it."""
        return self.units is None or bool(self.units)

    def reads(self, unit: str) -> bool:
        """Whether entries of a unit may be read."""
        return self.units is None or unit in self.units


def reaches(visitor: Visitor) -> tuple[Reach, ...]:
    """Every register that the visitor may read, in order of id."""
    found = (_reach(visitor, name) for name in sorted(catalogue().objects("register")))
    return tuple(reach for reach in found if reach.is_open)


def reach_of(visitor: Visitor, name: str) -> Reach:
    """One of them.

    Raises:
        Refusal: ``web.no_such_page``: there is no such register, or the visitor may not read it.
    """
    if catalogue().get("register", name) is None:
        raise no_such_page()
    found = _reach(visitor, name)
    if not found.is_open:
        raise no_such_page()
    return found


def _reach(visitor: Visitor, name: str) -> Reach:
    standard = catalogue()
    register, item = register_of(standard, name), standard.objects("register")[name]
    units: frozenset[str] | None = None
    if not visitor.sight.everything:
        concerned = _units_over(visitor, (*register.entered_by, *register.confirmed_by))
        units = concerned | visitor.sight.units
    entering = _units_over(visitor, register.entered_by)
    purpose = item.data.get("purpose")
    return Reach(
        register,
        units,
        Text.from_mapping(purpose) if purpose else Text("", ""),
        tuple(item.data["columns"]),
        tuple(unit for unit in visitor.directory.units if unit in entering),
    )


def _units_over(visitor: Visitor, posts: Iterable[str]) -> frozenset[str]:
    """Units at or below which the visitor acts as one of ``posts``, himself or standing in."""
    known, wanted = visitor.directory, set(posts)
    found: set[str] = set()
    for person in (visitor.actor, *known.represented(visitor.actor, visitor.day)):
        for holding in known.posts_of(person, visitor.day):
            if holding.post in wanted:
                found |= known.under(holding.unit)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the visitor may do with an entry; the act itself decides again."""

    confirm: bool
    correct: bool
    void: bool
    show: bool


def allowed(visitor: Visitor, register: Register, entry: Entry) -> Allowed:
    """By posts and state."""
    enters = entry.unit in _units_over(visitor, register.entered_by)
    confirms = entry.unit in _units_over(visitor, register.confirmed_by)
    is_open = entry.state != "void"
    voids = confirms if entry.state == "confirmed" and register.confirmed_by else enters
    return Allowed(
        confirm=confirms and entry.state == "entered" and bool(register.confirmed_by),
        correct=enters and is_open,
        void=voids and is_open,
        show=(enters or confirms) and bool(entry.sealed),
    )
