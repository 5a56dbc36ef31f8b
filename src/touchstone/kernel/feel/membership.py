"""Closures that test: ``in``, ``between`` and the unary tests of an input."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.evaluation import COMPARE, EXACT, EXACT_KINDS, Builder, builds
from touchstone.kernel.feel.run import Closure, Names, Run
from touchstone.kernel.feel.values import contains, equal


def _mentions_input(node: tree.Node) -> bool:
    if isinstance(node, tree.UnaryTest) and isinstance(node.operand, tree.Literal):
        return False
    return any(isinstance(part, tree.Name) and part.name == "?" for part in tree.walk(node))


def _membership(builder: Builder, node: tree.Membership) -> Closure:
    value = builder.build(node.value)
    if any(_mentions_input(test) for test in node.tests):
        tests = [builder.build(test) for test in node.tests]
        return lambda names, run: _one_holds(tests, {**names, "?": value(names, run)}, run)
    testers = [tester(builder, test) for test in node.tests]
    if len(testers) == 1:
        only = testers[0]
        return lambda names, run: only(value(names, run), names, run)

    def member(names: Names, run: Run) -> bool | None:
        found = value(names, run)
        unknown = False
        for test in testers:
            result = test(found, names, run)
            if result is True:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return member


Tester = Callable[[Any, Names, Run], bool | None]


def tester(builder: Builder, node: tree.Node) -> Tester:
    """One unary test that does not speak of its input by name, as a test of a value."""
    assert isinstance(node, tree.UnaryTest)
    operand, operator = builder.build(node.operand), node.operator
    if operator != "in":
        compare, exact = COMPARE[operator], EXACT[operator]

        def compared(value: Any, names: Names, run: Run) -> bool | None:
            other = operand(names, run)
            kind = type(value)
            if kind is type(other) and kind in EXACT_KINDS:
                return exact(value, other)
            return compare(value, other)

        return compared
    if isinstance(node.operand, tree.Literal):
        constant = node.operand.value
        return lambda value, names, run: equal(constant, value)
    if isinstance(node.operand, tree.Interval):
        return _between(builder, node.operand, operand)
    condition = isinstance(node.operand, tree.Comparison | tree.Logic | tree.Membership)

    def within(value: Any, names: Names, run: Run) -> bool | None:
        test = operand(names, run)
        if condition and isinstance(test, bool) and not isinstance(value, bool):
            return test
        if type(test) is list:
            run.charge(run.weight(test))
        return contains(test, value)

    return within


def _between(builder: Builder, node: tree.Interval, interval: Closure) -> Tester:
    """A range as a test; between two numbers it is not made into a value first."""
    low, high = builder.build(node.low), builder.build(node.high)
    above = operators.ge if node.low_included else operators.gt
    below = operators.le if node.high_included else operators.lt
    plain = isinstance(node.low, tree.Literal) and isinstance(node.high, tree.Literal)

    def between(value: Any, names: Names, run: Run) -> bool | None:
        if plain and type(value) is Decimal:
            first, last = low(names, run), high(names, run)
            if type(first) is Decimal and type(last) is Decimal:
                return bool(above(value, first) and below(value, last))
        test = interval(names, run)
        return None if test is None else contains(test, value)

    return between


def _unary_test(builder: Builder, node: tree.UnaryTest) -> Closure:
    if not _mentions_input(node):
        test = tester(builder, node)
        return lambda names, run: test(names.get("?"), names, run)
    operand = builder.build(node.operand)
    if node.operator != "in":
        compare = COMPARE[node.operator]
        return lambda names, run: compare(names.get("?"), operand(names, run))

    def holds(names: Names, run: Run) -> bool | None:
        value = operand(names, run)
        if value is None or isinstance(value, bool):
            return value
        return contains(value, names.get("?"))

    return holds


def _unary_tests(builder: Builder, node: tree.UnaryTests) -> Closure:
    tests = [builder.build(test) for test in node.tests]
    if not tests:
        return lambda names, run: True
    if len(tests) == 1 and not node.negated:
        return tests[0]
    if not node.negated:
        return lambda names, run: _one_holds(tests, names, run)

    def none_holds(names: Names, run: Run) -> bool | None:
        result = _one_holds(tests, names, run)
        return None if result is None else not result

    return none_holds


def _one_holds(tests: list[Closure], names: Names, run: Run) -> bool | None:
    unknown = False
    for test in tests:
        result = test(names, run)
        if result is True:
            return True
        unknown = unknown or result is None
    return None if unknown else False


builds(tree.Membership, _membership)
builds(tree.UnaryTest, _unary_test)
builds(tree.UnaryTests, _unary_tests)
