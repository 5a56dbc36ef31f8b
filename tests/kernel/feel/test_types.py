"""Types from outside, coercion, what leaves FEEL, function values of the host, and the syntax tree."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.kernel.feel.values import NOW, value_of
from touchstone.kernel import feel
from touchstone.kernel.feel import syntax as tree

ONE = Decimal(1)
PERSON = feel.ContextOf({"name": feel.STRING, "age": feel.NUMBER})


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (ONE, feel.NUMBER, True),
        (True, feel.NUMBER, False),
        (None, feel.NUMBER, True),
        (dt.datetime(2026, 3, 2), feel.DATE, False),
        (dt.date(2026, 3, 2), feel.DATE, True),
        ([ONE], feel.LIST, True),
        ([ONE, "a"], feel.ListOf(feel.NUMBER), False),
        ([[ONE]], feel.ListOf(feel.ListOf(feel.NUMBER)), True),
        ({"name": "A", "age": ONE, "more": True}, PERSON, True),
        ({"name": "A"}, PERSON, False),
        ({"name": "A", "age": None}, PERSON, True),
        (feel.Range(ONE, ONE, True, True), feel.RangeOf(feel.NUMBER), True),
        (feel.Range("a", "b", True, True), feel.RangeOf(feel.NUMBER), False),
    ],
)
def test_a_value_conforms_to_its_type(value: Any, kind: feel.Type, expected: bool) -> None:
    assert feel.conforms(value, kind) is expected


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ([ONE], feel.NUMBER, ONE),
        ([ONE, ONE], feel.NUMBER, None),
        (ONE, feel.ListOf(feel.NUMBER), [ONE]),
        ("a", feel.ListOf(feel.NUMBER), None),
        (None, feel.ListOf(feel.NUMBER), None),
        (dt.date(2026, 3, 2), feel.DATE_TIME, dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
        ("a", feel.NUMBER, None),
        (["a"], feel.NUMBER, None),
        ({"name": "A"}, PERSON, None),
        (ONE, feel.ANY, ONE),
    ],
)
def test_a_value_is_coerced_or_null(value: Any, kind: feel.Type, expected: Any) -> None:
    assert feel.coerce(value, kind) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.50", Decimal("1.50")),
        ('[@"P1Y2M", {a: @"P1D"}]', ["P1Y2M", {"a": dt.timedelta(days=1)}]),
        ('@"-0044-03-15"', "-0044-03-15"),
        ('@"10:00:00.123456789"', "10:00:00.123456789"),
        ("[1..2)", "[1..2)"),
        ("(>= 3)", "(>=3)"),
        ("function(a, b) a", "function(a, b)"),
        ("null", None),
    ],
)
def test_what_leaves_is_plain(text: str, expected: Any) -> None:
    assert feel.host(value_of(text)) == expected


@pytest.mark.parametrize(
    "text",
    ['limit(9, "R3")', 'limit(grade: "R3", amount: 9)', 'for f in [limit] return f(9, "R3")[1]'],
)
def test_a_function_of_the_host_is_called_by_place_and_by_name(text: str) -> None:
    seen: list[Any] = []

    def call(run: feel.Run, amount: Any, grade: Any) -> Any:
        seen.append((amount, grade, run.now))
        return Decimal(7)

    limit = feel.FunctionValue(("amount", "grade"), (feel.NUMBER, feel.STRING), call, feel.NUMBER)
    kind = feel.FunctionOf((("amount", feel.NUMBER), ("grade", feel.STRING)), feel.NUMBER)
    for declared in (kind, feel.ANY):
        compiled = feel.compile(text, names={"limit": declared})
        assert isinstance(compiled, feel.Expression), compiled
        compiled.run({"limit": limit}, feel.Run(NOW))

    assert seen == [(Decimal(9), "R3", NOW)] * 2


def test_a_result_of_another_type_is_null() -> None:
    wrong = feel.FunctionValue((), (), lambda run: "text", feel.NUMBER)
    compiled = feel.compile("f()", names={"f": feel.ANY})
    assert isinstance(compiled, feel.Expression)

    assert compiled.run({"f": wrong}, feel.Run(NOW)) is None


def test_a_name_that_holds_no_function_leaves_the_built_in_of_that_name() -> None:
    compiled = feel.compile("count(count)", names={"count": feel.ANY})
    assert isinstance(compiled, feel.Expression)

    assert compiled.run({"count": [ONE, ONE]}, feel.Run(NOW)) == Decimal(2)


def test_problems_of_several_expressions_gather_in_one_run() -> None:
    run = feel.Run(NOW)
    for text in ("1 / 0", '"a" + 1'):
        compiled = feel.compile(text, names={})
        assert isinstance(compiled, feel.Expression)
        assert compiled.run({}, run) is None

    assert [english for _, english, _ in run.problems] == [
        "/: division by zero",
        "+: string and number do not add",
    ]


def test_the_tree_of_unary_tests_shows_intervals_comparisons_and_values() -> None:
    found = feel.parse('not(< 5, [7..9), "x", -3)', form="unary_tests")

    assert isinstance(found, tree.UnaryTests)
    assert found.negated
    less, interval, text, number = found.tests
    assert isinstance(less, tree.UnaryTest)
    assert (less.operator, less.operand) == ("<", tree.Literal(6, Decimal(5)))
    assert isinstance(interval, tree.UnaryTest)
    assert isinstance(interval.operand, tree.Interval)
    assert (interval.operand.low_included, interval.operand.high_included) == (True, False)
    assert isinstance(text, tree.UnaryTest)
    assert text.operand == tree.Literal(17, "x")
    assert isinstance(number, tree.UnaryTest)
    assert number.operand == tree.Literal(22, Decimal(-3))


def test_the_dash_is_no_test_at_all() -> None:
    found = feel.parse(" - ", form="unary_tests")

    assert isinstance(found, tree.UnaryTests)
    assert (found.tests, found.negated) == ((), False)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("not(1, 2)", 3, True),
        ("not(> 3)", 3, True),
        ("not(null)", 3, True),
        ("!= 3", 4, True),
        ("[1, 3]", 3, True),
        ("limit", 3, True),
        ("> limit - 1", 3, True),
        ("? > limit or ? = 3", 3, True),
        ("odd(?)", 3, True),
        ("not(odd(?)) or true", 3, True),
        ("limit > 2", 1, True),
        ("? in [3..4]", 3, True),
        ("every x in [1, 2] satisfies x < ?", 3, True),
    ],
)
def test_unary_tests_speak_of_the_input(text: str, value: int, expected: bool) -> None:
    compiled = feel.compile(text, names={"limit": feel.NUMBER}, form="unary_tests")
    assert isinstance(compiled, feel.Expression), compiled

    assert compiled.run({"?": Decimal(value), "limit": Decimal(3)}, feel.Run(NOW)) is expected
