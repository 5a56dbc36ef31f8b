"""What is asked of a DMN element: its children, place, name, type and what it refers to."""

from __future__ import annotations

import re
from urllib.parse import unquote

from touchstone.decisions import model
from touchstone.decisions.parameters import Values, settled
from touchstone.kernel.problem import Problem
from touchstone.kernel.xml import Element

MODELS = frozenset(
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ]
)
"""DMN 1.1 to 1.5."""
FEEL = frozenset(
    [
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    ]
)
OWN = "https://touchstone.example/dmn"
_BUILT_IN = frozenset(
    [
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "dateTime",
        "days and time duration",
        "dayTimeDuration",
        "years and months duration",
        "yearMonthDuration",
        "Any",
        "any",
        "list",
        "context",
        "function",
        "null",
        "Null",
    ]
)


class Source:
    """One file while it is read: its namespace, its types and what is wrong with it."""

    def __init__(self, file: str, root: Element, parameters: Values | None = None) -> None:
        self.file = file
        self._parameters = parameters
        self.namespace = (root.get("namespace") or "").strip()
        self.language = (root.get("expressionLanguage") or "").strip()
        self.types = frozenset(
            name_in(item.get("name")) for item in children(root, "itemDefinition")
        )
        self.problems: list[Problem] = []

    def settled(self, element: Element, text: str) -> str:
        """``text`` with the values of its parameters; a problem where one has none."""
        if self._parameters is None:
            return text
        made, unknown = settled(text, self._parameters)
        for name in unknown:
            self.problem(
                self.place(element),
                "no_parameter",
                f"no value of a parameter {name}",
                f"参数 {name} 不存在或无值",
            )
        return made

    def place(self, element: Element) -> model.Place:
        """Where ``element`` stands."""
        name = element.get("id") or element.get("name") or local(element)
        return model.Place(element.sourceline or 0, name)

    def name_of(self, element: Element) -> str:
        """Its name with single spaces."""
        return name_in(element.get("name"))

    def problem(self, place: model.Place, code: str, english: str, chinese: str) -> None:
        """Note what keeps the model from being loaded."""
        self.problems.append(
            Problem(self.file, place.line, f"decisions.{code}", english, chinese, place.element)
        )

    def reference(self, element: Element) -> model.Reference | None:
        """What ``href`` points to; a problem where it points nowhere."""
        href = (element.get("href") or "").strip()
        namespace, _, fragment = href.rpartition("#")
        if not fragment:
            text = f"{local(element)} without a usable href"
            self.problem(self.place(element), "no_href", text, "引用缺失")
            return None
        own = not namespace or namespace == self.namespace
        return model.Reference(
            None if own else namespace, unquote(fragment), element.sourceline or 0
        )


def name_in(text: str | None) -> str:
    """A name as FEEL knows it: without outer spaces, inner ones single."""
    return re.sub(r"\s+", " ", text or "").strip()


def local(element: Element) -> str:
    """Local name of a DMN element, "" for elements of other namespaces."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    space, _, name = tag[1:].rpartition("}")
    return name if space in MODELS else ""


def children(element: Element, *names: str) -> list[Element]:
    """Direct DMN children of the given names."""
    return [item for item in element if local(item) in names]


def child(element: Element, name: str) -> Element | None:
    """The first direct DMN child of that name."""
    return next((item for item in element if local(item) == name), None)


def own(element: Element, name: str) -> str:
    """An attribute of our own namespace, "" where it is not there."""
    return (element.get(f"{{{OWN}}}{name}") or "").strip()


def extensions(element: Element, name: str) -> list[Element]:
    """Elements of our own namespace that a DMN element carries."""
    holder = child(element, "extensionElements")
    return [] if holder is None else [item for item in holder if item.tag == f"{{{OWN}}}{name}"]


def words(element: Element) -> tuple[model.Word, ...]:
    """What the coded values of a column are called."""
    return tuple(
        model.Word(*((item.get(name) or "").strip() for name in ("is", "label", "label-en")))
        for item in extensions(element, "value")
    )


def body(element: Element | None) -> str:
    """All text below an element, trimmed."""
    return "".join(element.itertext()).strip() if element is not None else ""


def variable_of(source: Source, element: Element | None, name: str) -> model.Variable:
    """An information item; ``name`` where it has none of its own."""
    if element is None:
        return model.Variable(name, None)
    return model.Variable(
        source.name_of(element) or name, type_named(source, element, element.get("typeRef"))
    )


def type_named(source: Source, element: Element, text: str | None) -> model.TypeName | None:
    """What a ``typeRef`` names: a built-in type, one of this model, or one of an import.

    DMN 1.1 writes a qualified name with an XML prefix; later versions a plain name, in which the
    name of an import comes before a dot.
    """
    name = name_in(text)
    if not name:
        return None
    if name in source.types:
        return model.TypeName(name, source.namespace)
    prefix, colon, rest = name.partition(":")
    if colon:
        space = element.nsmap.get(prefix)
        if space in FEEL or (prefix == "feel" and space is None):
            return model.TypeName(rest, None)
        return model.TypeName(rest, space or source.namespace)
    if name in _BUILT_IN or "<" in name:
        return model.TypeName(name, None)
    return model.TypeName(name, source.namespace)
