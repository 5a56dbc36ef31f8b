"""Who answers for a matter: the holders of the post it names, or who stands in for a vacant one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from touchstone.identity.directory import Directory, Level
from touchstone.process.access import pool_of

Why = Literal["named_post", "post_vacant", "no_post_named", "nobody"]

# Who answers for a unit where the named post is vacant.
UNIT_HEADS: Mapping[Level, str] = {
    "outlet": "outlet_head",
    "branch": "branch_head",
    "head": "president",
}
QUALITY_POST = "quality_officer"


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who must see to a matter.

    Attributes:
        pool: post and unit; whoever holds the post there may act on it.
        persons: who holds it on the day, in order of id; empty only where ``why`` is ``nobody``.
        why: by what rule they were found.
    """

    pool: str
    persons: tuple[str, ...]
    why: Why


def answerable(
    directory: Directory,
    posts: Sequence[str],
    unit: str,
    day: dt.date,
    *,
    barred: Set[str] = frozenset(),
) -> Answerable:
    """Who sees to a matter of ``unit`` that one of ``posts`` should see to.

    The holders of the first of ``posts`` that is held at the unit, else at its branch, else at head
    office; where nobody holds any, the unit's head; failing that, head office's quality post. Nobody in ``barred`` is chosen:
    the matter is about what he did himself.
    """
    for why, place, candidate in _candidates(directory, posts, unit):
        persons = tuple(
            person for person in directory.holders([candidate], place, day) if person not in barred
        )
        if persons:
            return Answerable(pool_of(candidate, place), persons, why)
    return Answerable(pool_of(QUALITY_POST, directory.ancestor(unit, "head")), (), "nobody")


def _candidates(
    directory: Directory, posts: Sequence[str], unit: str
) -> Iterator[tuple[Why, str, str]]:
    fallback: Why = "post_vacant" if posts else "no_post_named"
    for post in posts:
        for place in places_of(directory, unit):
            yield "named_post", place, post
    yield fallback, unit, UNIT_HEADS[directory.units[unit].level]
    yield fallback, directory.ancestor(unit, "head"), QUALITY_POST


def places_of(directory: Directory, unit: str) -> Iterable[str]:
    """The unit, its branch and head office, each once."""
    return dict.fromkeys(
        (unit, directory.ancestor(unit, "branch"), directory.ancestor(unit, "head"))
    )
