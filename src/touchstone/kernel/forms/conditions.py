"""When a field is shown: a small part of FEEL, judged alike on the server and in the browser. Pure.

``field = value``, ``field in (value, …)``, comparisons of numbers and dates, a yes-or-no field by
itself, ``and``, ``or``. A field without a value makes what asks for it untrue, so nothing shows by
accident. ``data`` is the same condition for the page.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from touchstone.kernel.feel.lexer import SyntaxProblem
from touchstone.kernel.feel.parser import Parser
from touchstone.kernel.feel.syntax import (
    Comparison,
    Literal,
    Logic,
    Membership,
    Name,
    Negation,
    Node,
    UnaryTest,
)
from touchstone.kernel.feel.values import ANY

_NUMBERS = frozenset({"integer", "decimal", "money"})
_ORDERED = _NUMBERS | {"date"}
_VALUES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_NUMBERS, Decimal),
    "boolean": bool,
    "choice": (str, Decimal),
    "date": dt.date,
    "text": str,
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition over fields of one form.

    Attributes:
        data: ``{"all": […]}``, ``{"any": […]}``, ``{"field", "kind", "is": […]}`` or
            ``{"field", "kind", "op", "value"}``, values as text.
        names: the fields it asks for.
    """

    text: str
    data: Mapping[str, Any]
    names: frozenset[str]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true of ``values``."""
        return _holds(self.data, values)


class _NotShown(Exception):
    """The text is FEEL, but more of it than a page can judge."""


def read_condition(text: str, kinds: Mapping[str, str]) -> Condition | str:
    """The condition over the fields of ``kinds``, or in English why it is none."""
    try:
        node = Parser(text, dict.fromkeys(kinds, ANY), {}).expression_alone()
        data = _data(node, kinds)
    except SyntaxProblem as problem:
        return f"{problem.text} at {problem.offset + 1}"
    except (_NotShown, RecursionError) as problem:
        return str(problem) or "nested too deep"
    return Condition(text, data, frozenset(_names(data)))


def _data(node: Node, kinds: Mapping[str, str]) -> Mapping[str, Any]:
    if isinstance(node, Logic):
        word = "all" if node.operator == "and" else "any"
        return {word: [_data(item, kinds) for item in node.operands]}
    if isinstance(node, Name) and kinds.get(node.name) == "boolean":
        return {"field": node.name, "kind": "boolean", "is": ["true"]}
    if isinstance(node, Membership) and isinstance(node.value, Name):
        name = node.value.name
        return _one_of(name, kinds[name], [_tested(item) for item in node.tests])
    if isinstance(node, Comparison) and isinstance(node.left, Name):
        name = node.left.name
        if node.operator == "=":
            return _one_of(name, kinds[name], [node.right])
        if node.operator in _COMPARE and kinds[name] in _ORDERED:
            value = _literal(node.right, kinds[name])
            return {"field": name, "kind": kinds[name], "op": node.operator, "value": value}
    raise _NotShown(
        "only field = value, field in (…), comparisons of numbers and dates, and, or are judged in a page"
    )


def _one_of(name: str, kind: str, items: list[Node]) -> Mapping[str, Any]:
    return {"field": name, "kind": kind, "is": [_literal(item, kind) for item in items]}


def _tested(node: Node) -> Node:
    if isinstance(node, UnaryTest):
        if node.operator not in ("=", "in", ""):
            raise _NotShown(f"a test with {node.operator} is not judged in a page")
        return node.operand
    return node


def _literal(node: Node, kind: str) -> str:
    sign = ""
    if isinstance(node, Negation):
        node, sign = node.operand, "-"
    if not isinstance(node, Literal) or node.value is None:
        raise _NotShown("a field is compared with a value written out")
    value = node.value
    if not isinstance(value, _VALUES[kind]) or (sign and kind not in _NUMBERS):
        raise _NotShown(f"{value!r} is no value of such a field")
    return sign + _as_text(value)


def _names(data: Mapping[str, Any]) -> set[str]:
    if "field" in data:
        return {data["field"]}
    return {name for item in data.get("all") or data["any"] for name in _names(item)}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _holds(data: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    if "all" in data:
        return all(_holds(item, values) for item in data["all"])
    if "any" in data:
        return any(_holds(item, values) for item in data["any"])
    value = values.get(data["field"])
    if value is None or value == "":
        return False
    found = _comparable(value, data["kind"])
    if found is None:
        return False
    if "is" in data:
        return any(found == _comparable(item, data["kind"]) for item in data["is"])
    return _COMPARE[data["op"]](found, _comparable(data["value"], data["kind"]))


def _comparable(value: Any, kind: str) -> Any:
    if kind not in _NUMBERS:
        return _as_text(value)
    try:
        return None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None
