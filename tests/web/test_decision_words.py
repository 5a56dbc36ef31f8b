"""Cells of decision tables in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from touchstone.decisions.cells import simple_cell
from touchstone.kernel import feel
from touchstone.kernel.text import Text
from touchstone.web.decisions.wording import Reading, cell_words, policy_words, value_words

PLAIN = Reading(Text("额", "Sum"))
MONEY = Reading(Text("金额", "Amount"), currency="CNY")
KIND = Reading(
    Text("类型", "Kind"),
    options={"personal": Text("个人", "Personal"), "corporate": Text("对公", "Corporate")},
)


@pytest.mark.parametrize(
    ("text", "reading", "zh", "en"),
    [
        ("[10000..50000)", MONEY, "1万元（含）至5万元（不含）", "CNY 10,000 up to but not CNY 50,000"),
        ("(1..3]", PLAIN, "1（不含）至3（含）", "more than 1 up to 3"),
        ("< 100", PLAIN, "不足100", "less than 100"),
        ("<= 125000", MONEY, "不超过12.5万元", "up to CNY 125,000"),
        ("> 123456.78", MONEY, "超过123,456.78元", "more than CNY 123,456.78"),
        (">= 200000000", MONEY, "2亿元及以上", "CNY 200,000,000 or more"),
        ('"personal"', KIND, "个人", "Personal"),
        ('"personal", "other"', KIND, "个人、other", "Personal or other"),
        ('not("personal", "corporate")', KIND, "除个人、对公以外", "anything but Personal or Corporate"),
        ("-", KIND, "不限", "Any"),
        ("null", PLAIN, "空缺", "missing"),
        ("not(null)", PLAIN, "不空缺", "given"),
        ("true", PLAIN, "是", "Yes"),
        ("not(true)", PLAIN, "否或空缺", "No or missing"),
        ('[date("2026-01-01")..date("2026-02-01"))', PLAIN, "2026年1月1日（含）至2026年2月1日（不含）", "1 Jan 2026 up to but not 1 Feb 2026"),
        ("? * 2 > 10", PLAIN, "? * 2 > 10", "? * 2 > 10"),
    ],
)  # fmt: skip
def test_a_cell_reads_in_both_languages(text: str, reading: Reading, zh: str, en: str) -> None:
    cell = simple_cell(text, {"?": feel.ANY})

    assert cell_words(cell, text, reading) == Text(zh, en)


def test_values_carry_their_unit() -> None:
    days = Reading(Text("期限", "Term"), unit=Text("天", "days"))
    share = Reading(Text("比例", "Share"), unit=Text("%", "%"))

    assert value_words(Decimal(30), days) == Text("30天", "30 days")
    assert value_words(Decimal("4.50"), share) == Text("4.5%", "4.5%")
    assert value_words([Decimal(1), Decimal(2)], PLAIN) == Text("1、2", "1, 2")
    assert value_words({"rate": Decimal(3)}, PLAIN) == Text("rate：3", "rate: 3")
    assert value_words(None, PLAIN) == Text("—", "—")
    assert value_words(dt.timedelta(days=2), PLAIN) == Text("2天", "2d")


def test_every_hit_policy_has_a_sentence() -> None:
    told = {policy_words(policy, "").en for policy in "UAPFROC"}
    told |= {policy_words("C", one).en for one in "+<>#"}

    assert len(told) == 11
