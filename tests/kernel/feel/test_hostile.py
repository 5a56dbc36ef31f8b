"""No text raises, hangs or fills the memory: by examples of each attack, and by chance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.feel.values import NOW, why_null
from touchstone.kernel import feel
from touchstone.kernel.feel.builtins import BUILTINS
from touchstone.kernel.feel.limits import MAX_STEPS

TOO_MUCH = {
    "count(for x in 1..2000, y in 1..2000 return null)": "the evaluation takes too many steps",
    'for i in 1..60 return if i = 1 then "a" else partial[-1] + partial[-1]': "a string grows too long",
    "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]": "a list or context grows too large",
    "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])": "a list or context grows too large",
    "for i in 1..9000 return [partial[-1]]": "a list or context grows too large",
    "for i in 1..1E30 return i": "a range is too long to walk",
    'for d in @"0001-01-01"..@"9999-01-01" return d': "a range is too long to walk",
    "{f: function(x) f(x), r: f(1)}.r": "functions call each other too deep",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(35)}.r": "the evaluation takes too many steps",
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|a)*$")': "a regular expression takes too long",
    'matches("a", "((a{9999}){9999}){9999}")': "matches: no regular expression of XPath",
    'replace(string join(for i in 1..9000 return "a"), "a", string join(for i in 1..9000 return "b"))': "a string grows too long",
    'string join(for i in 1..100000 return "aaaaaaaaaaaaaaaaaaaa")': "a string grows too long",
    "10 ** 7000": "**: the result is out of range",
    "exp(100000)": "exp: the result is out of range",
    'substring("a", 1E6000)': "substring: there is no such position",
}


@pytest.mark.parametrize(("text", "why"), TOO_MUCH.items(), ids=range(len(TOO_MUCH)))
def test_an_evaluation_ends_within_its_limits(text: str, why: str) -> None:
    assert why_null(text) == why


def test_work_is_counted_over_all_expressions_of_one_run() -> None:
    run = feel.Run(NOW)
    compiled = feel.compile("count(for x in 1..1000, y in 1..300 return null)", names={})
    assert isinstance(compiled, feel.Expression)

    values = [compiled.run({}, run) for _ in range(1 + MAX_STEPS // 300_000)]

    assert values[0] == 300_000
    assert values[-1] is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "[" * 500,
        "{a:" * 500,
        "-" * 60_000 + "1",
        "1" + "+1" * 30_000,
        "1" * 70_000,
        "if true then " * 200,
        "a in (" * 60,
        "x instance of " + "list<" * 400,
        "function(" * 60,
        "for a in " * 200,
        "f(" * 500,
        "[1.." * 50 + "[" * 50,
        "/*" * 30_000,
        '"' + "\\" * 1001,
        "a " * 30_000,
    ],
    ids=range(16),
)
def test_reading_ends_within_its_limits(text: str) -> None:
    for form in FORMS:
        compiled = feel.compile(text, names={"a": feel.ANY}, form=form, strict=False)
        if isinstance(compiled, feel.Expression):
            compiled.evaluate({}, now=NOW)
        else:
            assert compiled[0].code.startswith("feel.")


FORMS: tuple[Literal["expression", "unary_tests"], ...] = ("expression", "unary_tests")
PIECES = [
    *[
        "1",
        "2",
        "0.5",
        "a",
        "b",
        "客户",
        "x",
        "?",
        "null",
        "true",
        "false",
        "not(",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "..",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "and",
        "or",
    ],
    *[
        "if",
        "then",
        "else",
        "for",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance",
        "of",
        "function(",
        "external",
        "partial",
        "item",
    ],
    *[
        "for x in ",
        "return ",
        '"a"',
        '"b\\n"',
        '@"2026-03-02"',
        '@"P1D"',
        '@"10:00:00Z"',
        "->",
        "list<",
        "number>",
    ],
    *[
        "count(",
        "sum(",
        "sort(",
        "matches(",
        "replace(",
        "split(",
        "date(",
        "string(",
        "flatten(",
        "range(",
    ],
    *[
        "context put(",
        "before(",
        "{a: ",
        "a: ",
        "[1..",
        "..3]",
        "]",
        "//",
        "/*",
        "*/",
        "\n",
        "\\",
        "🐎",
        "1E999",
    ],
]
NAMES = {"a": feel.NUMBER, "b": feel.ANY, "客户": feel.CONTEXT}
GIVEN: dict[str, Any] = {"a": 2, "b": [1, {"x": "y"}], "客户": {"x": Decimal(1)}, "?": 3}


def survives(text: str) -> None:
    for form in FORMS:
        for strict in (True, False):
            compiled = feel.compile(text, names=NAMES, form=form, strict=strict)
            if isinstance(compiled, feel.Expression):
                result = compiled.evaluate(GIVEN, now=NOW)
                feel.host(result.value)
                feel.text_of(result.value)
            else:
                assert all(problem.text_zh and problem.text_en for problem in compiled)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_pieces_of_the_language_in_any_order_break_nothing(pieces: list[str]) -> None:
    survives(" ".join(pieces))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40))
def test_no_characters_break_anything(text: str) -> None:
    survives(text)


ATOMS = st.sampled_from(
    [
        *["null", "true", "1", "-2.5", '"ab"', "a", "b", "客户.x", "[]", '"(a"', "[null]", "abs"],
        *[
            '@"10:00:00"',
            '@"2026-03-02T10:00:00@Europe/Paris"',
            '@"2026-03-02"',
            '@"P1M"',
            '@"PT1H"',
        ],
        *["[1, 2]", "{x: 1}", "[1..3]", "(> 2)", "(function(x) x)", '@"-0044-03-15"'],
        *['@"10:00:00.123456789"', '@"12345-01-01T00:00:00@Asia/Shanghai"'],
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    operators = ["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in"]
    return st.one_of(
        st.tuples(pair, st.sampled_from(operators)).map(lambda p: f"({p[0][0]} {p[1]} {p[0][1]})"),
        st.tuples(st.sampled_from(sorted(BUILTINS)), st.lists(inner, max_size=4)).map(
            lambda p: f"{p[0]}({', '.join(p[1])})"
        ),
        pair.map(lambda p: f"{p[0]}[{p[1]}]"),
        pair.map(lambda p: f"(for x in {p[0]} return {p[1]})"),
        pair.map(lambda p: f"(some x in {p[0]} satisfies {p[1]})"),
        pair.map(lambda p: f"[{p[0]}..{p[1]})"),
        pair.map(lambda p: f"(function(x) {p[0]})({p[1]})"),
        inner.map(lambda one: f"{{x: {one}}}.x"),
        inner.map(lambda one: f"(if {one} then {one} else 1)"),
        inner.map(lambda one: f"({one} instance of number)"),
        st.tuples(inner, st.sampled_from(["x", "year", "start", "days", "time offset"])).map(
            ".".join
        ),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(ATOMS, _grown, max_leaves=8))
def test_well_formed_expressions_over_all_kinds_give_a_value_or_null(text: str) -> None:
    compiled = feel.compile(text, names=NAMES, strict=False)
    assert isinstance(compiled, feel.Expression), (text, compiled)
    result = compiled.evaluate(GIVEN, now=NOW)

    feel.host(result.value)
    feel.text_of(result.value)
