"""A BPMN file as elements, and what is asked of an element."""

from __future__ import annotations

from touchstone.kernel.problem import Problem
from touchstone.kernel.xml import Element, read_root

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_OF_MODEL = f"{{{MODEL}}}"
OWN = "https://touchstone.example/bpmn"
__all__ = [
    "MODEL",
    "OWN",
    "Element",
    "body",
    "children",
    "flag",
    "local",
    "own_children",
    "read_xml",
    "reference",
]


def read_xml(xml: bytes, file: str) -> Element | Problem:
    """The root of a well-formed BPMN file, or why it is none."""
    root = read_root(xml, file, "bpmn")
    if isinstance(root, Problem):
        return root
    if root.tag != f"{{{MODEL}}}definitions":
        return Problem(
            file,
            root.sourceline or 1,
            "bpmn.no_definitions",
            "the root is not BPMN 2.0 definitions",
            "根元素不是 BPMN 2.0 definitions",
        )
    return root


def local(element: Element) -> str:
    """Local name of a BPMN element, "" for elements of other namespaces."""
    tag = element.tag
    if isinstance(tag, str) and tag.startswith(_OF_MODEL):
        return tag[len(_OF_MODEL) :]
    return ""


def children(element: Element, *names: str) -> list[Element]:
    """Direct BPMN children, of the given names only."""
    return [child for child in element if local(child) in names]


def own_children(element: Element, name: str) -> list[Element]:
    """Elements of our own namespace that an element carries as extensions."""
    holders = children(element, "extensionElements")
    return [item for holder in holders for item in holder if item.tag == f"{{{OWN}}}{name}"]


def reference(element: Element, attribute: str) -> str | None:
    """An attribute that refers to another element, without its namespace prefix."""
    value = element.get(attribute)
    return value.rpartition(":")[2].strip() if value else None


def body(element: Element | None) -> str:
    """The text of an element, trimmed."""
    return "".join(element.itertext()).strip() if element is not None else ""


def flag(element: Element, attribute: str, default: bool) -> bool:
    """A boolean attribute."""
    value = element.get(attribute)
    return default if value is None else value.strip() in ("true", "1")
