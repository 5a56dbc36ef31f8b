"""Dated parameters: every number of the standard, with the clause it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.kernel.limits import Limit
from touchstone.kernel.text import Text


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value from a day on.

    Attributes:
        value: text, number, boolean, list or table, as written in the content.
        provisional: not yet confirmed at the official text.
    """

    from_day: dt.date
    value: Any
    source: str | None
    provisional: bool


@dataclass(frozen=True)
class Parameter:
    """A number of the standard over time.

    Attributes:
        id: ``topic.name``.
        unit: ``limit``, ``CNY``, ``percent``, ``count``, ``days``, ``text``, ``bool`` or ``table``.
        clause: the clause it comes from.
        overlay: whether an institution may set its own values.
    """

    id: str
    title: Text
    unit: str
    clause: str
    overlay: bool
    values: tuple[DatedValue, ...]

    def value_on(self, day: dt.date) -> Any:
        """The value in force on ``day``; None before the first.

        Numbers come as Decimal, everything else as written.
        """
        found: Any = None
        for dated in self.values:
            if dated.from_day <= day:
                found = dated.value
        if self.unit in ("CNY", "percent", "count", "days", "number") and found is not None:
            return Decimal(str(found))
        return found

    def limit_on(self, day: dt.date) -> Limit:
        """The time limit in force on ``day``.

        Raises:
            ValueError: the parameter is no limit, or none is in force.
        """
        value = self.value_on(day)
        if value is None:
            raise ValueError(f"{self.id} has no value on {day}")
        return Limit.parse(str(value))


def read_parameter(identity: str, raw: Mapping[str, Any]) -> Parameter:
    """A parameter from its checked YAML.

    Raises:
        KeyError, ValueError: the content was not linted first.
    """
    values: Sequence[Mapping[str, Any]] = raw["values"]
    dated = tuple(
        sorted(
            (
                DatedValue(
                    _day(item["from"]),
                    item["value"],
                    item.get("source"),
                    bool(item.get("provisional", False)),
                )
                for item in values
            ),
            key=lambda item: item.from_day,
        )
    )
    return Parameter(
        identity,
        Text.from_mapping(raw["title"]),
        raw["unit"],
        raw["clause"],
        bool(raw.get("overlay", False)),
        dated,
    )


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
