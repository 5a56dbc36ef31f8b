"""What a visitor may begin, and where."""

from __future__ import annotations

from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import Deployment, deployment
from touchstone.web.access import no_such_page
from touchstone.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Counter:
    """One procedure the visitor may begin, at the units where his posts let him."""

    deployed: Deployment
    units: tuple[tuple[str, Text], ...]

    @property
    def slug(self) -> str:
        """The procedure's slug."""
        return self.deployed.procedure.slug


def counters(visitor: Visitor) -> tuple[Counter, ...]:
    """Everything he may begin, in the standard's order."""
    version = catalogue().version
    found = []
    for slug in catalogue().objects("procedure"):
        deployed = deployment(version, slug)
        units = _units(deployed, visitor)
        if units:
            found.append(Counter(deployed, units))
    return tuple(sorted(found, key=lambda item: item.deployed.procedure.number))


def counter_of(visitor: Visitor, slug: str) -> Counter:
    """One of them.

    Raises:
        Refusal: ``web.no_such_page``: there is no such procedure, or he may not begin it.
    """
    found = next((item for item in counters(visitor) if item.slug == slug), None)
    if found is None:
        raise no_such_page()
    return found


def _units(deployed: Deployment, visitor: Visitor) -> tuple[tuple[str, Text], ...]:
    """Units where one of his posts begins the procedure: the lowest level it is done at first."""
    posts = deployed.procedure.start.posts
    held = [item.unit for item in visitor.holdings if item.post in posts]
    below = {unit for place in held for unit in visitor.directory.under(place)}
    own = dict.fromkeys([*held, *sorted(below)])
    return tuple((unit, visitor.directory.units[unit].name) for unit in own)
