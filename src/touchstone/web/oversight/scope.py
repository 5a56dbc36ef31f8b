"""What a visitor watches over: his units, narrowed by the address's filters, and the counts on the tabs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.watching import (
    OverdueCount,
    Watched,
    held_count,
    incident_count,
    matter_counts,
)
from touchstone.web.request import PageRequest
from touchstone.web.visitor import Visitor

Choice = tuple[str, Text]


@dataclass(frozen=True)
class Scope:
    """The filters as asked, and what they leave."""

    watched: Watched
    unit: str
    procedure: str
    units: tuple[Choice, ...]
    procedures: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to see to, by tab."""

    escalation: int
    handoff: int
    review: int
    held: int
    overdue: int
    incident: int


def units_of(visitor: Visitor) -> frozenset[str] | None:
    """The units that a visitor watches over; None: all."""
    return None if visitor.sight.everything else visitor.sight.units


def scope_of(request: PageRequest) -> Scope:
    """What the page shows of what the visitor watches over."""
    visitor, known = request.visitor, request.visitor.directory
    own = units_of(visitor)
    open_units = [unit for unit in known.units.values() if own is None or unit.id in own]
    unit = request.GET.get("unit", "")
    if unit not in {item.id for item in open_units}:
        unit = ""
    below = known.under(unit) if unit else None
    units = own if below is None else below if own is None else below & own
    titles = {
        slug: Text.from_mapping(item.data["title"])
        for slug, item in sorted(catalogue().objects("procedure").items())
    }
    procedure = request.GET.get("procedure", "")
    procedure = procedure if procedure in titles else ""
    return Scope(
        Watched(units, procedure or None),
        unit,
        procedure,
        tuple((item.id, item.name) for item in open_units),
        tuple(titles.items()),
    )


def counts_of(scope: Scope, late: Iterable[OverdueCount]) -> Counts:
    """The counts of the tabs under the same filters; ``late``: overdue clocks by unit."""
    open_matters = matter_counts(scope.watched)
    return Counts(
        open_matters.get(("escalation", True), 0),
        open_matters.get(("handoff", True), 0),
        open_matters.get(("review", True), 0),
        held_count(scope.watched),
        sum(row.count for row in late),
        incident_count(scope.watched),
    )
