"""The grammar: names, iterations, filters, functions, ranges and types."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.kernel.feel.values import NOW, shown, why_null
from touchstone.kernel import feel

LOANS = [
    {"id": "A", "loan amount": Decimal(5), "days-late": Decimal(0)},
    {"id": "B", "loan amount": Decimal(9), "days-late": Decimal(31)},
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{net pay: 5, twice: net pay * 2}.twice", "10"),
        ("{a: 9, b: 4, a-b: 7, c: a-b}.c", "7"),
        ("{a: 9, b: 4, c: a - b}.c", "5"),
        ("{a: 9, b: 4, a-b: 7, c: a - b}.c", "7"),
        ("{a: 9, b: 4, a-b: 7, c: (a)-(b)}.c", "5"),
        ("{a: 9, a-bc: 7, b: 4, c: a-b}.c", "5"),
        ("{p  /  q: 3, r: p/q + 1}.r", "4"),
        ("{date and time: 1, later: date and time + 1}.later", "2"),
        ("{月 收入: 3, 年收入: 月 收入 * 12}.年收入", "36"),
        ('{"any (text)!": 1}', '{"any (text)!": 1}'),
        ("{a b: {c d: 7}}.a b.c d", "7"),
        ("{for: 1}.for", "1"),
        ("{inside: 1, 🐎: 2}.🐎", "2"),
        ("for the one in [1, 2] return the one + 1", "[2, 3]"),
        ("{f: function(a b, c) a b - c, r: f(5, 3)}.r", "2"),
    ],
)
def test_names_hold_spaces_signs_and_chinese(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loans[loan amount > 6].id", '["B"]'),
        ("loans[days-late > 30].loan amount", "[9]"),
        ("loans.loan amount[1]", "5"),
        ("sum(loans.loan amount)", "14"),
        ("loans[item.id = wanted].loan amount[1]", "9"),
        ("loans[-1].id", '"B"'),
        ("count(loans[id = wanted])", "1"),
    ],
)
def test_members_are_in_scope_of_a_filter(text: str, expected: str) -> None:
    names = {
        "loans": feel.ListOf(
            feel.ContextOf(
                {"id": feel.STRING, "loan amount": feel.NUMBER, "days-late": feel.NUMBER}
            )
        ),
        "wanted": feel.STRING,
    }
    compiled = feel.compile(text, names=names)
    assert isinstance(compiled, feel.Expression), compiled

    found = compiled.run({"loans": LOANS, "wanted": "B"}, feel.Run(NOW))

    assert feel.text_of(found, inside=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in 1..3 return i * i", "[1, 4, 9]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in [1..3) return i", "[1, 2]"),
        ("for i in 1..2, j in i..2 return [i, j]", "[[1, 1], [1, 2], [2, 2]]"),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", "[1, 2, 6, 24]"),
        ("for i in 1..3 return count(partial)", "[0, 1, 2]"),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', "[28, 29, 1]"),
        ("for x in [{k: [1, 2]}, {k: [3]}], y in x.k return y", "[1, 2, 3]"),
        ("for x in 7 return x", "[7]"),
        ("for x in null return x", "null"),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
        ("some x in [null, false] satisfies x", "null"),
        ("some x in [] satisfies true", "false"),
        ("every x in [] satisfies false", "true"),
        ("every x in [true, null] satisfies x", "null"),
        ("every x in [null, false] satisfies x", "false"),
        ("for f in [function(x) x + 1, function(x) x * 9] return f(2)", "[3, 18]"),
        ("(for i in 1..3 return function(x) x + i)[2](10)", "12"),
    ],
)
def test_iterations_walk_lists_and_ranges(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[4, 5, 6][2]", "5"),
        ("[4, 5, 6][-1]", "6"),
        ("[4, 5, 6][0]", "null"),
        ("[4, 5, 6][1 + 1]", "5"),
        ("[][n]", "null"),
        ("[4, 5, 6][item > 4]", "[5, 6]"),
        ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"),
        ("[{a: 1}, {b: 2}][b = 2]", "[{b: 2}]"),
        ("[1, null, 2][item = null]", "[null]"),
        ("5[true]", "[5]"),
        ("5[1]", "5"),
        ("null[item > 1]", "[]"),
        ("[[1, 2], [3]][1][2]", "2"),
        ('[1, 2]["a"]', "null"),
    ],
)
def test_filters_choose_by_condition_or_place(text: str, expected: str) -> None:
    assert shown(text, n=Decimal(1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a - b)(5, 3)", "2"),
        ("(function(a, b) a - b)(b: 5, a: 3)", "-2"),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"),
        ("{k: 3, f: function(x) x * k, r: {k: 100, s: f(2)}.s}.r", "6"),
        ("(function(a: number) a)([4])", "4"),
        ("(function(a: list<number>) count(a))(4)", "1"),
        ('(function(a: number) a)("x")', "null"),
        ("(function(a: number) a)(null)", "null"),
        ("(function(a) a)()", "null"),
        ("(function(a) a)(b: 1)", "null"),
        ("(function(a, b) [a, b])(b: 1)", "[null, 1]"),
        ("(function(a, b) [a, b])(a: 1)", "[1, null]"),
        ("{f: abs, r: f(-3)}.r", "3"),
        ('{f: string length, r: f("abc")}.r', "3"),
        ("(function(f, x) f(f(x)))(function(y) y + 1, 5)", "7"),
        ("5(1)", "null"),
        ("null()", "null"),
        ('(function(x) external {java: {class: "java.lang.Math"}})(1)', "null"),
    ],
)
def test_functions_are_values(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1..5].start", "1"),
        ("[1..5).end included", "false"),
        ("]1..5[.start included", "false"),
        ("(< 5).end", "5"),
        ("(>= 5).start included", "true"),
        ("3 in [1..5]", "true"),
        ("5 in [1..5[", "false"),
        ("3 in (> 2)", "true"),
        ("3 in (!= 3)", "false"),
        ("3 in [> 5, 3]", "true"),
        ("3 in ([1..2], [3..4])", "true"),
        ("3 in [null..4]", "null"),
        ("5 in [null..4]", "false"),
        ("[1..3] = [1..3]", "true"),
        ("(< 3) = (< 3)", "true"),
        ("[1..3] = [1..3)", "false"),
        ('[1.."a"]', "null"),
        ("1 in 1 + 0", "true"),
        ('"b" in ["a".."c"]', "true"),
        ("2 between 1 and 3", "true"),
        ("1 between 2 and null", "false"),
        ("null between 1 and 2", "null"),
        ("true in [false, 2]", "false"),
    ],
)
def test_ranges_are_values(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 instance of number", True),
        ("-1 instance of number", True),
        ("null instance of number", False),
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("[1] instance of list<number>", True),
        ("[1] instance of list<string>", False),
        ("[] instance of list<string>", True),
        ("{a: 1} instance of context<a: number>", True),
        ("{a: 1} instance of context<a: number, b: string>", False),
        ("{a: {b c: 1}} instance of context<a: context<b c: number>>", True),
        ("[1..2] instance of range<number>", True),
        ("[1..2] instance of range<date>", False),
        ('@"P1M" instance of years and months duration', True),
        ('@"P1D" instance of days and time duration', True),
        ('@"2026-01-01" instance of date and time', False),
        ("(function(a: number) a + 1) instance of function<number> -> number", True),
        ('(function(a: number) "x") instance of function<number> -> number', False),
        ("(function() 1) instance of function<number> -> number", False),
        ("1 instance of amount", True),
        ('"x" instance of amount', False),
    ],
)
def test_types_are_asked_for(text: str, expected: bool) -> None:
    compiled = feel.compile(text, names={}, types={"amount": feel.NUMBER})
    assert isinstance(compiled, feel.Expression), compiled

    assert compiled.run({}, feel.Run(NOW)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2 ** 2", "4"),
        ("2 ** 3 ** 2", "64"),
        ("2 * 3 ** 2", "18"),
        ("10 - 4 - 3", "3"),
        ("1 - -1", "2"),
        ("1 < 2 and 2 < 3", "true"),
        ("true or false and false", "true"),
        ("1 = 1 = true", "true"),
        ("if false then 1 else 2 + 3", "5"),
        ('if "x" then 1 else 2', "2"),
        ("1 /* one */ + // more\n 2", "3"),
        (".5 + 1.5e1", "15.5"),
        ('"\\u4e2d\\U01F600\\t\\"" ', '"中😀\t\\""'),
        ('string length("\\uD83D\\uDE00")', "1"),
        ('"\\d"', '"\\\\d"'),
    ],
)
def test_operators_bind_and_literals_read_as_in_the_specification(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("1 +", "feel.syntax", 4),
        ("a.b + c", "feel.unknown_name", 1),
        ("[1, 2", "feel.syntax", 6),
        ("{a: 1, a: 2}", "feel.syntax", 8),
        ("for x 1 return x", "feel.syntax", 5),
        ("1 instance of nowhere", "feel.unknown_type", 15),
        ("1 instance of list", "feel.unknown_type", 15),
        ("abs(1, 2)", "feel.arguments", 1),
        ("abs(m: 1)", "feel.arguments", 1),
        ('@"noon"', "feel.syntax", 1),
        ("f(a: 1, 2)", "feel.syntax", 9),
        ("function(a, a) a", "feel.syntax", 13),
        ("[1..2", "feel.syntax", 6),
        ("'x'", "feel.syntax", 1),
    ],
)
def test_what_is_wrong_is_told_in_both_languages_with_its_place(
    text: str, code: str, column: int
) -> None:
    problems = feel.compile(text, names={})

    assert isinstance(problems, tuple)
    (problem,) = problems
    assert problem.code == code
    assert f"column {column} " in problem.text_en
    assert f"第{column}列" in problem.text_zh


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 + nobody", "nothing is called 'nobody'"),
        ("abs(1, 2)", "abs does not take 2 arguments"),
        ('@"noon"', "@'noon' is no date, time or duration"),
        ("1 / 0", "/: division by zero"),
        ('1 < "a"', "number < string does not compare"),
        ('abs("a")', "abs: a number is needed, not string"),
    ],
)
def test_read_leniently_a_part_without_a_value_is_null_and_says_why(text: str, why: str) -> None:
    assert why_null(text) == why


def test_a_null_is_explained_in_chinese_too() -> None:
    compiled = feel.compile("1 / 0", names={})
    assert isinstance(compiled, feel.Expression)

    assert compiled.evaluate({}, now=NOW).chinese == ("/: 除数为零（第3个字符）",)
