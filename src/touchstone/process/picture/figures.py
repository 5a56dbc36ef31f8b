"""What each kind of node looks like. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from touchstone.process.picture import symbols
from touchstone.process.picture.lettering import fit
from touchstone.process.picture.reading import Box, Shape
from touchstone.process.picture.strokes import at, circle, lettered, outline, polygon, rectangle
from touchstone.process.picture.symbols import number

_SUB = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def family_of(shape: Shape) -> str:
    """Which way a kind of element is drawn."""
    kind = shape.kind
    if kind.endswith("Event"):
        return "event"
    if kind.endswith("Gateway"):
        return "gateway"
    if kind in _SUB:
        return "sub"
    if kind == "callActivity":
        return "call"
    if kind in ("task", "receiveTask") or kind.endswith("Task"):
        return "task"
    return {"textAnnotation": "note", "group": "group"}.get(
        kind, "data" if kind.startswith("data") else "other"
    )


def is_open_sub(shape: Shape) -> bool:
    """Whether it is a sub-process that shows what is in it."""
    return family_of(shape) == "sub" and shape.expanded


def has_outer_label(shape: Shape) -> bool:
    """Whether its name stands outside of it."""
    return family_of(shape) in ("event", "gateway", "data", "group")


def event_figure(shape: Shape) -> Iterator[str]:
    """Circles, and the sign of what it catches or throws."""
    (x, y), radius = shape.box.middle, min(shape.box.width, shape.box.height) / 2
    end = shape.kind == "endEvent"
    css = "bp-shape bp-thick" if end else "bp-shape"
    dashed = " bp-dashed" if shape.dashed else ""
    yield circle(x, y, radius, css + dashed)
    if shape.kind in ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"):
        yield circle(x, y, radius * 0.82, "bp-inner" + dashed)
    if shape.event:
        throwing = end or shape.kind == "intermediateThrowEvent"
        yield symbols.event_sign(shape.event, x, y, scale=radius / 18, throwing=throwing)


def note_figure(shape: Shape, name: str) -> Iterator[str]:
    """A bracket with its text."""
    box = shape.box
    yield rectangle(box, "bp-note-paper")
    yield outline(
        f"M{at(box.x + 10, box.y)}H{number(box.x)}V{number(box.bottom)}H{number(box.x + 10)}",
        "bp-rule",
    )
    yield lettered(fit(name, box.width - 16, box.height - 6, largest=11), *box.middle)


def data_figure(shape: Shape) -> Iterator[str]:
    """A sheet or a store."""
    box = shape.box
    if shape.kind.startswith("dataStore"):
        rise = box.height * 0.14
        x, right = number(box.x), number(box.right)
        bow = f"{number(box.width / 2)} {number(rise)} 0 0"
        top, low = number(box.y + rise), number(box.bottom - rise)
        sides = f"M{x} {top}A{bow} 1 {right} {top}V{low}A{bow} 1 {x} {low}z"
        yield outline(sides, "bp-shape")
        yield outline(f"M{x} {top}A{bow} 0 {right} {top}", "bp-inner")
        return
    fold = min(box.width, box.height) * 0.3
    yield outline(
        f"M{at(box.x, box.y)}H{number(box.right - fold)}L{at(box.right, box.y + fold)}"
        f"V{number(box.bottom)}H{number(box.x)}z",
        "bp-shape",
    )
    corner = f"M{at(box.right - fold, box.y)}V{number(box.y + fold)}H{number(box.right)}"
    yield outline(corner, "bp-inner")
    if shape.kind in ("dataInput", "dataOutput"):
        filled = shape.kind == "dataOutput"
        yield symbols.event_sign("link", box.x + 9, box.y + 9, scale=0.6, throwing=filled)
    if shape.collection:
        yield symbols.loop_signs(("parallel",), box.x + box.width / 2, box.bottom - 8)


def diamond(box: Box) -> list[tuple[float, float]]:
    """The corners of a gateway."""
    x, y = box.middle
    return [(x, box.y), (box.right, y), (x, box.bottom), (box.x, y)]


def ring(shape: Shape, gap: float) -> str:
    """A second outline about the first."""
    family = family_of(shape)
    if family == "event":
        x, y = shape.box.middle
        return circle(x, y, shape.box.width / 2 + gap, "bp-ring")
    if family == "gateway":
        return polygon(diamond(grown(shape.box, gap * 1.5)), "bp-ring")
    return rectangle(grown(shape.box, gap), "bp-ring", radius=13)


def grown(box: Box, by: float) -> Box:
    """The box with a margin about it."""
    return Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)


def holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of ``inner`` lies in ``outer``."""
    x, y = inner.middle
    return outer.x < x < outer.right and outer.y < y < outer.bottom
