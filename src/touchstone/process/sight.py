"""Which cases a person may read: need to know, by the posts that the procedures name. Pure but for content.

A member of staff reads the cases of procedures that give one of his posts something to do, at the
units where he holds it and below; a unit's head reads all of his unit; the second line, audit and
executives read everything; and everybody reads the cases he has himself acted on. A customer reads
his own cases and no others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.identity.authority import may
from touchstone.identity.directory import Directory
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.process.access import pool_of

_HEADS = frozenset({"outlet_head", "branch_head", "president"})


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person may read of cases.

    Attributes:
        person: who reads.
        everything: whether every case of staff's business is open to him.
        units: units all of whose cases he may read.
        places: procedure -> units where his posts have something to do in it.
        customer: the customer he is, where he is one.
        hidden: procedures that are compartments: only whose posts have something to do in one knows of
            its cases, whatever else is open to him.
    """

    person: str
    everything: bool = False
    units: frozenset[str] = frozenset()
    places: tuple[tuple[str, frozenset[str]], ...] = ()
    customer: str | None = None
    hidden: frozenset[str] = frozenset()

    def shows(
        self, procedure: str, unit: str, customer: str | None, actors: Mapping[str, object]
    ) -> bool:
        """Whether one case may be read; ``actors`` is the case's person -> steps."""
        if self.customer is not None:
            return customer == self.customer
        if procedure not in self.hidden and (self.everything or unit in self.units):
            return True
        if any(slug == procedure and unit in units for slug, units in self.places):
            return True
        return self.person in actors

    def condition(self) -> tuple[str, list[str]]:
        """The same as SQL over ``process_case`` for lists, without what he once acted on."""
        if self.customer is not None:
            return "customer = %s", [self.customer]
        if self.everything and not self.hidden:
            return "1 = 1", []
        terms: list[str] = []
        params: list[str] = []
        outside = f" AND procedure NOT IN ({_marks(self.hidden)})" if self.hidden else ""
        if self.everything:
            terms.append(f"(1 = 1{outside})")
            params += sorted(self.hidden)
        elif self.units:
            terms.append(f"(unit IN ({_marks(self.units)}){outside})")
            params += [*sorted(self.units), *sorted(self.hidden)]
        for slug, units in self.places:
            terms.append(f"(procedure = %s AND unit IN ({_marks(units)}))")
            params += [slug, *sorted(units)]
        return (f"({' OR '.join(terms)})", params) if terms else ("1 = 0", [])


def _marks(values: frozenset[str]) -> str:
    return ", ".join(["%s"] * len(values))


def sight_of(directory: Directory, person: str, day: dt.date) -> Sight:
    """What a member of staff may read on ``day``, in person or standing in for others."""
    hidden = _compartments(catalogue().version)
    everything = may(directory, person, "cases.read_all", day)
    if everything and not hidden:
        return Sight(person, everything=True)
    units: set[str] = set()
    places: dict[str, set[str]] = {}
    named = _procedures_of_posts(catalogue().version)
    for one in (person, *directory.represented(person, day)):
        for holding in directory.posts_of(one, day):
            below = directory.under(holding.unit)
            if holding.post in _HEADS:
                units |= below
            for slug in named.get(holding.post, ()):
                places.setdefault(slug, set()).update(below)
    return Sight(
        person,
        everything,
        frozenset(units),
        tuple((slug, frozenset(found)) for slug, found in sorted(places.items())),
        hidden=hidden,
    )


def sight_of_customer(customer: str) -> Sight:
    """What a customer may read: his own cases."""
    return Sight(f"customer:{customer}", customer=customer)


@per_version
def _compartments(version: int) -> frozenset[str]:
    """The procedures whose cases are known only to those who have something to do in them."""
    found = catalogue(version).objects("procedure").items()
    return frozenset(slug for slug, item in found if item.data.get("compartment"))


@per_version
def _procedures_of_posts(version: int) -> Mapping[str, tuple[str, ...]]:
    """Post -> procedures that give it something to do, in the version of the standard."""
    found: dict[str, set[str]] = {}
    for slug, item in catalogue(version).objects("procedure").items():
        data = item.data
        posts = set((data.get("start") or {}).get("posts") or ())
        for step in data["steps"].values():
            posts.update(step.get("posts") or ())
        for clock in data.get("clocks") or ():
            if clock.get("escalate_to"):
                posts.add(clock["escalate_to"])
        for message in (data.get("messages") or {}).values():
            posts.update((message.get("delivered_by") or {}).get("posts") or ())
        for control in data.get("controls") or ():
            if control.get("release"):
                posts.add(control["release"])
        for post in posts:
            found.setdefault(post, set()).add(slug)
    return {post: tuple(sorted(slugs)) for post, slugs in found.items()}


def pools_of(directory: Directory, person: str, day: dt.date) -> tuple[str, ...]:
    """Every pool whose tasks ``person`` may take on ``day``, in person or as a deputy."""
    groups = _groups_of_posts(catalogue().version)
    found: set[str] = set()
    for one in (person, *directory.represented(person, day)):
        for holding in directory.posts_of(one, day):
            found.add(pool_of(holding.post, holding.unit))
            found.update(pool_of(group, holding.unit) for group in groups.get(holding.post, ()))
    return tuple(sorted(found))


@per_version
def _groups_of_posts(version: int) -> Mapping[str, tuple[str, ...]]:
    """Post -> groups of several posts (``a|b``) that steps name and that it belongs to."""
    found: dict[str, set[str]] = {}
    for item in catalogue(version).objects("procedure").values():
        for step in item.data["steps"].values():
            posts = sorted(step.get("posts") or ())
            if len(posts) > 1:
                for post in posts:
                    found.setdefault(post, set()).add("|".join(posts))
    return {post: tuple(sorted(groups)) for post, groups in found.items()}
