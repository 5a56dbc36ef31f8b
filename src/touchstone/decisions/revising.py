"""A decision table rewritten row by row: the file stays as it is but for the rows. Pure.

What comes out is a proposal of a file, not a table that runs: whoever shows it has it loaded and
examined like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from touchstone.decisions.dmn_elements import body, child, children, local
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.xml import Element, read_root

MOST_ROWS, MOST_CELLS, LONGEST = 500, 100, 2000
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = ("inputEntry", "outputEntry", "annotationEntry")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is to read.

    Attributes:
        id: of the rule it replaces; "" for a new one.
        cells: conditions, results and annotations as written, from left to right.
    """

    id: str
    cells: tuple[str, ...]


def rows_of(xml: bytes, table: str) -> tuple[Row, ...]:
    """The rows of a table as written; ``table`` is the id of the element whose logic it is.

    Raises:
        Refusal: ``decisions.no_such_table``.
    """
    found = _table(_root(xml), table)
    return tuple(
        Row(rule.get("id") or "", tuple(body(child(cell, "text")) for cell in _cells(rule)))
        for rule in children(found, "rule")
    )


def rewritten(xml: bytes, table: str, rows: Sequence[Row]) -> bytes:
    """The file with these rows in place of the table's.

    Raises:
        Refusal: ``decisions.no_such_table``, ``decisions.wrong_rows``, ``decisions.cell``.
    """
    root = _root(xml)
    found = _table(root, table)
    widths = [len(children(found, name)) for name in ("input", "output", "annotation")]
    _check(rows, sum(widths))
    known = {rule.get("id"): rule for rule in children(found, "rule") if rule.get("id")}
    if any(row.id and row.id not in known for row in rows) or len(
        {row.id for row in rows if row.id}
    ) != sum(bool(row.id) for row in rows):
        raise _wrong_rows()
    taken = {item.get("id") for item in root.iter() if isinstance(item.tag, str)}
    for rule in children(found, "rule"):
        found.remove(rule)
    for row in rows:
        if row.id:
            found.append(_filled(known[row.id], row))
        else:
            found.append(_new(found, widths, row, taken))
    etree.indent(found, space="  ", level=_depth(found))
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=False))


def _root(xml: bytes) -> Element:
    checked = read_root(xml, "", "decisions")
    if isinstance(checked, Problem):
        raise refuse(
            "decisions.not_readable",
            f"文件无法读取：{checked.text.zh}",
            f"The file cannot be read: {checked.text_en}",
        )
    return checked


def _table(root: Element, identity: str) -> Element:
    for item in root.iter():
        if isinstance(item.tag, str) and item.get("id") == identity and identity:
            for part in item.iter():
                if isinstance(part.tag, str) and local(part) == "decisionTable":
                    return part
    raise refuse("decisions.no_such_table", "没有这张决策表", "There is no such decision table")


def _cells(rule: Element) -> list[Element]:
    return [cell for name in _KINDS for cell in children(rule, name)]


def _check(rows: Sequence[Row], width: int) -> None:
    if len(rows) > MOST_ROWS or width > MOST_CELLS or any(len(row.cells) != width for row in rows):
        raise _wrong_rows()
    for number, row in enumerate(rows, 1):
        for text in row.cells:
            if len(text) > LONGEST or _UNWRITABLE.search(text):
                raise refuse(
                    "decisions.cell",
                    f"第{number}行有单元格过长或含有不可用的字符",
                    f"Row {number} has a cell that is too long or has signs that cannot be kept",
                    remedy_zh=f"每个单元格最多{LONGEST}个字符",
                    remedy_en=f"A cell holds at most {LONGEST} characters",
                )


def _wrong_rows() -> Refusal:
    return refuse(
        "decisions.wrong_rows",
        "提交的行与当前草稿不符",
        "The rows sent are not those of the draft",
        remedy_zh="请刷新页面后重新修改",
        remedy_en="Reload the page and change it anew",
    )


def _filled(rule: Element, row: Row) -> Element:
    for cell, text in zip(_cells(rule), row.cells, strict=True):
        holder = child(cell, "text")
        if holder is None:
            holder = etree.SubElement(cell, _named(rule, "text"))
        if body(holder) != text.strip():
            for part in list(holder):
                holder.remove(part)
            holder.text = text.strip()
    return rule


def _new(table: Element, widths: Sequence[int], row: Row, taken: set[str | None]) -> Element:
    number = 1
    while f"rule_{number}" in taken:
        number += 1
    taken.add(f"rule_{number}")
    rule = etree.Element(_named(table, "rule"), id=f"rule_{number}")
    kinds = [kind for kind, width in zip(_KINDS, widths, strict=True) for _ in range(width)]
    for kind, text in zip(kinds, row.cells, strict=True):
        cell = etree.SubElement(rule, _named(table, kind))
        etree.SubElement(cell, _named(table, "text")).text = text.strip()
    return rule


def _named(near: Element, name: str) -> str:
    return f"{{{etree.QName(near).namespace}}}{name}"


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())
