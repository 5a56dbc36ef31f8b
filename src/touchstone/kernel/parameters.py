"""Dated parameters: every number of the standard, with the clause it comes from.

A value is what was in force on a day; nothing here knows which day it is or who asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from touchstone.kernel.limits import Limit
from touchstone.kernel.text import Text

SHARES = frozenset({"percent", "permyriad", "share"})
COUNTS = frozenset({"count", "days"})
CURRENCIES = frozenset({"CNY", "USD"})
NUMBERS = SHARES | COUNTS | CURRENCIES | {"number", "score"}
_HIGHEST_SHARE = {"percent": 100, "permyriad": 10_000, "share": 1}


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value from a day on.

    Attributes:
        value: text, number, boolean, list or table, as written in the content.
        provisional: not yet confirmed at the official text.
        own: set by the institution itself, by its overlay.
    """

    from_day: dt.date
    value: Any
    source: str | None
    provisional: bool
    own: bool = False


@dataclass(frozen=True)
class Parameter:
    """A number of the standard over time.

    Attributes:
        id: ``topic.name``.
        unit: ``limit``, one of ``NUMBERS``, ``text``, ``bool``, ``list`` or ``table``; amounts of
            money are in CNY with at most two places (分).
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
        if self.unit in NUMBERS and found is not None:
            return Decimal(str(found))
        return found

    def overlaid(self, values: Sequence[Mapping[str, Any]]) -> Parameter:
        """The same parameter with an institution's own values in place of the pack's.

        They hold from the first of their days on, whatever the pack says for later days.
        """
        own = _dated(values, own=True)
        before = tuple(item for item in self.values if item.from_day < own[0].from_day)
        return replace(self, values=before + own)

    def limit_on(self, day: dt.date) -> Limit:
        """The time limit in force on ``day``.

        Raises:
            ValueError: the parameter is no limit, or none is in force.
        """
        value = self.value_on(day)
        if value is None:
            raise ValueError(f"{self.id} has no value on {day}")
        return Limit.parse(str(value))


def value_problem(unit: str, value: Any) -> Text | None:
    """What is wrong with ``value`` as a value of ``unit``; None when nothing is."""
    if unit in NUMBERS:
        return _number_problem(unit, value)
    if unit == "limit":
        try:
            Limit.parse(str(value))
        except ValueError as error:
            return Text("时限应写作 2wd、15d、48h、30min 或 90wmin", str(error))
    kinds: dict[str, type | tuple[type, ...]] = {
        "text": str,
        "bool": bool,
        "list": list,
        "table": (list, dict),
    }
    wanted = kinds.get(unit)
    if wanted and not isinstance(value, wanted):
        return Text(f"不是 {unit} 类型的值", f"{value!r} is no {unit}")
    return None


def _number_problem(unit: str, value: Any) -> Text | None:
    if isinstance(value, float):
        return Text("小数须加引号", f"{value!r} has to be written in quotes: '{value}'")
    try:
        number = Decimal(value) if isinstance(value, int | str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        return Text("不是数", f"{value!r} is no number")
    if unit in COUNTS and number != number.to_integral_value():
        return Text("应为整数", f"{value!r} is no whole number")
    if unit in CURRENCIES and number != round(number, 2):
        return Text("金额至多两位小数", f"{value!r} is finer than a hundredth")
    highest = _HIGHEST_SHARE.get(unit)
    if number < 0 and unit in COUNTS | CURRENCIES:
        return Text("不应为负", f"{value!r} is negative")
    if highest and abs(number) > highest * 100:
        return Text("超出范围", f"{value!r} is out of range")
    return None


def read_parameter(identity: str, raw: Mapping[str, Any]) -> Parameter:
    """A parameter from its checked YAML.

    Raises:
        KeyError, ValueError: the content was not linted first.
    """
    return Parameter(
        identity,
        Text.from_mapping(raw["title"]),
        raw["unit"],
        raw["clause"],
        bool(raw.get("overlay", False)),
        _dated(raw["values"]),
    )


def _dated(values: Sequence[Mapping[str, Any]], *, own: bool = False) -> tuple[DatedValue, ...]:
    read = (
        DatedValue(
            _day(item["from"]),
            item["value"],
            item.get("source"),
            bool(item.get("provisional", False)),
            own,
        )
        for item in values
    )
    return tuple(sorted(read, key=lambda item: item.from_day))


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
