"""Cells of a decision table that need no interpretation: literals, comparisons, intervals, lists of them.

A simple cell is a set of values: a union of points and intervals, or its complement. The same sets
choose the rules at run time and are swept by the analysis.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.builtins import BUILTINS
from touchstone.kernel.feel.evaluation import CANNOT


@dataclass(frozen=True, slots=True)
class Span:
    """The values between two ends; an end that is None is open to that side.

    A point has equal ends, both included.
    """

    low: Any
    low_included: bool
    high: Any
    high_included: bool

    @property
    def point(self) -> bool:
        """Whether this is a single value."""
        return (
            self.low_included
            and self.high_included
            and self.low is not None
            and self.low == self.high
        )

    def holds(self, value: Any) -> bool:
        """Whether ``value``, which compares with the ends, lies between them."""
        if self.low is not None and not (
            self.low < value or (self.low_included and self.low == value)
        ):
            return False
        return self.high is None or value < self.high or (self.high_included and self.high == value)

    def ends(self) -> list[Any]:
        """The ends that are not open."""
        return [end for end in (self.low, self.high) if end is not None]


@dataclass(frozen=True, slots=True)
class Cell:
    """The values a simple cell accepts.

    Attributes:
        spans: points and intervals of one kind of value.
        null: whether null is listed.
        negated: whether it accepts all others instead.
        anything: ``-``.
    """

    spans: tuple[Span, ...] = ()
    null: bool = False
    negated: bool = False
    anything: bool = False

    @property
    def order(self) -> str:
        """The kind of its values, "" where it names none."""
        return next((order_of(end) for span in self.spans for end in span.ends()), "")

    def holds(self, value: Any) -> bool:
        """Whether it accepts a value that compares with its ends; null has rules of its own."""
        if self.anything:
            return True
        if value is None:
            return self.holds_null()
        return any(span.holds(value) for span in self.spans) is not self.negated

    def holds_null(self) -> bool:
        """Null equals null and nothing else; it compares with nothing, so ``not(< 5)`` is null."""
        if self.anything:
            return True
        if not self.negated:
            return self.null
        return not self.null and all(span.point for span in self.spans)


ANY_VALUE = Cell(anything=True)
_WRITTEN = frozenset(["date", "time", "date and time", "duration"])
_SINGLE = frozenset(
    [
        feel.NUMBER,
        feel.STRING,
        feel.BOOLEAN,
        feel.DATE,
        feel.TIME,
        feel.DATE_TIME,
        feel.DAYS_DURATION,
        feel.YEARS_DURATION,
    ]
)


def order_of(value: Any) -> str:
    """The kind of values among which ``value`` is ordered, "" where it has no place in an order."""
    kind = type(value)
    if kind is Decimal:
        return "number"
    if kind is str:
        return "string"
    if kind is bool:
        return "boolean"
    if kind is dt.date:
        return "date"
    if kind is dt.datetime:
        return "date and time" if value.tzinfo is None else "date and time with zone"
    if kind is dt.time:
        return "time" if value.tzinfo is None else ""
    if kind is dt.timedelta:
        return "days and time duration"
    if kind is feel.YearsMonths:
        return "years and months duration"
    return ""


def simple_cell(text: str, scope: Mapping[str, feel.Type]) -> Cell | None:
    """The cell as a set of values, None where it is free FEEL (or no FEEL at all)."""
    if text in ("", "-"):
        return ANY_VALUE
    parsed = feel.parse(text, names=scope, form="unary_tests")
    if not isinstance(parsed, tree.UnaryTests):
        return None
    listed = scope.get("?") in _SINGLE
    return _of_tests(parsed, listed)


def literal_value(text: str, scope: Mapping[str, feel.Type]) -> Any:
    """The value of an expression that is a literal, None where it is anything else."""
    parsed = feel.parse(text, names=scope)
    return constant(parsed) if isinstance(parsed, tree.Node) else None


def constants(text: str, scope: Mapping[str, feel.Type]) -> list[Any] | None:
    """The values that a list of literals names, in order; None where it is anything else."""
    cell = simple_cell(text, scope)
    if cell is None or cell.negated or cell.anything:
        return None
    if not all(span.point for span in cell.spans):
        return None
    return [span.low for span in cell.spans]


def _of_tests(node: tree.UnaryTests, listed: bool) -> Cell | None:
    """``listed``: a list of literals means one of them, the input being no list itself."""
    if not node.tests:
        return ANY_VALUE
    spans: list[Span] = []
    null = False
    tests = [part for test in node.tests for part in _flat(test, listed)]
    negated = node.negated
    if len(tests) == 1 and tests[0].operator == "!=" and not negated:
        tests, negated = [tree.UnaryTest(tests[0].offset, "=", tests[0].operand)], True
    for test in tests:
        if test.operator in ("in", "=") and _is_null(test.operand):
            null = True
            continue
        found = _of_test(test)
        if found is None:
            return None
        spans.extend(found)
    orders = {order_of(end) for span in spans for end in span.ends()}
    if len(orders) > 1 or "" in orders:
        return None
    return Cell(tuple(spans), null, negated)


def _flat(test: tree.Node, listed: bool) -> list[tree.UnaryTest]:
    """A test as the plain ones it consists of; one that is none of them stays as it is."""
    if not isinstance(test, tree.UnaryTest):
        return [tree.UnaryTest(test.offset, "in", test)]
    operand = test.operand
    if test.operator == "in":
        if listed and isinstance(operand, tree.ListOf) and operand.items:
            return [tree.UnaryTest(item.offset, "in", item) for item in operand.items]
        if isinstance(operand, tree.Comparison) and operand.left == tree.Name(
            operand.left.offset, "?"
        ):
            return [tree.UnaryTest(operand.offset, operand.operator, operand.right)]
    return [test]


def _is_null(node: tree.Node) -> bool:
    return isinstance(node, tree.Literal) and node.value is None


def _of_test(test: tree.UnaryTest) -> list[Span] | None:
    operand = test.operand
    if test.operator == "in" and isinstance(operand, tree.Interval):
        low, high = constant(operand.low), constant(operand.high)
        if low is None or high is None or order_of(low) != order_of(high) or high < low:
            return None
        return [Span(low, operand.low_included, high, operand.high_included)]
    value = constant(operand)
    if value is None:
        return None
    match test.operator:
        case "in" | "=":
            return [Span(value, True, value, True)]
        case "<":
            return [Span(None, False, value, False)]
        case "<=":
            return [Span(None, False, value, True)]
        case ">":
            return [Span(value, False, None, False)]
        case ">=":
            return [Span(value, True, None, False)]
    return None


def constant(node: tree.Node) -> Any:
    """The value of a literal, a negative number or a date, time or duration written as a call."""
    if isinstance(node, tree.Literal):
        return node.value
    if isinstance(node, tree.Negation):
        value = constant(node.operand)
        return -value if isinstance(value, (Decimal, dt.timedelta)) else None
    if isinstance(node, tree.Call) and node.name in _WRITTEN and len(node.arguments) == 1:
        text = constant(node.arguments[0])
        if isinstance(text, str):
            try:
                return BUILTINS[node.name].call(text)
            except CANNOT:
                return None
    return None
