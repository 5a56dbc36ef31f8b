"""The interval beside a share, against values worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from touchstone.measures.intervals import wilson

LEVEL = Decimal(95)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        (5, 10, "0.2366", "0.7634"),
        (0, 10, "0.0000", "0.2775"),
        (10, 10, "0.7225", "1.0000"),
        (81, 263, "0.2553", "0.3662"),
    ],
)
def test_wilsons_interval_is_as_published(
    numerator: int, denominator: int, low: str, high: str
) -> None:
    assert wilson(numerator, denominator, LEVEL) == (Decimal(low), Decimal(high))


def test_what_is_no_share_has_no_interval() -> None:
    assert wilson(0, 0, LEVEL) is None
    assert wilson(3, 2, LEVEL) is None
