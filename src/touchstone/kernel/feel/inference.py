"""The type a part of a text is bound to have, as far as the text itself tells; None where it does not.

Only what no input can change counts: an operator that may give null still gives nothing of another kind,
and null is of every type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel import types
from touchstone.kernel.feel.types import ContextOf, FunctionOf, ListOf, Type
from touchstone.kernel.feel.values import kind_of

_BOOLEAN = (tree.Comparison, tree.Logic, tree.Membership, tree.InstanceOf)
_RESULTS: Mapping[str, Type] = {
    **dict.fromkeys(
        (
            "string",
            "substring",
            "upper case",
            "lower case",
            "substring before",
            "substring after",
            "replace",
            "string join",
            "day of week",
            "month of year",
        ),
        types.STRING,
    ),
    **dict.fromkeys(
        (
            "number",
            "string length",
            "count",
            "product",
            "median",
            "stddev",
            "decimal",
            "floor",
            "ceiling",
            "round up",
            "round down",
            "round half up",
            "round half down",
            "modulo",
            "sqrt",
            "log",
            "exp",
            "day of year",
            "week of year",
        ),
        types.NUMBER,
    ),
    **dict.fromkeys(
        (
            "not",
            "contains",
            "starts with",
            "ends with",
            "matches",
            "list contains",
            "all",
            "any",
            "odd",
            "even",
            "is",
        ),
        types.BOOLEAN,
    ),
    "date": types.DATE,
    "today": types.DATE,
    "time": types.TIME,
    "date and time": types.DATE_TIME,
    "now": types.DATE_TIME,
    "years and months duration": types.YEARS_DURATION,
}


def type_of(node: tree.Node, names: Mapping[str, Type]) -> Type | None:
    """The type of ``node`` where ``names`` are of the types given."""
    if isinstance(node, _BOOLEAN) or (isinstance(node, tree.Iteration) and node.kind != "for"):
        return types.BOOLEAN
    build = _TYPES.get(type(node))
    return build(node, names) if build else None


def _literal(node: tree.Literal, names: Mapping[str, Type]) -> Type | None:
    return types.BY_NAME.get("Null" if node.value is None else kind_of(node.value))


def _name(node: tree.Name, names: Mapping[str, Type]) -> Type | None:
    found = names.get(node.name)
    return None if found == types.ANY else found


def _path(node: tree.Path, names: Mapping[str, Type]) -> Type | None:
    source = type_of(node.source, names)
    return source.members.get(node.name) if isinstance(source, ContextOf) else None


def _call(node: tree.Call, names: Mapping[str, Type]) -> Type | None:
    return _RESULTS.get(node.name)


def _negation(node: tree.Negation, names: Mapping[str, Type]) -> Type | None:
    return type_of(node.operand, names)


def _arithmetic(node: tree.Arithmetic, names: Mapping[str, Type]) -> Type | None:
    left, right = type_of(node.left, names), type_of(node.right, names)
    if types.NUMBER in (left, right) and (left == right or node.operator == "**"):
        return types.NUMBER
    return types.STRING if left == right == types.STRING and node.operator == "+" else None


def _if(node: tree.If, names: Mapping[str, Type]) -> Type | None:
    yes, no = type_of(node.yes, names), type_of(node.no, names)
    if yes == types.NULL:
        return no
    return yes if yes == no or no == types.NULL else None


def _list(node: tree.ListOf, names: Mapping[str, Type]) -> Type | None:
    kinds = [type_of(item, names) for item in node.items]
    first = kinds[0] if kinds else None
    return ListOf(first) if first is not None and all(kind == first for kind in kinds) else None


def _context(node: tree.ContextOf, names: Mapping[str, Type]) -> Type | None:
    seen, members = dict(names), {}
    for key, value in node.entries:
        kind = type_of(value, seen)
        members[key] = seen[key] = types.ANY if kind is None else kind
    return ContextOf(members)


def _function(node: tree.FunctionDefinition, names: Mapping[str, Type]) -> Type | None:
    if node.body is None:
        return None
    result = type_of(node.body, {**names, **dict(node.parameters)})
    return None if result is None else FunctionOf(node.parameters, result)


_TYPES: Mapping[type[tree.Node], Callable[[Any, Mapping[str, Type]], Type | None]] = {
    tree.Literal: _literal,
    tree.Name: _name,
    tree.Path: _path,
    tree.Call: _call,
    tree.Negation: _negation,
    tree.Arithmetic: _arithmetic,
    tree.If: _if,
    tree.ListOf: _list,
    tree.ContextOf: _context,
    tree.FunctionDefinition: _function,
}
