"""A column's values cut where its rules change their mind: cells, each with the rules it satisfies.

The rules of a table are bits of an integer; the rules that a row of inputs satisfies are the
conjunction of one integer for each column, found by bisection or look-up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.decisions.cells import Cell, Span

Locate = Callable[[Any], int]
"""The rules whose cell accepts a value, as bits."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One column.

    Attributes:
        order: the kind of its values (see ``cells.order_of``).
        thresholds: ends and points of its cells, ascending; cell ``2i`` lies below threshold i,
            cell ``2i + 1`` is threshold i itself, the last cell lies above all.
        masks: the rules each cell satisfies.
        null: the rules that null satisfies.
    """

    order: str
    thresholds: tuple[Any, ...]
    masks: tuple[int, ...]
    null: int

    def locate(self) -> Locate:
        """A function from a value of this order to rules."""
        masks, thresholds = self.masks, list(self.thresholds)
        if self.order in ("string", "boolean") and self._points_only():
            known = {value: masks[2 * i + 1] for i, value in enumerate(thresholds)}
            other = masks[0] if masks else 0
            get = known.get
            return lambda value: get(value, other)
        return lambda value: masks[bisect_left(thresholds, value) + bisect_right(thresholds, value)]

    def _points_only(self) -> bool:
        """Whether all values that are no threshold are alike."""
        return len(set(self.masks[::2])) <= 1


def axis(cells: Sequence[Cell | None], order: str) -> Axis:
    """The axis of a column; a cell that is None counts as satisfied everywhere."""
    ends: set[Any] = set()
    for cell in cells:
        if cell is not None:
            for span in cell.spans:
                ends.update(span.ends())
    thresholds = sorted(ends)
    place = {value: 2 * number + 1 for number, value in enumerate(thresholds)}
    count = 2 * len(thresholds) + 1
    flips = [0] * (count + 1)
    null = everywhere = 0
    for number, cell in enumerate(cells):
        bit = 1 << number
        if cell is None or cell.anything:
            everywhere |= bit
            continue
        if cell.holds_null():
            null |= bit
        for first, last in _runs(cell, place, count):
            flips[first] ^= bit
            flips[last + 1] ^= bit
    masks, now = [], everywhere
    for flip in flips[:count]:
        now ^= flip
        masks.append(now)
    return Axis(order, tuple(thresholds), tuple(masks), null | everywhere)


def _runs(cell: Cell, place: dict[Any, int], count: int) -> list[tuple[int, int]]:
    """The cell's indexes as separate runs, ascending."""
    found = sorted((_first(span, place), _last(span, place, count)) for span in cell.spans)
    merged: list[tuple[int, int]] = []
    for first, last in found:
        if first > last:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    if not cell.negated:
        return merged
    edges = [-1, *(edge for run in merged for edge in run), count]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [(low + 1, high - 1) for low, high in gaps if low + 1 <= high - 1]


def _first(span: Span, place: dict[Any, int]) -> int:
    if span.low is None:
        return 0
    return place[span.low] + (0 if span.low_included else 1)


def _last(span: Span, place: dict[Any, int], count: int) -> int:
    if span.high is None:
        return count - 1
    return place[span.high] - (0 if span.high_included else 1)
