"""FEEL gives the values of the specification, null with a reason otherwise, and never breaks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from touchstone.kernel import feel

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
NAMES = {
    "a": feel.NUMBER,
    "b": feel.NUMBER,
    "s": feel.STRING,
    "flag": feel.BOOLEAN,
    "opened": feel.DATE,
    "items": feel.LIST,
    "customer": feel.CONTEXT,
    "monthly income": feel.NUMBER,
    "月收入": feel.NUMBER,
    "credit score": feel.NUMBER,
}
VALUES = {
    "a": 2,
    "b": Decimal("0.5"),
    "s": "loan",
    "flag": True,
    "opened": "2026-02-28",
    "items": [1, 2, 3],
    "customer": {"age": 30, "name": "张三"},
    "monthly income": "8000.00",
    "月收入": 9000,
    "credit score": None,
}


def evaluate(text: str, **more: Any) -> Any:
    compiled = feel.compile(text, names=NAMES)
    assert isinstance(compiled, feel.Expression), compiled
    return compiled.evaluate({**VALUES, **more}, now=NOW).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", Decimal(3)),
        ("2 ** 3 - -1", Decimal(9)),
        ("(a + 1) / 4", Decimal("0.75")),
        ("0.1 + 0.2 = 0.3", True),
        ("a / 0", None),
        ("a + null", None),
        ('"x" + s', "xloan"),
        ("a < 3 and flag", True),
        ("a > 3 or null", None),
        ("a < 3 or null", True),
        ("false and null", False),
        ("credit score = null", True),
        ("credit score > 600", None),
        ('a = "2"', None),
        ("monthly income + 月收入", Decimal(17000)),
        ('if a > 1 then "yes" else "no"', "yes"),
        ("if null then 1 else 2", Decimal(2)),
        ("a between 1 and 2", True),
        ("a in [1..2)", False),
        ("a in (1, 2, 3)", True),
        ("a in (> 5, 2)", True),
        ('s in ("loan", "card")', True),
        ("customer.age >= 18", True),
        ("customer.nothing", None),
        ("items[1]", Decimal(1)),
        ("items[-1]", Decimal(3)),
        ("items[item > 1]", [Decimal(2), Decimal(3)]),
        ("count(items[item > 1])", Decimal(2)),
        ("some x in items satisfies x > 2", True),
        ("every x in items satisfies x > 2", False),
        ("for x in items return x * 2", [Decimal(2), Decimal(4), Decimal(6)]),
        ("for x in 1..3 return x", [Decimal(1), Decimal(2), Decimal(3)]),
        ("{x: a, y: x + 1}.y", Decimal(3)),
        ("sum(items) + max(1, 5) - min(items)", Decimal(10)),
        ("not(flag)", False),
        ('string length("贷款")', Decimal(2)),
        ('contains("home loan", s)', True),
        ('substring("abc", 2)', "bc"),
        ('opened + duration("P1M")', dt.date(2026, 3, 28)),
        ('date("2026-03-31") + duration("P1M")', dt.date(2026, 4, 30)),
        ('@"2026-03-02" - opened', dt.timedelta(days=2)),
        ("opened.year", Decimal(2026)),
        ("today()", dt.date(2026, 3, 2)),
        ('duration("P2DT3H").hours', Decimal(3)),
        ("decimal(1.005, 2)", Decimal("1.00")),
        ("1 /* a comment */ + 1 // end", Decimal(2)),
    ],
)
def test_an_expression_has_the_value_of_the_specification(text: str, expected: Any) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("< 5", 3, True),
        ("[1..3], 7", 7, True),
        ("not(1, 2)", 3, True),
        ("-", 3, True),
        ('"x"', 3, None),
        ("? > 2 and ? < 4", 3, True),
        ("null", None, True),
    ],
)
def test_unary_tests_judge_the_input(text: str, value: Any, expected: Any) -> None:
    compiled = feel.compile(text, names={}, form="unary_tests")

    assert isinstance(compiled, feel.Expression), compiled
    assert compiled.evaluate({"?": value}, now=NOW).value is expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a +", "feel.syntax"),
        ("a b", "feel.syntax"),
        ('"open', "feel.syntax"),
        ("unknown > 1", "feel.unknown_name"),
        ("a instance of nothing", "feel.unknown_type"),
        ("count()", "feel.arguments"),
        ("count(lst: items)", "feel.arguments"),
        ("__import__(1)", "feel.unknown_name"),
        ("(" * 5000 + "1" + ")" * 5000, "feel.syntax"),
        ("1" * 70_000, "feel.syntax"),
    ],
)
def test_what_cannot_run_is_refused_with_its_place(text: str, code: str) -> None:
    problems = feel.compile(text, names=NAMES, file="x.yaml", line=7)

    assert isinstance(problems, tuple)
    assert [(problem.code, problem.file, problem.line) for problem in problems] == [
        (code, "x.yaml", 7)
    ]


def test_a_null_says_why() -> None:
    compiled = feel.compile("a + s", names=NAMES)
    assert isinstance(compiled, feel.Expression)

    result = compiled.evaluate(VALUES, now=NOW)

    assert result.value is None
    assert "do not add" in result.problems[0]


def test_a_float_is_not_taken_for_a_number() -> None:
    compiled = feel.compile("a", names=NAMES)
    assert isinstance(compiled, feel.Expression)

    result = compiled.evaluate({"a": 1.5}, now=NOW)

    assert (result.value, len(result.problems)) == (None, 1)


def test_host_functions_get_the_instant_when_they_ask() -> None:
    function = feel.Function("parameter", lambda now, name: f"{name}@{now:%Y}", 1, 1, True)
    compiled = feel.compile('parameter("x.y")', names={}, functions={"parameter": function})
    assert isinstance(compiled, feel.Expression)

    assert compiled.evaluate({}, now=NOW).value == "x.y@2026"
    assert compiled.functions == {"parameter"}


def test_an_endless_walk_is_stopped() -> None:
    text = "count(for x in 1..1000, y in 1..1000 return x)"

    assert evaluate(text) is None


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet='ab1 .,()[]{}<>=+-*/"@?:不not if then else for in return null', max_size=40)
)
def test_no_text_breaks_the_compiler(text: str) -> None:
    for form in ("expression", "unary_tests"):
        compiled = feel.compile(text, names=NAMES, form=form)  # type: ignore[arg-type]
        if isinstance(compiled, feel.Expression):
            compiled.evaluate({**VALUES, "?": 1}, now=NOW)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_a_number_survives_its_text(value: Decimal) -> None:
    assert evaluate(format(value, "f")) == value
