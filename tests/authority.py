"""What the standard and the house's rules allow, told from data alone: who may act, and which case he sees.

Nothing here asks the code that decides: acts come from ``authority.yaml``, posts of procedures and
registers from the standard's own files, people from the simulated bank.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import connection

from touchstone.identity.actions import grant_post, join_person
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.run import Simulation

HERE = Path(__file__).parent
STANDARD = HERE.parent / "src" / "touchstone" / "content" / "fsqms-cn"
HEADS = frozenset({"outlet_head", "branch_head", "president"})
# Where a procedure names posts that have something to do in it.
_NAMES = ("posts", "escalate_to", "release")


@cache
def acts() -> Mapping[str, frozenset[str]]:
    """Act -> posts that may."""
    raw = yaml.safe_load((HERE / "authority.yaml").read_text(encoding="utf-8"))
    groups, found = raw["groups"], {}
    for act, names in raw["acts"].items():
        posts: set[str] = set()
        for name in names:
            posts.update(groups[name[1:]] if name.startswith("+") else [name])
        found[act] = frozenset(posts)
    return found


@cache
def posts() -> Mapping[str, Any]:
    """Every post of the standard, with its duty."""
    return dict(yaml.safe_load((STANDARD / "roles.yaml").read_text(encoding="utf-8"))["posts"])


@cache
def procedure(slug: str) -> Mapping[str, Any]:
    """A procedure as it is written."""
    path = STANDARD / "procedures" / slug / "procedure.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


@cache
def posts_of(slug: str) -> frozenset[str]:
    """Posts that a procedure gives something to do."""
    return frozenset(_named(procedure(slug)))


def _named(part: Any) -> Iterable[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in _NAMES:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value)


@cache
def register(name: str) -> Mapping[str, Any]:
    """A register as it is written."""
    path = STANDARD / "registers" / f"{name}.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Somebody:
    """A member of staff, with everything that is his and of those he stands in for.

    Attributes:
        held: post and unit, his own.
        reach: post and unit, his own and theirs.
        over: unit -> itself and every unit above it.
    """

    id: str
    held: frozenset[tuple[str, str]]
    reach: frozenset[tuple[str, str]]
    over: Mapping[str, frozenset[str]]

    def may(self, act: str, unit: str | None = None) -> bool:
        """Whether one of his posts may, at the unit or above it."""
        return any(
            post in acts()[act] and (unit is None or place in self.over[unit])
            for post, place in self.held
        )

    def holds(self, wanted: Iterable[str], unit: str | None = None) -> bool:
        """Whether he, or whom he stands in for, holds one of some posts at the unit or above it."""
        names = frozenset(wanted)
        return any(
            post in names and (unit is None or place in self.over[unit])
            for post, place in self.reach
        )

    def sees(self, case: Mapping[str, Any]) -> bool:
        """Whether he needs to know of a case."""
        # A compartment is known to those alone who have something to do in it.
        is_open = not procedure(case["procedure"]).get("compartment")
        return (
            (is_open and self.may("cases.read_all"))
            or self.holds(posts_of(case["procedure"]), case["unit"])
            or (is_open and self.holds(HEADS, case["unit"]))
            or self.id in case["persons"]
        )


def one(sql: str, *params: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    assert found is not None, sql
    return tuple(found)


def holders(bank: Simulation) -> dict[str, str]:
    """Post -> who holds it, with as few other posts as may be; posts that nobody holds are given out."""
    found = {}
    context = ActContext("system:setup", SystemClock(), SystemChance())
    for post, data in posts().items():
        people = [item for item in bank.people.staff if post in item.posts]
        if people:
            found[post] = min(
                people, key=lambda item: (len(item.posts), item.unit != "b31", item.id)
            ).id
            continue
        unit = {"outlet": "b31", "branch": "b3", "head": "head"}[data["level"]]
        person = f"only.{post}"[:40].replace("_", ".")
        join_person(context, person, Text(person, person))
        grant_post(context, person, post, unit)
        found[post] = person
    return found


def somebody(person: str) -> Somebody:
    known, day = directory(), day_of(SystemClock().now())
    over = {}
    for unit in known.units:
        chain, at = [], unit
        while at:
            chain.append(at)
            at = known.units[at].parent or ""
        over[unit] = frozenset(chain)
    held = frozenset((item.post, item.unit) for item in known.posts_of(person, day))
    more = {
        (item.post, item.unit)
        for other in known.represented(person, day)
        for item in known.posts_of(other, day)
    }
    return Somebody(person, held, held | more, over)


def as_case(row: tuple[Any, ...]) -> dict[str, Any]:
    """A case from its id, procedure, unit, customer and who acted on what."""
    persons = set(json.loads(row[4] or "{}"))
    return {
        "id": row[0],
        "procedure": row[1],
        "unit": row[2],
        "customer": row[3],
        "persons": persons,
    }
