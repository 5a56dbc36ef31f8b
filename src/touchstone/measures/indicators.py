"""Indicators: definition, value and verdict. No data and did not run are verdicts of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from touchstone.kernel.canonical import canonical_bytes
from touchstone.kernel.parameters import Parameter
from touchstone.measures.counting import Count

Status = Literal["met", "warning", "critical", "missed", "no_target", "no_data", "not_run"]
_SCALE = {
    "percent": Decimal(100),
    "permyriad": Decimal(10_000),
    "ppm": Decimal(1_000_000),
    "count": Decimal(1),
}


@dataclass(frozen=True)
class Definition:
    """An indicator as the standard defines it.

    Attributes:
        scope: ``unit``, ``channel``, ``product``: what it is broken down by.
        period: month, or the last ``quarter`` or ``year`` of months, that of the day included.
        digest: sha256 of the definition, pinned by every measurement.
        lines: ``target``, ``warning``, ``critical``, ``floor``, ``regulatory_limit`` -> parameter id.
    """

    id: str
    clauses: tuple[str, ...]
    unit: str
    direction: str
    measure: Mapping[str, Any]
    lines: Mapping[str, str]
    scope: tuple[str, ...]
    digest: str
    period: str = "month"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of an indicator; ratios lie between 0 and 1.

    Attributes:
        excluded: what a filter could not judge.
        lines: the lines of the definition that have a value on the day.
    """

    id: str
    scope: str
    period: str
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    unit: str
    target: Decimal | None
    direction: str
    status: Status
    regulatory_limit: Decimal | None
    definition: str
    excluded: int
    lines: Mapping[str, Decimal]


def read_definition(identity: str, raw: Mapping[str, Any]) -> Definition:
    """An indicator of its parsed YAML."""
    names = ("target", "warning", "critical", "floor", "regulatory_limit")
    return Definition(
        identity,
        tuple(raw["clauses"]),
        raw["unit"],
        raw["direction"],
        raw["measure"],
        {name: raw[name] for name in names if raw.get(name)},
        tuple(raw.get("scope") or ()),
        sha256(canonical_bytes(raw)).hexdigest()[:16],
        raw["period"],
    )


def measure(
    definition: Definition,
    count: Count | None,
    *,
    scope: str,
    period: str,
    day: dt.date,
    parameters: Mapping[str, Parameter],
) -> Measurement:
    """The value and verdict of a count on the last day of its window."""
    lines = {
        name: line
        for name, identity in definition.lines.items()
        if (line := _line(parameters.get(identity), day, definition.unit)) is not None
    }
    value = value_of(count, definition.unit) if count is not None else None
    status = verdict(value, lines, definition.direction)
    return Measurement(
        definition.id,
        scope,
        period,
        count.numerator if count else None,
        count.denominator if count else None,
        value,
        definition.unit,
        lines.get("target"),
        definition.direction,
        status,
        lines.get("regulatory_limit"),
        definition.digest,
        count.excluded if count else 0,
        lines,
    )


def value_of(count: Count, unit: str) -> Decimal | None:
    """What a count comes to: itself or a share; None: there was nothing to have a share of."""
    if unit == "count":
        return Decimal(count.numerator)
    return Decimal(count.numerator) / Decimal(count.denominator) if count.denominator else None


def _line(parameter: Parameter | None, day: dt.date, unit: str) -> Decimal | None:
    value = parameter.value_on(day) if parameter else None
    return None if value is None else Decimal(str(value)) / _SCALE.get(unit, Decimal(1))


def verdict(value: Decimal | None, lines: Mapping[str, Decimal], direction: str) -> Status:
    """What a value means beside the lines of its indicator."""
    if value is None:
        return "no_data"
    if "target" not in lines:
        return "no_target"

    def worse_than(name: str) -> bool:
        line = lines.get(name)
        if line is None:
            return False
        return value < line if direction == "up" else value > line

    if not worse_than("target"):
        return "met"
    if worse_than("critical"):
        return "critical"
    return "warning" if worse_than("warning") else "missed"
