"""One indicator's value as pages show it: with its lines, its trend, its uncertainty, its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.text import Text
from touchstone.measures.intervals import wilson
from touchstone.measures.reasons import STATES
from touchstone.packs.catalogue import Catalogue
from touchstone.standard.parameters import parameters

CONFIDENCE = "measures.confidence_level"
LINES = ("target", "warning", "critical", "floor", "regulatory_limit")


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a trend: the month's value as it stood on a day."""

    as_of: dt.date
    value: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class Words:
    """What an indicator is, as the standard that measured it says.

    Attributes:
        theme: the letters of its first clause (``ACP``).
        group: KPI, KRI or KCI.
        owner: key of the department function; ``owner_title`` its name.
        is_summed: it adds up figures that came as sums, not things counted here.
    """

    id: str
    title: Text
    theme: str
    group: str
    definition: Text
    formula: Text
    clauses: tuple[str, ...]
    owner: str
    owner_title: Text
    unit: str
    direction: str
    scope: tuple[str, ...]
    no_target: Text | None
    is_summed: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured for one scope; shares lie between 0 and 1.

    Attributes:
        n: what the value rests on; the denominator.
        is_small: whether n lies below the line that the standard sets for it.
        interval: of a share, what it may be but for chance.
        lines: target, warning, critical, floor, regulatory_limit, as far as they are set.
        distance: how far the target still is in the good direction; 0 where it is reached.
    """

    scope: str
    as_of: dt.date | None
    status: str
    status_text: Text
    value: Decimal | None
    numerator: int | None
    n: int | None
    excluded: int
    is_small: bool
    interval: tuple[Decimal, Decimal] | None
    lines: Mapping[str, Decimal]
    distance: Decimal | None


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a measurement rests on, so that it can be made again."""

    definition: str
    standard: int
    watermark: int
    measured_at: int


def words(standard: Catalogue, identity: str) -> Words | None:
    """The indicator in words; None where this standard has none of the id."""
    found = standard.get("indicator", identity)
    if found is None:
        return None
    raw = found.data
    no_target = raw.get("no_target")
    return Words(
        identity,
        Text.from_mapping(raw["title"]),
        raw["clauses"][0].partition("-")[0],
        raw["class"],
        Text.from_mapping(raw["definition"]),
        Text.from_mapping(raw.get("formula") or raw["definition"]),
        tuple(raw["clauses"]),
        raw["owner"],
        function_title(standard, raw["owner"]),
        raw["unit"],
        raw["direction"],
        tuple(raw["scope"]),
        Text.from_mapping(no_target) if no_target else None,
        _is_summed(raw["measure"]),
    )


def _is_summed(measure: Mapping[str, Any]) -> bool:
    """Whether the figures of a measure are sums and no count of things."""
    in_time = measure["template"] in ("mean_duration", "fall_from_baseline")
    return in_time or "value" in (measure.get("numerator") or {})


def function_title(standard: Catalogue, function: str) -> Text:
    """The name of a department function."""
    roles = standard.get("roles", "roles")
    known = roles.data["functions"].get(function) if roles else None
    return Text.from_mapping(known["title"]) if known else Text(function, function)


def value_of(row: Values, standard: Catalogue) -> Value:
    """A stored measurement as pages show it."""
    numbers = parameters(standard.version)
    as_of = dt.date.fromisoformat(row["as_of"])
    value = None if row["value"] is None else Decimal(row["value"])
    lines = {name: Decimal(row["lines"][name]) for name in LINES if name in row["lines"]}
    numerator, n = row["numerator"], row["denominator"]
    found = standard.get("indicator", row["indicator"])
    is_fall = found is not None and found.data["measure"]["template"] == "fall_from_baseline"
    is_share = row["unit"] == "percent" and numerator is not None and n is not None and not is_fall
    level = _number(numbers, CONFIDENCE, as_of)
    return Value(
        row["scope"],
        as_of,
        row["status"],
        STATES[row["status"]],
        value,
        numerator,
        n,
        row["excluded"],
        _is_small(row, standard, numbers, as_of),
        wilson(numerator, n, level) if is_share and level is not None else None,
        lines,
        distance(value, lines.get("target"), row["direction"]),
    )


def unmeasured(scope: str, status: str) -> Value:
    """The value of what was not measured: nothing, and why."""
    return Value(scope, None, status, STATES[status], None, None, None, 0, False, None, {}, None)


def distance(value: Decimal | None, target: Decimal | None, direction: str) -> Decimal | None:
    """How far ``value`` is from ``target`` in the good direction."""
    if value is None or target is None:
        return None
    return max(Decimal(0), target - value if direction == "up" else value - target)


def trend(rows: Sequence[Values]) -> tuple[Point, ...]:
    """Stored measurements as points, in their order."""
    return tuple(
        Point(
            dt.date.fromisoformat(row["as_of"]),
            None if row["value"] is None else Decimal(row["value"]),
            row["status"],
        )
        for row in rows
    )


def pinned(row: Values) -> Pinned:
    """What the measurement rests on."""
    return Pinned(row["definition"], row["standard"], row["watermark"], row["measured_at"])


def _is_small(
    row: Values, standard: Catalogue, numbers: Mapping[str, Parameter], day: dt.date
) -> bool:
    found = standard.get("indicator", row["indicator"])
    raw: Any = found.data if found else {}
    line = _number(numbers, raw.get("small_denominator"), day)
    n = row["denominator"]
    return row["unit"] != "count" and n is not None and line is not None and 0 < n < line


def _number(numbers: Mapping[str, Parameter], identity: str | None, day: dt.date) -> Decimal | None:
    parameter = numbers.get(identity) if identity else None
    found = parameter.value_on(day) if parameter else None
    return found if isinstance(found, Decimal) else None
