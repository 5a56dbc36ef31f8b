"""A row of a table reads as a banker would say it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from touchstone.decisions import model
from touchstone.decisions.wording import test_in_words as in_words
from touchstone.decisions.wording import value_in_words

WORDS = (model.Word("major", "重大", "Major"), model.Word("simple", "简单", "Simple"))


@pytest.mark.parametrize(
    ("cell", "zh", "en"),
    [
        ("(300000..3000000]", "> 300,000 且 ≤ 3,000,000", "> 300,000 and ≤ 3,000,000"),
        ("[60..75)", "≥ 60 且 < 75", "≥ 60 and < 75"),
        (">= 12345.67", "≥ 12,345.67", "≥ 12,345.67"),
        ('"major"', "重大", "Major"),
        ('not("major")', "非(重大)", "not(Major)"),
        ('"major", "simple"', "重大, 简单", "Major, Simple"),
        ('"elsewhere"', "elsewhere", "elsewhere"),
        ("true", "是", "yes"),
        ("null", "未提供", "not given"),
    ],
)
def test_a_cell_in_words(cell: str, zh: str, en: str) -> None:
    found = in_words(cell, WORDS)

    assert (found.zh, found.en) == (zh, en)


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        (None, "未提供"),
        (True, "是"),
        (370000, "370,000"),
        (Decimal("3.60"), "3.60"),
        (["a", 5000], "a、5,000"),
        ([], ""),
    ],
)
def test_a_value_in_words(value: object, zh: str) -> None:
    assert value_in_words(value).zh == zh
