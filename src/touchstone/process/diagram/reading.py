"""Hostile-proof XML: no entities, no network, bounded size and depth."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from touchstone.kernel.problem import Problem

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_OF_MODEL = f"{{{MODEL}}}"
OWN = "https://touchstone.example/bpmn"
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 100
Element: TypeAlias = Any
"""An lxml element; lxml itself carries no types."""


def read_xml(xml: bytes, file: str) -> Element | Problem:
    """The root of a well-formed BPMN file, or why it is none."""
    if len(xml) > MAX_BYTES:
        return Problem(file, 0, "bpmn.too_large", f"larger than {MAX_BYTES} bytes", "文件过大")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        return Problem(file, error.lineno or 0, "bpmn.not_xml", str(error.msg), "不是有效的 XML")
    if root.getroottree().docinfo.doctype:
        return Problem(file, 1, "bpmn.doctype", "a DOCTYPE is not accepted", "不接受 DOCTYPE")
    if _depth(root) > MAX_DEPTH:
        return Problem(file, 0, "bpmn.too_deep", f"nested deeper than {MAX_DEPTH}", "嵌套过深")
    if root.tag != f"{{{MODEL}}}definitions":
        return Problem(
            file,
            root.sourceline or 1,
            "bpmn.no_definitions",
            "the root is not BPMN 2.0 definitions",
            "根元素不是 BPMN 2.0 definitions",
        )
    return root


def _depth(root: Element) -> int:
    deepest, level = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def local(element: Element) -> str:
    """Local name of a BPMN element, "" for elements of other namespaces."""
    tag = element.tag
    if isinstance(tag, str) and tag.startswith(_OF_MODEL):
        return tag[len(_OF_MODEL) :]
    return ""


def children(element: Element, *names: str) -> list[Element]:
    """Direct BPMN children, of the given names only."""
    return [child for child in element if local(child) in names]


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
