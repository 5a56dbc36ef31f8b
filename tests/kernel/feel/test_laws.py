"""Laws that hold for all values: Decimal arithmetic, three-valued logic, order and lists."""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.feel.values import NOW, value_of
from touchstone.kernel import feel

DECIMAL128 = Context(
    prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
numbers = st.decimals(
    allow_nan=False, allow_infinity=False, places=8, min_value=-(10**20), max_value=10**20
)
few = settings(max_examples=40, deadline=None)
THREE = (True, False, None)
OPERATIONS = {
    "a + b": DECIMAL128.add,
    "a - b": DECIMAL128.subtract,
    "a * b": DECIMAL128.multiply,
    "a / b": DECIMAL128.divide,
}
COMPILED = {
    text: feel.compile(text, names={"a": feel.NUMBER, "b": feel.NUMBER})
    for text in [
        *OPERATIONS,
        "[a < b, a <= b, a = b, a >= b, a > b, a in [a..b], a between a and b]",
    ]
}


@few
@given(numbers, numbers, st.sampled_from(sorted(OPERATIONS)))
def test_arithmetic_is_decimal128(a: Decimal, b: Decimal, text: str) -> None:
    try:
        expected: Any = OPERATIONS[text](a, b)
    except (DivisionByZero, InvalidOperation):
        expected = None

    assert run(text, a, b) == expected


@few
@given(numbers, numbers)
def test_numbers_are_ordered(a: Decimal, b: Decimal) -> None:
    found = run("[a < b, a <= b, a = b, a >= b, a > b, a in [a..b], a between a and b]", a, b)

    assert found == [a < b, a <= b, a == b, a >= b, a > b, a <= b, a <= b]


def run(text: str, a: Any, b: Any) -> Any:
    compiled = COMPILED[text]
    assert isinstance(compiled, feel.Expression), compiled
    return compiled.run({"a": a, "b": b}, feel.Run(NOW))


@pytest.mark.parametrize("left", THREE)
@pytest.mark.parametrize("right", THREE)
def test_logic_has_three_values(left: bool | None, right: bool | None) -> None:
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False

    assert value_of("a and b", a=left, b=right) is both
    assert value_of("a or b", a=left, b=right) is either
    assert value_of("not(a)", a=left) is (None if left is None else not left)
    assert value_of("all([a, b])", a=left, b=right) is both
    assert value_of("any([a, b])", a=left, b=right) is either
    assert value_of("every x in [a, b] satisfies x", a=left, b=right) is both
    assert value_of("some x in [a, b] satisfies x", a=left, b=right) is either


values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=3) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@few
@given(values)
def test_a_value_equals_itself_and_stands_in_its_list(value: Any) -> None:
    assert value_of("v = v", v=value) is True
    assert value_of("list contains([v], v)", v=value) is True
    assert value_of("index of([1, v], v)[-1]", v=value) == 2
    assert value_of("is(v, v)", v=value) is True


@few
@given(values, values)
def test_equality_is_mutual_and_never_breaks(one: Any, other: Any) -> None:
    assert value_of("a = b", a=one, b=other) == value_of("b = a", a=one, b=other)
    assert value_of("a < b", a=one, b=other) in (True, False, None)


@few
@given(st.lists(numbers, max_size=12))
def test_lists_are_sorted_reversed_and_counted(items: list[Decimal]) -> None:
    assert value_of("sort(l, function(x, y) x < y)", l=items) == sorted(items)
    assert value_of("reverse(reverse(l))", l=items) == items
    assert value_of("count(l) = count(for x in l return x)", l=items) is True
    assert value_of("l[item > 0]", l=items) == [item for item in items if item > 0]
    assert value_of("distinct values(concatenate(l, l))", l=items) == list(dict.fromkeys(items))


@few
@given(st.text(max_size=30), st.text(max_size=5))
def test_strings_split_where_they_are_found(source: str, part: str) -> None:
    if part and part in source:
        before = value_of("substring before(s, p)", s=source, p=part)
        after = value_of("substring after(s, p)", s=source, p=part)
        assert before + part + after == source
    assert value_of("contains(s, p)", s=source, p=part) is (part in source)
    assert value_of("string length(s)", s=source) == len(source)


@few
@given(st.text(max_size=20))
def test_a_string_survives_its_literal(text: str) -> None:
    assert value_of(feel.text_of(text, inside=True)) == text
