"""The picture of a BPMN file: what its diagram interchange draws, joined with what is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from touchstone.kernel.problem import Problem
from touchstone.process.diagram.reading import (
    OWN,
    Element,
    body,
    children,
    flag,
    local,
    read_xml,
    reference,
)

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_LARGEST = 100_000.0
_DEFINITION = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn as an area.

    Attributes:
        kind: local name of the BPMN element (``userTask``).
        names: the name in both languages, ``""`` where it has none.
        label: where the file puts the name, or None.
        event: kind of its event definition, ``multiple`` or None.
        loops: ``standard``, ``sequential``, ``parallel``, ``adHoc``, ``compensation``.
        dashed: of an event that does not interrupt, or the border of an event sub-process.
    """

    element: str
    kind: str
    names: Mapping[str, str]
    box: Box
    label: Box | None = None
    horizontal: bool = True
    expanded: bool = True
    event: str | None = None
    all_of: bool = False
    loops: tuple[str, ...] = ()
    dashed: bool = False
    collection: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """What is drawn as a line, from its first waypoint to its last."""

    element: str
    kind: str
    names: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    label: Box | None = None
    default: bool = False
    conditional: bool = False
    directed: bool = True


@dataclass(frozen=True)
class Diagram:
    """Everything drawn in one diagram, in the order in which it covers one another."""

    names: Mapping[str, str]
    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


@lru_cache(maxsize=64)
def read_diagram(xml: bytes, *, file: str = "", process: str | None = None) -> Diagram | Problem:
    """The diagram of ``process``, or the first one that draws anything; else why there is none."""
    root = read_xml(xml, file)
    if isinstance(root, Problem):
        return root
    known = {item.get("id"): item for item in root.iter() if item.get("id")}
    drawn = [read for plane in root.iter(f"{_DI}BPMNPlane") if (read := _plane(plane, known))]
    chosen = next((found for of, found in drawn if process and process in of), None)
    if chosen is None and drawn:
        chosen = drawn[0][1]
    if chosen is None:
        return Problem(
            file, 0, "bpmn.no_picture", "the file draws nothing (no DI)", "流程图没有图形信息"
        )
    return chosen


def _plane(
    plane: Element, known: Mapping[str | None, Element]
) -> tuple[frozenset[str], Diagram] | None:
    subject = known.get(reference(plane, "bpmnElement"))
    shapes = [shape for item in plane.iter(f"{_DI}BPMNShape") if (shape := _shape(item, known))]
    edges = [edge for item in plane.iter(f"{_DI}BPMNEdge") if (edge := _edge(item, known))]
    if not shapes:
        return None
    of = {reference(plane, "bpmnElement") or ""}
    if subject is not None:
        of.update(reference(pool, "processRef") or "" for pool in children(subject, "participant"))
    # The larger lies beneath the smaller: pools, lanes, sub-processes, then what is in them.
    ordered = sorted(shapes, key=lambda item: (_layer(item), -item.box.width * item.box.height))
    return frozenset(of), Diagram(_names(subject), tuple(ordered), tuple(edges))


def _layer(shape: Shape) -> int:
    return {"participant": 0, "lane": 1}.get(shape.kind, 3 if shape.kind == "boundaryEvent" else 2)


def _names(element: Element | None) -> Mapping[str, str]:
    """The name in both languages; one that the file gives only once stands for both."""
    if element is None:
        return {"zh": "", "en": ""}
    if local(element) == "textAnnotation":
        text = body(next(iter(children(element, "text")), None))
        return {"zh": text, "en": text}
    name = " ".join((element.get("name") or "").split())
    return {"zh": name, "en": element.get(f"{{{OWN}}}name-en") or name}


def _number(element: Element, name: str) -> float:
    try:
        value = float(element.get(name, "0"))
    except ValueError:
        return 0.0
    return value if abs(value) < _LARGEST else 0.0  # also what is not a number


def _box(holder: Element | None) -> Box | None:
    bounds = holder.find(f"{_DC}Bounds") if holder is not None else None
    if bounds is None:
        return None
    return Box(*(_number(bounds, name) for name in ("x", "y", "width", "height")))


def _shape(item: Element, known: Mapping[str | None, Element]) -> Shape | None:
    element, box = known.get(reference(item, "bpmnElement")), _box(item)
    if element is None or box is None or not local(element) or box.width <= 0 or box.height <= 0:
        return None
    kind = local(element)
    label = _box(item.find(f"{_DI}BPMNLabel"))
    by_event = flag(element, "triggeredByEvent", False)
    waiting = flag(element, "cancelActivity", True) and flag(element, "isInterrupting", True)
    return Shape(
        element=element.get("id"),
        kind=kind,
        names=_names(element),
        box=box,
        label=label if label and label.width > 0 and label.height > 0 else None,
        horizontal=flag(item, "isHorizontal", box.width >= box.height),
        expanded=flag(item, "isExpanded", bool(box.width > 150 and box.height > 100)),
        event=_event(element, known),
        all_of=flag(element, "parallelMultiple", False)
        or element.get("eventGatewayType") == "Parallel",
        loops=tuple(_loops(element)),
        dashed=by_event or not waiting,
        collection=_is_collection(element, known),
    )


def _is_collection(element: Element, known: Mapping[str | None, Element]) -> bool:
    behind = known.get(reference(element, "dataObjectRef"))
    return any(flag(item, "isCollection", False) for item in (element, behind) if item is not None)


def _event(element: Element, known: Mapping[str | None, Element]) -> str | None:
    if not local(element).endswith("Event"):
        return None
    referred = (
        known.get(body(item).rpartition(":")[2]) for item in children(element, "eventDefinitionRef")
    )
    kinds = [
        local(item).removesuffix(_DEFINITION)
        for item in chain(element, (found for found in referred if found is not None))
        if local(item).endswith(_DEFINITION)
    ]
    if len(kinds) > 1:
        return "parallelMultiple" if flag(element, "parallelMultiple", False) else "multiple"
    return kinds[0] if kinds else None


def _loops(element: Element) -> Iterator[str]:
    for item in element:
        if local(item) == "standardLoopCharacteristics":
            yield "standard"
        elif local(item) == "multiInstanceLoopCharacteristics":
            yield "sequential" if flag(item, "isSequential", False) else "parallel"
        elif local(item) == "participantMultiplicity":
            yield "parallel"
    if flag(element, "isForCompensation", False):
        yield "compensation"
    if local(element) == "adHocSubProcess":
        yield "adHoc"


def _edge(item: Element, known: Mapping[str | None, Element]) -> Edge | None:
    element = known.get(reference(item, "bpmnElement"))
    points = tuple(_points(item.iter(_WAYPOINT)))
    if element is None or len(points) < 2 or not local(element):
        return None
    source = known.get(reference(element, "sourceRef"))
    conditional = bool(children(element, "conditionExpression"))
    of_gateway = source is not None and local(source).endswith("Gateway")
    label = _box(item.find(f"{_DI}BPMNLabel"))
    return Edge(
        element=element.get("id"),
        kind=local(element),
        names=_names(element),
        points=points,
        label=label if label and label.width > 0 and label.height > 0 else None,
        default=source is not None and source.get("default") == element.get("id"),
        conditional=conditional and not of_gateway,
        directed=local(element) != "association"
        or element.get("associationDirection", "None") != "None",
    )


def _points(waypoints: Iterable[Element]) -> Iterator[tuple[float, float]]:
    last: tuple[float, float] | None = None
    for item in waypoints:
        point = (_number(item, "x"), _number(item, "y"))
        if point != last:
            yield point
        last = point
