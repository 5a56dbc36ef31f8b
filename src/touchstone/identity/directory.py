"""The directory: an immutable picture of the whole organisation, with fast answers. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from touchstone.kernel.text import Text

Level = Literal["head", "branch", "outlet"]
Place = Literal["case", "branch", "head"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Head office, a branch, or an outlet under a branch."""

    id: str
    name: Text
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here. ``left_on`` is the first day on which he no longer does."""

    id: str
    name: Text
    left_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A post held at a unit, from a day to a day (inclusive; None: without end)."""

    person: str
    post: str
    unit: str
    from_day: dt.date
    to_day: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the post is held on ``day``."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    def overlaps(self, first: dt.date, last: dt.date | None) -> bool:
        """Whether the post is held on some day from ``first`` to ``last``."""
        return _overlap(self.from_day, self.to_day, first, last)


@dataclass(frozen=True, slots=True)
class Deputy:
    """``deputy`` stands in for ``person`` between two days, both inclusive."""

    person: str
    deputy: str
    from_day: dt.date
    to_day: dt.date

    def overlaps(self, first: dt.date, last: dt.date | None) -> bool:
        """Whether he stands in on some day from ``first`` to ``last``."""
        return _overlap(self.from_day, self.to_day, first, last)


def _overlap(
    first: dt.date, last: dt.date | None, other_first: dt.date, other_last: dt.date | None
) -> bool:
    begins = max(first, other_first)
    return all(end is None or begins <= end for end in (last, other_last))


@dataclass(frozen=True, slots=True)
class Standing:
    """By what right somebody may act: in person, or for ``on_behalf_of``."""

    on_behalf_of: str | None


_IN_PERSON = Standing(None)


@dataclass(frozen=True)
class Directory:
    """The organisation as it stands; days are those of the institution."""

    units: Mapping[str, Unit]
    persons: Mapping[str, Person]
    holdings: tuple[Holding, ...]
    deputies: tuple[Deputy, ...]

    @cached_property
    def _by_person(self) -> Mapping[str, tuple[Holding, ...]]:
        found: dict[str, list[Holding]] = {}
        for holding in self.holdings:
            found.setdefault(holding.person, []).append(holding)
        return {person: tuple(items) for person, items in found.items()}

    @cached_property
    def _by_post(self) -> Mapping[tuple[str, str], tuple[Holding, ...]]:
        found: dict[tuple[str, str], list[Holding]] = {}
        for holding in self.holdings:
            found.setdefault((holding.post, holding.unit), []).append(holding)
        return {place: tuple(items) for place, items in found.items()}

    def is_here(self, person: str, day: dt.date) -> bool:
        """Whether ``person`` works here on ``day``."""
        known = self.persons.get(person)
        return known is not None and (known.left_on is None or day < known.left_on)

    def posts_of(self, person: str, day: dt.date) -> tuple[Holding, ...]:
        """The posts held on ``day``."""
        if not self.is_here(person, day):
            return ()
        return tuple(item for item in self._by_person.get(person, ()) if item.holds_on(day))

    def reach(self, person: str, first: dt.date, last: dt.date | None) -> frozenset[str]:
        """Posts by which ``person`` may act on some day from ``first`` to ``last``.

        His own, and those of everybody he stands in for in that time.
        """
        others = (
            item.person
            for item in self.deputies
            if item.deputy == person and item.overlaps(first, last)
        )
        return frozenset(
            holding.post
            for bearer in (person, *others)
            for holding in self._by_person.get(bearer, ())
            if holding.overlaps(first, last)
        )

    def deputies_of(self, person: str, first: dt.date, last: dt.date | None) -> tuple[str, ...]:
        """Who stands in for ``person`` on some day from ``first`` to ``last``."""
        return tuple(
            item.deputy
            for item in self.deputies
            if item.person == person and item.overlaps(first, last)
        )

    def holders(self, posts: Iterable[str], unit: str, day: dt.date) -> tuple[str, ...]:
        """Who holds one of ``posts`` at ``unit``, in order of person id."""
        found = {
            item.person
            for post in posts
            for item in self._by_post.get((post, unit), ())
            if item.holds_on(day) and self.is_here(item.person, day)
        }
        return tuple(sorted(found))

    def represented(self, person: str, day: dt.date) -> tuple[str, ...]:
        """Whom ``person`` stands in for on ``day``."""
        return tuple(
            item.person
            for item in self.deputies
            if item.deputy == person and item.from_day <= day <= item.to_day
        )

    def standing(
        self, person: str, posts: Sequence[str], unit: str, day: dt.date
    ) -> Standing | None:
        """By what right ``person`` acts as one of ``posts`` at ``unit``; None: by none."""
        if not self.is_here(person, day):
            return None
        if self._holds(person, posts, unit, day):
            return _IN_PERSON
        for other in self.represented(person, day):
            if self._holds(other, posts, unit, day):
                return Standing(other)
        return None

    def _holds(self, person: str, posts: Sequence[str], unit: str, day: dt.date) -> bool:
        for item in self._by_person.get(person, ()):
            if item.unit == unit and item.post in posts and item.holds_on(day):
                return self.is_here(person, day)
        return False

    def standing_over(
        self, person: str, posts: Sequence[str], unit: str, day: dt.date
    ) -> Standing | None:
        """By what right ``person`` acts as one of ``posts`` at ``unit`` or any unit above it."""
        places = self.chain(unit)
        found = [by for place in places if (by := self.standing(person, posts, place, day))]
        in_person = (item for item in found if item.on_behalf_of is None)
        return next(in_person, found[0] if found else None)

    def stands_in_for(self, person: str, other: str, day: dt.date) -> bool:
        """Whether ``person`` is deputy of ``other`` on ``day``."""
        return self.is_here(person, day) and other in self.represented(person, day)

    def ancestor(self, unit: str, level: Level) -> str:
        """The unit itself or the one above it at ``level``; the highest one where there is none."""
        place = self.units[unit]
        while place.level != level and place.parent is not None:
            place = self.units[place.parent]
        return place.id

    def chain(self, unit: str) -> tuple[str, ...]:
        """The unit and every unit above it, upwards."""
        found = [unit]
        while (parent := self.units[found[-1]].parent) is not None:
            found.append(parent)
        return tuple(found)

    def place_of(self, unit: str, place: Place) -> str:
        """Where a step is done for a case of ``unit``: there, at its branch, or at head office."""
        if place == "case":
            return unit
        return self.ancestor(unit, "branch" if place == "branch" else "head")

    def under(self, unit: str) -> frozenset[str]:
        """The unit and everything below it."""
        found = {unit}
        while True:
            more = {item.id for item in self.units.values() if item.parent in found} - found
            if not more:
                return frozenset(found)
            found |= more


EMPTY = Directory({}, {}, (), ())
