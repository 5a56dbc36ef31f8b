"""Test vectors at the boundaries: for every end of every rule's interval a row on each side of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.decisions.analysis.domains import Domain, Part, domain_of, sample
from touchstone.decisions.tables import CompiledTable
from touchstone.kernel import feel

MAX_VECTORS = 50_000


@dataclass(frozen=True, slots=True)
class Vector:
    """One row to try.

    Attributes:
        inputs: by column.
        about: the column whose boundary it stands at.
        rules: ids of the rules whose simple cells accept it.
    """

    inputs: Mapping[str, Any]
    about: str
    rules: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        inputs = {name: feel.host(value) for name, value in self.inputs.items()}
        return {"inputs": inputs, "about": self.about, "rules": list(self.rules)}


def boundary_vectors(table: CompiledTable) -> list[Vector]:
    """Rows that differ from a plain row of a rule in one column, which stands at one of its ends."""
    domains = [domain_of([column], [()]) for column in table.columns]
    if not domains or any(not domain.parts for domain in domains):
        return []
    seen: set[tuple[Any, ...]] = set()
    found: list[Vector] = []
    for rule in range(len(table.box.rules)):
        if any(not domain.runs[rule] for domain in domains):
            continue
        for column, row in _rows(table, domains, rule):
            key = tuple(map(repr, row))
            if key not in seen and len(found) < MAX_VECTORS:
                seen.add(key)
                found.append(_vector(table, domains, column, row))
    return found


def _rows(
    table: CompiledTable, domains: list[Domain], rule: int
) -> Iterator[tuple[int, list[Any]]]:
    base = [
        sample(domain.parts[domain.runs[rule][0][0]], domain.order, column.box.whole)
        for domain, column in zip(domains, table.columns, strict=True)
    ]
    for number, domain in enumerate(domains):
        for value in _at_ends(domain, rule, table.columns[number].box.whole):
            row = list(base)
            row[number] = value
            yield number, row


def _at_ends(domain: Domain, rule: int, whole: bool) -> Iterator[Any]:
    """A value in the first and last part of each run of the rule, and beyond them."""
    for first, last in domain.runs[rule]:
        for place in (first - 1, first, last, last + 1):
            if 0 <= place < len(domain.parts):
                part = domain.parts[place]
                upper = place in (first - 1, last)
                yield _near(part, domain.order, upper, whole)


def _near(part: Part, order: str, upper: bool, whole: bool) -> Any:
    """A value of an open part as close to the end in question as the end itself is written."""
    if part.single or part.other is not None:
        return sample(part, order, whole)
    end = part.high if upper else part.low
    other = part.low if upper else part.high
    step = _step(end, order)
    if end is None or step is None:
        return sample(part, order, whole)
    try:
        value = end - step if upper else end + step
    except OverflowError:
        return sample(part, order, whole)
    beyond = other is not None and (value <= other if upper else value >= other)
    return sample(part, order, whole) if beyond else value


def _step(end: Any, order: str) -> Any:
    if order == "number" and isinstance(end, Decimal):
        exponent = end.as_tuple().exponent
        return Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else None
    if order == "date":
        return dt.timedelta(days=1)
    if order in ("date and time", "date and time with zone", "days and time duration"):
        return dt.timedelta(seconds=1)
    return None


def _vector(table: CompiledTable, domains: list[Domain], about: int, row: list[Any]) -> Vector:
    mask = (1 << len(table.box.rules)) - 1
    for column, value in zip(table.columns, row, strict=True):
        mask &= column.axis.null if value is None else column.locate(value)
    names = [domain.name for domain in domains]
    return Vector(
        dict(zip(names, row, strict=True)),
        names[about],
        tuple(name for rule, name in enumerate(table.ids) if mask >> rule & 1),
    )
