"""One value has one canonical text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.canonical import canonical_text

_INTEGERS = st.integers(min_value=-(2**63), max_value=2**64 - 1)
plain_values = st.recursive(
    st.none() | st.booleans() | _INTEGERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(plain_values)
def test_text_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical_text(value)) == value


@given(st.dictionaries(st.text(), _INTEGERS, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))

    assert canonical_text(turned) == canonical_text(value)


def test_decimals_and_instants_become_text() -> None:
    value = {"amount": Decimal("1E+3"), "at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)}

    assert canonical_text(value) == '{"amount":"1000","at":"2026-03-02T00:00:00Z"}'


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"a": [0.1]},
        {1: "a"},
        dt.datetime(2026, 3, 2),
        object(),
        2**64,
        "half a pair \ud800",
        float("nan"),
        [float("inf")],
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_text(value)
