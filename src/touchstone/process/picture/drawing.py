"""A diagram as SVG: no script, no style attribute; colours come from the page's style sheet. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from xml.sax.saxutils import escape, quoteattr

from touchstone.kernel.text import Language, Text
from touchstone.process.picture import symbols
from touchstone.process.picture.figures import (
    data_figure,
    diamond,
    event_figure,
    family_of,
    grown,
    has_outer_label,
    holds,
    is_open_sub,
    note_figure,
    ring,
)
from touchstone.process.picture.lettering import Lettering, fit, width, wrap
from touchstone.process.picture.lines import along, arrow, rounded, slash, small_diamond
from touchstone.process.picture.overlay import (
    CLOCK_WORDS,
    NOTHING,
    STATE_WORDS,
    Badge,
    Mark,
    Overlay,
)
from touchstone.process.picture.reading import Box, Diagram, Edge, Shape
from touchstone.process.picture.strokes import lettered, polygon, rectangle, rule, tooltip
from touchstone.process.picture.symbols import number

_MARGIN = 24.0
_PLAIN = Mark()
_AREAS = frozenset({"participant", "lane"})
_HERE = Text("您在这里", "you are here")
_SAFE = ("/", "#", "?", "https://")


def stylesheet() -> str:
    """The rules that colour a picture, on screen and on paper, light and dark."""
    return files("touchstone.process").joinpath("static/process/picture.css").read_text("utf-8")


def draw(
    diagram: Diagram,
    *,
    language: Language,
    titles: Mapping[str, Text] | None = None,
    overlay: Overlay = NOTHING,
    title: str = "",
    description: str = "",
    identity: str = "picture",
    standalone: bool = False,
) -> str:
    """The diagram as one ``<svg>``.

    Args:
        titles: element -> its title; else the name in the file.
        title, description: what the picture shows, for those who do not see it.
        identity: prefix of the ids in it, where a page holds several.
        standalone: carries its own style sheet, for print and export.

    Raises:
        ValueError: a link leads to where no link may lead.
    """
    return _Drawing(diagram, language, titles or {}, overlay, identity).svg(
        title, description, standalone
    )


class _Drawing:
    def __init__(
        self,
        diagram: Diagram,
        language: Language,
        titles: Mapping[str, Text],
        overlay: Overlay,
        identity: str,
    ) -> None:
        self.diagram = diagram
        self.language = language
        self.titles = titles
        self.overlay = overlay
        self.identity = identity

    def svg(self, title: str, description: str, standalone: bool) -> str:
        frame = self._frame()
        marks = self.overlay.marks.values()
        # What is an image for a screen reader has no links in it.
        role = "group" if any(mark.href for mark in marks) else "img"
        name = escape(title or self.diagram.names[self.language])
        style = f"<style>{stylesheet()}</style>" if standalone else ""
        space = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
        size = f'width="{number(frame.width)}" height="{number(frame.height)}"'
        view = " ".join(map(number, (frame.x, frame.y, frame.width, frame.height)))
        ids = f"{self.identity}-title {self.identity}-desc"
        areas = [shape for shape in self.diagram.shapes if shape.kind in _AREAS]
        holders = [shape for shape in self.diagram.shapes if is_open_sub(shape)]
        rest = [item for item in self.diagram.shapes if item not in areas and item not in holders]
        parts = [
            f'<svg{space} class="bp" role="{role}" aria-labelledby={quoteattr(ids)} {size}'
            f' viewBox="{view}" lang="{self.language}">',
            f'<title id="{self.identity}-title">{name}</title>',
            f'<desc id="{self.identity}-desc">{escape(description or self._told())}</desc>',
            style,
            *(self._area(shape) for shape in areas),
            *(self._node(shape) for shape in holders),
            *(self._edge(edge) for edge in self._edges()),
            *(self._node(shape) for shape in rest),
            *(self._edge_label(edge) for edge in self.diagram.edges),
            "</svg>",
        ]
        return "".join(parts)

    def _frame(self) -> Box:
        """The bounds of everything drawn, with room for labels."""
        boxes = [shape.box for shape in self.diagram.shapes]
        boxes += [shape.label for shape in self.diagram.shapes if shape.label]
        boxes += [self._label_box(s) for s in self.diagram.shapes if has_outer_label(s)]
        points = [point for edge in self.diagram.edges for point in edge.points]
        xs = [*(box.x for box in boxes), *(x for x, _ in points)]
        ys = [*(box.y for box in boxes), *(y for _, y in points)]
        right = max([*(box.right for box in boxes), *(x for x, _ in points)])
        bottom = max([*(box.bottom for box in boxes), *(y for _, y in points)])
        left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
        return Box(left, top, right + _MARGIN - left, bottom + _MARGIN - top)

    def _told(self) -> str:
        """Where the case stands, in words."""
        told = []
        for state in ("here", "waiting", "done"):
            names = [
                self._name(shape)
                for shape in self.diagram.shapes
                if (mark := self.overlay.marks.get(shape.element)) and mark.state == state
            ]
            names = [name for name in names if name]
            if names:
                between, colon, stop = (
                    ("、", "：", "。") if self.language == "zh" else (", ", ": ", ".")
                )
                word = STATE_WORDS[state].in_language(self.language)
                told.append(f"{word}{colon}{between.join(names)}{stop}")
        return " ".join(told)

    def _name(self, item: Shape | Edge) -> str:
        found = self.titles.get(item.element)
        return found.in_language(self.language) if found else item.names[self.language]

    def _edges(self) -> list[Edge]:
        """The lines, those taken last and so on top."""
        return sorted(self.diagram.edges, key=lambda edge: edge.element in self.overlay.taken)

    # Areas

    def _area(self, shape: Shape) -> str:
        box, name = shape.box, self._name(shape)
        css = "bp-pool" if shape.kind == "participant" else "bp-lane"
        parts = [f'<g class="{css}">{tooltip(name)}', rectangle(box, "bp-area")]
        empty = shape.kind == "participant" and not any(
            other is not shape and holds(box, other.box) for other in self.diagram.shapes
        )
        strip = 30.0
        if empty:
            parts.append(lettered(fit(name, box.width - 16, box.height - 8), *box.middle))
        elif shape.horizontal:
            lettering = fit(name, box.height - 12, strip - 6)
            x, y = box.x + strip / 2, box.y + box.height / 2
            parts.append(lettered(lettering, x, y, turned=True))
            parts.append(rule(box.x + strip, box.y, box.x + strip, box.bottom, "bp-rule"))
        else:
            parts.append(
                lettered(fit(name, box.width - 12, strip - 6), box.x + box.width / 2, box.y + 15)
            )
            parts.append(rule(box.x, box.y + strip, box.right, box.y + strip, "bp-rule"))
        signs = tuple(sign for sign in shape.loops if sign == "parallel")
        parts.append(symbols.loop_signs(signs, box.x + box.width / 2, box.bottom - 10))
        return "".join([*parts, "</g>"])

    # Nodes

    def _node(self, shape: Shape) -> str:
        mark = self.overlay.marks.get(shape.element, _PLAIN)
        css = ["bp-node", f"bp-{family_of(shape)}"]
        if mark.state:
            css.append(f"bp-{mark.state}")
        if mark.heat is not None:
            css.append(f"heat-{min(5, max(0, mark.heat))}")
        name = self._name(shape)
        said = self._said(name, mark)
        inner = "".join((tooltip(said), *self._figure(shape, name), *self._marks(shape, mark)))
        group = f'<g class="{" ".join(css)}" data-element={quoteattr(shape.element)}>{inner}</g>'
        if mark.href is None:
            return group
        if not mark.href.startswith(_SAFE) or mark.href.startswith("//"):
            raise ValueError(f"no link of a picture leads to {mark.href!r}")
        # Its name is what stands in it, beginning with the tooltip.
        return f'<a class="bp-link" href={quoteattr(mark.href)}>{group}</a>'

    def _said(self, name: str, mark: Mark) -> str:
        said = [name] if name else []
        if mark.state:
            said.append(STATE_WORDS[mark.state].in_language(self.language))
        if mark.clock:
            said.append(CLOCK_WORDS[mark.clock.state].in_language(self.language))
            said.append(mark.clock.text)
        said += [mark.caption, *mark.numbers, mark.hint]
        between = "，" if self.language == "zh" else ", "
        return between.join(item for item in said if item)

    def _figure(self, shape: Shape, name: str) -> Iterator[str]:
        family = family_of(shape)
        if family in ("task", "call", "sub"):
            yield from self._activity(shape, name)
        elif family == "event":
            yield from event_figure(shape)
        elif family == "gateway":
            x, y = shape.box.middle
            yield polygon(diamond(shape.box), "bp-shape")
            scale = shape.box.width / 50
            yield symbols.gateway_sign(shape.kind, x, y, scale=scale, all_of=shape.all_of)
        elif family == "note":
            yield from note_figure(shape, name)
        elif family == "group":
            yield rectangle(shape.box, "bp-shape bp-dashed", radius=8)
        elif family == "data":
            yield from data_figure(shape)
        else:
            yield rectangle(shape.box, "bp-shape", radius=4)
            yield lettered(fit(name, shape.box.width - 10, shape.box.height - 8), *shape.box.middle)
        if name and has_outer_label(shape):
            yield self._outer_label(shape, name)

    def _activity(self, shape: Shape, name: str) -> Iterator[str]:
        box, family = shape.box, family_of(shape)
        css = "bp-shape bp-thick" if family == "call" else "bp-shape"
        yield rectangle(box, css + (" bp-dotted" if shape.dashed else ""), radius=9)
        if shape.kind == "transaction":
            yield rectangle(grown(box, -3), "bp-inner", radius=7)
        yield symbols.task_sign(shape.kind, box.x + 4, box.y + 4)
        signs = shape.loops
        if family == "call" or (family == "sub" and not is_open_sub(shape)):
            signs = (*signs, "collapsed")
        if signs:
            yield symbols.loop_signs(signs, box.x + box.width / 2, box.bottom - 10)
        if is_open_sub(shape):
            yield lettered(fit(name, box.width - 20, 30), box.x + box.width / 2, box.y + 16)
            return
        top = 20.0 if shape.kind in symbols.SIGNED else 4.0
        bottom = 19.0 if signs else 4.0
        lettering = fit(name, box.width - 12, box.height - top - bottom)
        # In the middle, unless it would run into the sign above it or those below.
        half = lettering.height / 2
        middle = min(max(box.height / 2, top + half), box.height - bottom - half)
        yield lettered(lettering, box.x + box.width / 2, box.y + middle)

    def _label_box(self, shape: Shape) -> Box:
        """Where a name that stands outside its shape is drawn."""
        lettering = self._outer_lettering(shape, self._name(shape))
        wide = max(width(line, lettering.size) for line in lettering.lines)
        if shape.label:
            x, top = shape.label.x + shape.label.width / 2, shape.label.y
        else:
            x, top = shape.box.x + shape.box.width / 2, shape.box.bottom + 3
            above, below = self._touched(shape)
            if below and above:  # beside the line that leaves below
                x, top = x - wide / 2 - 6, shape.box.bottom - 5
            elif below:
                top = shape.box.y - lettering.height - 3
        return Box(x - wide / 2, top, wide, lettering.height)

    def _touched(self, shape: Shape) -> tuple[bool, bool]:
        """Whether a line touches its upper and its lower end."""
        x, _ = shape.box.middle
        near = {
            y
            for edge in self.diagram.edges
            for px, y in (edge.points[0], edge.points[-1])
            if abs(px - x) < 8
        }
        above = any(abs(y - shape.box.y) < 3 for y in near)
        return above, any(abs(y - shape.box.bottom) < 3 for y in near)

    def _outer_lettering(self, shape: Shape, name: str) -> Lettering:
        within = max(shape.label.width + 8 if shape.label else 0.0, 92.0)
        return Lettering(wrap(name, 11, within), 11)

    def _outer_label(self, shape: Shape, name: str) -> str:
        box = self._label_box(shape)
        return lettered(self._outer_lettering(shape, name), *box.middle, css="bp-text bp-halo")

    # Marks

    def _marks(self, shape: Shape, mark: Mark) -> Iterator[str]:
        box = shape.box
        if mark.state == "here":
            yield ring(shape, 5)
            x = box.x + box.width / 2
            tip = box.y - 7
            yield polygon([(x - 8, tip - 12), (x + 8, tip - 12), (x, tip)], "bp-pointer")
        elif mark.state:
            small = family_of(shape) in ("event", "gateway")
            yield symbols.state_sign(
                mark.state,
                box.right - (box.width * 0.14 if small else 2),
                box.y + (box.height * 0.14 if small else 2),
            )
        bottom = box.bottom + 4
        if has_outer_label(shape) and self._name(shape):
            bottom = max(bottom, self._label_box(shape).bottom)
        if mark.clock:
            yield self._badge(mark.clock, box)
            bottom = max(bottom, box.bottom + 9)
        for line in (*((mark.caption,) if mark.caption else ()), *mark.numbers):
            lettering = Lettering((line,), 10.5)
            bottom += lettering.height
            css = "bp-text bp-caption bp-halo"
            yield lettered(
                lettering, box.x + box.width / 2, bottom - lettering.height / 2 + 1, css=css
            )

    def _badge(self, badge: Badge, box: Box) -> str:
        long = width(badge.text, 10.5) + (26 if badge.text else 18)
        left, top = box.x + 4, box.bottom - 9
        frame = rectangle(Box(left, top, long, 18), "bp-clock-frame", radius=9)
        words = ""
        if badge.text:
            x = left + 18 + width(badge.text, 10.5) / 2
            words = lettered(
                Lettering((badge.text,), 10.5), x, top + 9, css="bp-text bp-clock-text"
            )
        sign = symbols.clock_sign(badge.state, left + 9, top + 9)
        return f'<g class="bp-clock bp-clock-{badge.state}">{frame}{sign}{words}</g>'

    # Edges

    def _edge(self, edge: Edge) -> str:
        kind = {"sequenceFlow": "flow", "messageFlow": "message"}.get(edge.kind, "association")
        css = [f"bp-edge bp-{kind}"]
        weight = self.overlay.taken.get(edge.element)
        if weight:
            css.append(f"bp-taken bp-weight-{min(5, weight)}")
        points = list(edge.points)
        dash = {"flow": "", "message": ' stroke-dasharray="6 4"'}.get(
            kind, ' stroke-dasharray="2 4"'
        )
        parts = [
            f'<path class="bp-line" d="{rounded(points)}" fill="none" stroke="currentColor"{dash}/>'
        ]
        if edge.directed:
            parts.append(
                arrow(points[-2], points[-1], "bp-head" if kind == "flow" else "bp-open-head")
            )
        if kind == "message":
            x, y = points[0]
            parts.append(f'<circle class="bp-tail" cx="{number(x)}" cy="{number(y)}" r="4"/>')
        if edge.default:
            parts.append(slash(points[0], points[1]))
        elif edge.conditional:
            parts.append(polygon(small_diamond(points[0], points[1]), "bp-tail"))
        element = quoteattr(edge.element)
        return f'<g class="{" ".join(css)}" data-element={element}>{"".join(parts)}</g>'

    def _edge_label(self, edge: Edge) -> str:
        name, count = self._name(edge), self.overlay.counts.get(edge.element, "")
        parts = []
        x, y = along(edge.points)
        if name:
            lettering = Lettering(
                wrap(name, 10.5, max(edge.label.width + 8 if edge.label else 0, 90)), 10.5
            )
            place = edge.label.middle if edge.label else (x, y - lettering.height / 2 - 3)
            parts.append(lettered(lettering, *place, css="bp-text bp-halo"))
        if count:
            parts.append(lettered(Lettering((count,), 10.5), x, y, css="bp-text bp-count bp-halo"))
        return "".join(parts)
