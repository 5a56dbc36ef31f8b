"""The relations of ranges are those of the sets of points they stand for."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from tests.kernel.feel.values import value_of
from touchstone.kernel import feel

POINTS = [Decimal(point) / 4 for point in range(17)]
RANGES = [
    feel.Range(Decimal(low), Decimal(high), left, right)
    for low, high, left, right in product(range(5), range(5), (True, False), (True, False))
    if low < high or (low == high and left and right)
]


def inside(one: Any) -> frozenset[Decimal]:
    """The points of a range; quarters are dense enough between whole ends."""
    if isinstance(one, Decimal):
        return frozenset({one})
    return frozenset(point for point in POINTS if feel.contains(one, point))


INSIDE = {id(one): inside(one) for one in RANGES}
LAWS = {
    "before": lambda a, b: max(a) < min(b),
    "after": lambda a, b: min(a) > max(b),
    "overlaps": lambda a, b: bool(a & b),
    "includes": lambda a, b: a >= b,
    "during": lambda a, b: a <= b,
    "coincides": lambda a, b: a == b,
    "overlaps before": lambda a, b: bool(a & b) and min(a) < min(b) and max(a) <= max(b),
    "overlaps after": lambda a, b: bool(a & b) and min(a) > min(b) and max(a) >= max(b),
}


@pytest.mark.parametrize("name", sorted(LAWS))
def test_ranges_lie_to_each_other_as_their_points_do(name: str) -> None:
    compiled = feel.compile(f"{name}(a, b)", names={"a": feel.ANY, "b": feel.ANY})
    assert isinstance(compiled, feel.Expression)
    run = feel.Run(None)  # type: ignore[arg-type]
    wrong = [
        (one, other)
        for one, other in product(RANGES, RANGES)
        if compiled.run({"a": one, "b": other}, run)
        is not LAWS[name](INSIDE[id(one)], INSIDE[id(other)])
    ]

    assert wrong == []


@pytest.mark.parametrize("name", ["before", "after", "includes", "during"])
def test_points_lie_to_ranges_as_the_range_of_one_point(name: str) -> None:
    for point, one in product(POINTS, RANGES[::3]):
        if name != "includes":
            found = value_of(f"{name}(a, b)", a=point, b=one)
            assert found is LAWS[name](inside(point), INSIDE[id(one)])
        if name != "during":
            found = value_of(f"{name}(a, b)", a=one, b=point)
            assert found is LAWS[name](INSIDE[id(one)], inside(point))
