"""What values an input may take, cut at every threshold, and a sample of each part.

A part is a threshold or all that lies between two of them. Parts without a value (between two days,
two months, two whole numbers; outside the allowed values) are left out, so that a gap that is found
is one that an input can fall into. Null is a part of its own where the input may be null: its allowed
values name null, a cell of its column does, or the input says ``nullable``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from touchstone.decisions.axes import axis
from touchstone.decisions.cells import Cell, Span, simple_cell
from touchstone.decisions.tables import Column
from touchstone.kernel import feel

Runs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Part:
    """Some values of an input that every rule treats alike.

    Attributes:
        low, high: what it lies between, both None for null; equal for a single value.
        null: whether it is null.
        other: for texts of an enumeration, one that is none of those named.
    """

    low: Any
    high: Any
    null: bool = False
    other: str | None = None

    @property
    def single(self) -> bool:
        """Whether it holds one value."""
        return self.null or (self.low is not None and self.low == self.high)

    @property
    def listed(self) -> bool:
        """Whether it is one of an enumeration, or all the rest of one."""
        return self.single or self.other is not None


@dataclass(frozen=True, slots=True)
class Domain:
    """One column as the analysis sees it.

    Attributes:
        name: the column's expression.
        order: the kind of its values.
        parts: in ascending order, null last.
        runs: for each row of cells (rules first, then declared gaps) the parts it accepts.
        whole: whether its numbers are whole ones.
    """

    name: str
    order: str
    parts: tuple[Part, ...]
    runs: tuple[Runs, ...]
    whole: bool = False

    def sample(self, part: int) -> Any:
        """A value of a part, a plain one where there is."""
        return sample(self.parts[part], self.order, self.whole)

    def said(self, first: int, last: int) -> str:
        """The parts from ``first`` to ``last`` in words of FEEL."""
        if first == 0 and last == len(self.parts) - 1:
            return "-"
        values = [part for part in self.parts[first : last + 1] if not part.null]
        if self.order in ("string", "boolean") and all(part.listed for part in values):
            texts = [written(part.low) if part.single else "any other" for part in values]
        else:
            texts = [_span_text(values[0], values[-1])] if values else []
        if self.parts[last].null:
            texts.append("null")
        return ", ".join(texts)


def _span_text(first: Part, last: Part) -> str:
    if first is last and first.single:
        return written(first.low)
    if first.low is None and last.high is None:
        return "not(null)"
    if first.low is None:
        return f"{'<=' if last.single else '<'} {written(last.high)}"
    if last.high is None:
        return f"{'>=' if first.single else '>'} {written(first.low)}"
    opening, closing = "[" if first.single else "(", "]" if last.single else ")"
    return f"{opening}{written(first.low)}..{written(last.high)}{closing}"


def written(value: Any) -> str:
    """A value as FEEL text."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return f'@"{feel.text_of(value)}"'


def domain_of(columns: Sequence[Column], gaps: Sequence[Sequence[Cell]]) -> Domain:
    """The domain of columns that look at the same expression, its rules and the declared gaps on it:
    a rule accepts what all of its cells accept."""
    written_limits = [cell for column in columns for cell in _limits(column)]
    orders = [*(column.order for column in columns), *(cell.order for cell in written_limits)]
    order = next((name for name in orders if name), "")
    limits = [cell for cell in written_limits if cell.order in ("", order)]
    layers = [[*column.cells, *cells] for column, cells in zip(columns, gaps, strict=True)]
    rows = len(layers[0])
    cut = axis([*(cell for layer in layers for cell in layer), *limits], order)
    inside = ((1 << len(limits)) - 1) << rows * len(layers)
    whole = any(column.box.whole for column in columns)
    listed = cut.order == "string" and len(set(cut.masks[::2])) == 1
    parts: list[Part] = []
    masks: list[int] = []
    for number, mask in enumerate(cut.masks):
        part = _part(cut.thresholds, number)
        if listed and number % 2 == 0:
            if number:
                continue
            part = Part(None, None, other=_other_than(cut.thresholds))
        if mask & inside == inside and _inhabited(part, cut.order, whole):
            parts.append(part)
            masks.append(mask)
    if any(_nullable(column, limits) for column in columns):
        parts.append(Part(None, None, True))
        masks.append(cut.null)
    accepted = [_in_every_layer(mask, rows, len(layers)) for mask in masks]
    return Domain(
        columns[0].box.expression.text,
        cut.order,
        tuple(parts),
        tuple(_runs_of(accepted, rows)),
        whole,
    )


def _in_every_layer(mask: int, rows: int, layers: int) -> int:
    found = (1 << rows) - 1
    for layer in range(layers):
        found &= mask >> layer * rows
    return found


def _other_than(known: Sequence[Any]) -> str:
    text = "other"
    while text in known:
        text += "'"
    return text


def _limits(column: Column) -> list[Cell]:
    """The allowed values of the column, of its type and of what is behind it, where they are simple."""
    scope = {"?": column.kind.type}
    found = []
    for literal in (column.box.values, column.kind.allowed_text, column.given.allowed_text):
        cell = simple_cell(literal.text, scope) if literal is not None else None
        if cell is not None and not cell.anything:
            found.append(cell)
    if column.order == "boolean":
        found.append(Cell(tuple(Span(value, True, value, True) for value in (False, True))))
    return found


def _nullable(column: Column, limits: Sequence[Cell]) -> bool:
    named = any(cell is not None and cell.null for cell in (*column.cells, *limits))
    return column.box.nullable or named


def _part(thresholds: Sequence[Any], number: int) -> Part:
    place, exact = divmod(number, 2)
    if exact:
        return Part(thresholds[place], thresholds[place])
    low = thresholds[place - 1] if place > 0 else None
    return Part(low, thresholds[place] if place < len(thresholds) else None)


def _inhabited(part: Part, order: str, whole: bool) -> bool:
    """Whether a value lies in the part."""
    if order == "boolean":
        return part.single
    if part.single:
        return not whole or order != "number" or part.low == part.low.to_integral_value()
    if part.low is None and part.high is not None and order == "string":
        return bool(part.high)
    if part.low is None or part.high is None:
        return True
    if order == "date":
        return bool(part.high - part.low > dt.timedelta(days=1))
    if order == "years and months duration":
        return bool(part.high.months - part.low.months > 1)
    if order == "number" and whole:
        return bool(part.low.to_integral_value(ROUND_FLOOR) + 1 < part.high)
    if order == "string":
        return bool(part.low + "\0" < part.high)
    return True


def _runs_of(masks: Sequence[int], rows: int) -> list[Runs]:
    """For each row the runs of parts whose mask holds it; one pass over what changes."""
    found: list[Runs] = [[] for _ in range(rows)]
    everyone = (1 << rows) - 1
    before = 0
    for number, mask in enumerate(masks):
        now = mask & everyone
        begun = now & ~before
        while begun:
            low = begun & -begun
            found[low.bit_length() - 1].append((number, number))
            begun ^= low
        ended = before & ~now
        while ended:
            low = ended & -ended
            runs = found[low.bit_length() - 1]
            runs[-1] = (runs[-1][0], number - 1)
            ended ^= low
        before = now
    while before:
        low = before & -before
        runs = found[low.bit_length() - 1]
        runs[-1] = (runs[-1][0], len(masks) - 1)
        before ^= low
    return found


def sample(part: Part, order: str, whole: bool = False) -> Any:
    """A value inside the part, a plain one where there is."""
    if part.null:
        return None
    if part.single:
        return part.low
    if part.other is not None:
        return part.other
    if order == "number":
        return _number_between(part.low, part.high, whole)
    if order == "string":
        return _string_between(part.low, part.high)
    if part.low is None and part.high is None:
        return _ANY_OF.get(order)
    return _moment_between(part.low, part.high, order)


_MIDNIGHT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - only its time of day is used
_ANY_OF: dict[str, Any] = {
    "date": dt.date(2026, 1, 1),
    "date and time": dt.datetime(2026, 1, 1),  # noqa: DTZ001 - a local one is meant
    "date and time with zone": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "time": dt.time(12),
    "days and time duration": dt.timedelta(days=1),
    "years and months duration": feel.YearsMonths(1),
}


def _number_between(low: Decimal | None, high: Decimal | None, whole: bool) -> Decimal:
    if low is None:
        return Decimal(0) if high is None else high.to_integral_value(ROUND_FLOOR) - 1
    above = low.to_integral_value(ROUND_FLOOR) + 1
    if high is None or above < high:
        return above
    assert not whole
    return (low + high) / 2


def _string_between(low: str | None, high: str | None) -> str:
    if low is None and high is None:
        return "other"
    if low is None:
        return "" if high else "other"
    for tail in ("a", "0", " ", "\0"):
        if high is None or low + tail < high:
            return low + tail
    return low + "\0"


_STEPS: dict[str, Any] = {
    "date": dt.timedelta(days=1),
    "date and time": dt.timedelta(seconds=1),
    "date and time with zone": dt.timedelta(seconds=1),
    "days and time duration": dt.timedelta(seconds=1),
}


def _moment_between(low: Any, high: Any, order: str) -> Any:
    if order == "years and months duration":
        months = low.months + 1 if low is not None else high.months - 1
        return feel.YearsMonths(months)
    if order == "time":
        return _time_between(low, high)
    step = _STEPS[order]
    try:
        found = low + step if low is not None else high - step
    except OverflowError:
        return None
    if low is not None and high is not None and not found < high:
        return low + (high - low) / 2
    return found


def _time_between(low: dt.time | None, high: dt.time | None) -> dt.time:
    start = _microseconds(low) if low is not None else -1
    end = _microseconds(high) if high is not None else 86_400_000_000
    wanted = start + 1_000_000
    middle = wanted if wanted < end else (start + end) // 2
    return (_MIDNIGHT + dt.timedelta(microseconds=max(middle, 0))).time()


def _microseconds(value: dt.time) -> int:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * 1_000_000 + value.microsecond
