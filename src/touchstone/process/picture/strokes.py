"""Rectangles, lines and letters as SVG text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from touchstone.process.picture.lettering import LINE, Lettering
from touchstone.process.picture.reading import Box
from touchstone.process.picture.symbols import number


def at(x: float, y: float) -> str:
    """A point as text."""
    return f"{number(x)} {number(y)}"


def rectangle(box: Box, css: str, radius: float = 0) -> str:
    """A rectangle."""
    corner = f' rx="{number(radius)}"' if radius else ""
    return (
        f'<rect class="{css}" x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}"'
        f' height="{number(box.height)}"{corner} fill="none" stroke="currentColor"/>'
    )


def circle(x: float, y: float, radius: float, css: str) -> str:
    """A circle."""
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f'<circle class="{css}" {place} fill="none" stroke="currentColor"/>'


def polygon(points: Iterable[tuple[float, float]], css: str) -> str:
    """A closed line."""
    listed = " ".join(at(*point).replace(" ", ",") for point in points)
    return f'<polygon class="{css}" points="{listed}" fill="none" stroke="currentColor"/>'


def outline(path: str, css: str) -> str:
    """A path."""
    return f'<path class="{css}" d="{path}" fill="none" stroke="currentColor"/>'


def rule(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line class="{css}" {ends} stroke="currentColor"/>'


def tooltip(text: str) -> str:
    """What is shown when one points at it."""
    return f"<title>{escape(text)}</title>" if text else ""


def lettered(
    lettering: Lettering, x: float, y: float, *, css: str = "bp-text", turned: bool = False
) -> str:
    """Lines of text about a point."""
    if not any(lettering.lines):
        return ""
    step = lettering.size * LINE
    first = y - lettering.height / 2 + step * 0.5 + lettering.size * 0.36
    rows = "".join(
        f'<tspan x="{number(x)}" y="{number(first + step * n)}">{escape(line)}</tspan>'
        for n, line in enumerate(lettering.lines)
    )
    turn = f' transform="rotate(-90 {at(x, y)})"' if turned else ""
    return (
        f'<text class="{css}" font-size="{number(lettering.size)}" text-anchor="middle"'
        f' fill="currentColor"{turn}>{rows}</text>'
    )
