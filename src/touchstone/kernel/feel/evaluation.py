"""The tree as closures. Every closure takes the names and the run, and gives a FEEL value."""

from __future__ import annotations

import datetime as dt
import operator as operators
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.arithmetic import NUMBERS, compute, negate
from touchstone.kernel.feel.conformity import instance_of
from touchstone.kernel.feel.properties import property_of
from touchstone.kernel.feel.run import Closure, Names, Run
from touchstone.kernel.feel.temporal import LongDuration, YearsMonths
from touchstone.kernel.feel.values import (
    FeelError,
    Function,
    Range,
    equal,
    kind_of,
    less,
)

CANNOT = (FeelError, DecimalException, OverflowError, ValueError)
"""What a computation raises where it has no value."""

EXACT: dict[str, Callable[[Any, Any], bool]] = {
    "=": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
EXACT_KINDS = frozenset({Decimal, str, YearsMonths, LongDuration, dt.date, dt.timedelta})
"""Kinds whose values Python compares as FEEL does; times and instants are not among them."""


class Builder:
    """Makes closures from nodes.

    Attributes:
        functions: the functions that can be called by name.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions

    def build(self, node: tree.Node) -> Closure:
        """The closure of ``node``."""
        return _BUILDERS[type(node)](self, node)


def _literal(builder: Builder, node: tree.Literal) -> Closure:
    value = node.value
    return lambda names, run: value


def constant_of(builder: Builder, node: tree.Node) -> Any:
    """The value of a literal, or of a date, time or duration made of one; None of anything else."""
    if isinstance(node, tree.Literal):
        return node.value
    if isinstance(node, tree.Call) and node.name in _MAKERS and not node.named:
        parts = [part.value for part in node.arguments if isinstance(part, tree.Literal)]
        if len(parts) == len(node.arguments):
            try:
                return builder.functions[node.name].call(*parts)
            except CANNOT:
                return None
    return None


_MAKERS = frozenset({"date", "time", "date and time", "duration"})


def _fault(builder: Builder, node: tree.Fault) -> Closure:
    return lambda names, run: run.fail(node.offset, node.english, node.chinese)


def _name(builder: Builder, node: tree.Name) -> Closure:
    name = node.name
    return lambda names, run: names.get(name)


def _path(builder: Builder, node: tree.Path) -> Closure:
    source, name, offset = builder.build(node.source), node.name, node.offset

    def rest(value: Any, run: Run) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            run.charge(len(value))
            return [rest(item, run) for item in value]
        try:
            return property_of(value, name)
        except FeelError as error:
            return run.failed(offset, error)

    if isinstance(node.source, tree.Name):
        first = node.source.name

        def member(names: Names, run: Run) -> Any:
            value = names.get(first)
            return value.get(name) if type(value) is dict else rest(value, run)

        return member

    def path(names: Names, run: Run) -> Any:
        value = source(names, run)
        return value.get(name) if type(value) is dict else rest(value, run)

    return path


def _negation(builder: Builder, node: tree.Negation) -> Closure:
    operand, offset = builder.build(node.operand), node.offset

    def opposite(names: Names, run: Run) -> Any:
        value = operand(names, run)
        if value is None:
            return None
        try:
            return negate(value)
        except CANNOT as error:
            return run.failed(offset, error)

    return opposite


def _arithmetic(builder: Builder, node: tree.Arithmetic) -> Closure:
    left, right = builder.build(node.left), builder.build(node.right)
    operator, offset = node.operator, node.offset
    numbers = NUMBERS[operator]

    def calculate(names: Names, run: Run) -> Any:
        first, second = left(names, run), right(names, run)
        try:
            if type(first) is Decimal and type(second) is Decimal:
                return numbers(first, second)
            if first is None or second is None:
                return run.fail(offset, f"{operator} with null", f"{operator}遇空值")
            value = compute(operator, first, second)
            return run.text(value) if type(value) is str else value
        except CANNOT as error:
            return run.failed(offset, error, operator)

    return calculate


def _comparison(builder: Builder, node: tree.Comparison) -> Closure:
    left, right = builder.build(node.left), builder.build(node.right)
    operator, offset = node.operator, node.offset
    test, exact = COMPARE[operator], EXACT[operator]

    def slow(first: Any, second: Any, run: Run) -> Any:
        for side in (first, second):
            if type(side) is list or type(side) is dict:
                run.charge(run.weight(side))
        result = test(first, second)
        if result is None and first is not None and second is not None:
            kinds = f"{kind_of(first)} {operator} {kind_of(second)}"
            run.fail(offset, f"{kinds} does not compare", f"{kinds}无法比较")
        return result

    constant = constant_of(builder, node.right)
    kind = type(constant)
    if kind in EXACT_KINDS or (kind is bool and operator in ("=", "!=")):

        def against(names: Names, run: Run) -> Any:
            first = left(names, run)
            return exact(first, constant) if type(first) is kind else slow(first, constant, run)

        return against

    def compare(names: Names, run: Run) -> Any:
        first, second = left(names, run), right(names, run)
        kind = type(first)
        if kind is type(second) and kind in EXACT_KINDS:
            return exact(first, second)
        return slow(first, second, run)

    return compare


def _logic(builder: Builder, node: tree.Logic) -> Closure:
    operands = [builder.build(operand) for operand in node.operands]
    decisive: Any = node.operator == "or"
    other: Any = not decisive
    if len(operands) == 2:
        left, right = operands

        def both(names: Names, run: Run) -> Any:
            first = left(names, run)
            if first is decisive:
                return decisive
            second = right(names, run)
            if second is decisive:
                return decisive
            return other if first is other and second is other else None

        return both

    def combine(names: Names, run: Run) -> Any:
        unknown = False
        for operand in operands:
            value = operand(names, run)
            if value is decisive:
                return decisive
            unknown = unknown or value is not other
        return None if unknown else other

    return combine


def _interval(builder: Builder, node: tree.Interval) -> Closure:
    low, high, offset = builder.build(node.low), builder.build(node.high), node.offset
    included = node.low_included, node.high_included

    def interval(names: Names, run: Run) -> Any:
        first, second = low(names, run), high(names, run)
        if first is not None and second is not None and less(first, second) is None:
            kinds = f"{kind_of(first)}..{kind_of(second)}"
            return run.fail(offset, f"{kinds} is no range", f"{kinds}不成区间")
        return Range(first, second, *included)

    return interval


def _unary_range(builder: Builder, node: tree.UnaryRange) -> Closure:
    operand, operator = builder.build(node.operand), node.operator
    included = operator in ("<=", ">=", "=")

    def unary_range(names: Names, run: Run) -> Range:
        end = operand(names, run)
        if operator in ("<", "<="):
            return Range(None, end, False, included, operator)
        if operator in (">", ">="):
            return Range(end, None, included, False, operator)
        return Range(end, end, included, included, operator)

    return unary_range


def _instance(builder: Builder, node: tree.InstanceOf) -> Closure:
    value, kind = builder.build(node.value), node.type

    def instance(names: Names, run: Run) -> bool:
        found = value(names, run)
        if type(found) is list or type(found) is dict:
            run.charge(run.weight(found))
        return instance_of(found, kind)

    return instance


def _list(builder: Builder, node: tree.ListOf) -> Closure:
    items = [builder.build(item) for item in node.items]
    return lambda names, run: run.made([item(names, run) for item in items])


def _context(builder: Builder, node: tree.ContextOf) -> Closure:
    entries = [(key, builder.build(value)) for key, value in node.entries]

    def make(names: Names, run: Run) -> Any:
        made: dict[str, Any] = {}
        seen = dict(names)
        for key, value in entries:
            made[key] = seen[key] = value(seen, run)
        return run.made(made)

    return make


def _if(builder: Builder, node: tree.If) -> Closure:
    condition, yes, no = (builder.build(part) for part in (node.condition, node.yes, node.no))
    return lambda names, run: (yes if condition(names, run) is True else no)(names, run)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _at_most(left: Any, right: Any) -> bool | None:
    smaller = less(left, right)
    return equal(left, right) if smaller is False else smaller


COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": lambda left, right: _not(equal(left, right)),
    "<": less,
    "<=": _at_most,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: _at_most(right, left),
}
_BUILDERS: dict[type[tree.Node], Callable[[Builder, Any], Closure]] = {
    tree.Literal: _literal,
    tree.Fault: _fault,
    tree.Name: _name,
    tree.Path: _path,
    tree.Negation: _negation,
    tree.Arithmetic: _arithmetic,
    tree.Comparison: _comparison,
    tree.Logic: _logic,
    tree.Interval: _interval,
    tree.UnaryRange: _unary_range,
    tree.InstanceOf: _instance,
    tree.ListOf: _list,
    tree.ContextOf: _context,
    tree.If: _if,
}


def builds(kind: type[tree.Node], build: Callable[[Builder, Any], Closure]) -> None:
    """Let another module build one kind of node."""
    _BUILDERS[kind] = build
