"""Hostile-proof XML: no entities, no DOCTYPE, no network, bounded size and depth."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from touchstone.kernel.problem import Problem

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 100
Element: TypeAlias = Any
"""An lxml element; lxml itself carries no types."""


def read_root(xml: bytes, file: str, prefix: str, max_depth: int = MAX_DEPTH) -> Element | Problem:
    """The root of a well-formed file, or why it is none (codes begin with ``prefix``)."""
    if len(xml) > MAX_BYTES:
        return Problem(file, 0, f"{prefix}.too_large", f"larger than {MAX_BYTES} bytes", "文件过大")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        text = getattr(error, "msg", None) or str(error)
        return Problem(file, line, f"{prefix}.not_xml", str(text), "不是有效的 XML")
    if root.getroottree().docinfo.doctype:
        return Problem(file, 1, f"{prefix}.doctype", "a DOCTYPE is not accepted", "不接受 DOCTYPE")
    if _depth(root) > max_depth:
        return Problem(file, 0, f"{prefix}.too_deep", f"nested deeper than {max_depth}", "嵌套过深")
    return root


def _depth(root: Element) -> int:
    deepest, level = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest
