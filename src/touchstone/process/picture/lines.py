"""The way of a line: rounded corners, heads and tails. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from touchstone.process.picture.strokes import at, outline, polygon, rule

Point = tuple[float, float]


def rounded(points: Sequence[tuple[float, float]], radius: float = 7) -> str:
    """A path through the points with its corners rounded."""
    path = f"M{at(*points[0])}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        room = min(radius, distance(before, here) / 2, distance(here, after) / 2)
        path += f"L{at(*toward(here, before, room))}Q{at(*here)} {at(*toward(here, after, room))}"
    return path + f"L{at(*points[-1])}"


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two points are apart."""
    return hypot(other[0] - one[0], other[1] - one[1])


def toward(here: tuple[float, float], there: tuple[float, float], by: float) -> tuple[float, float]:
    """The point ``by`` from ``here`` in the direction of ``there``."""
    long = distance(here, there) or 1
    return here[0] + (there[0] - here[0]) * by / long, here[1] + (there[1] - here[1]) * by / long


def arrow(before: tuple[float, float], tip: tuple[float, float], css: str) -> str:
    """The head of a line that comes from ``before``."""
    back = toward(tip, before, 9)
    across = ((tip[1] - back[1]) / 9 * 4.2, (back[0] - tip[0]) / 9 * 4.2)
    left = (back[0] + across[0], back[1] + across[1])
    right = (back[0] - across[0], back[1] - across[1])
    if css == "bp-open-head":
        return outline(f"M{at(*left)}L{at(*tip)}L{at(*right)}", css)
    return polygon([left, tip, right], css)


def slash(start: tuple[float, float], following: tuple[float, float]) -> str:
    """The stroke through the beginning of a default flow."""
    x, y = toward(start, following, 11)
    return rule(x - 4, y + 5, x + 4, y - 5, "bp-slash")


def small_diamond(
    start: tuple[float, float], following: tuple[float, float]
) -> list[tuple[float, float]]:
    """The beginning of a conditional flow."""
    middle, end = toward(start, following, 8), toward(start, following, 16)
    across = ((end[1] - start[1]) / 16 * 5, (start[0] - end[0]) / 16 * 5)
    return [
        start,
        (middle[0] + across[0], middle[1] + across[1]),
        end,
        (middle[0] - across[0], middle[1] - across[1]),
    ]


def along(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The middle of the longest of the first three stretches, where a label is not lost."""
    stretches = list(pairwise(points))[:3]
    one, other = max(stretches, key=lambda item: distance(*item))
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
