"""A form says in both languages what is wrong, and never repeats a value."""

from __future__ import annotations

from typing import Any

import pytest

from touchstone.kernel import feel
from touchstone.kernel.forms import Form

FORM = Form(
    "example",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["a", "b"], "x-title": {"zh": "类别", "en": "Kind"}},
            "size": {
                "type": "integer",
                "minimum": 1,
                "maximum": 9,
                "x-title": {"zh": "大小", "en": "Size"},
            },
            "day": {"type": "string", "format": "date", "x-title": {"zh": "日期", "en": "Day"}},
            "note": {"type": "string", "maxLength": 4, "x-title": {"zh": "备注", "en": "Note"}},
            "code": {
                "type": "string",
                "x-open": True,
                "pattern": "^[A-Z]+$",
                "x-title": {"zh": "代码", "en": "Code"},
            },
            "list": {
                "type": "array",
                "maxItems": 1,
                "items": {"type": "integer"},
                "x-title": {"zh": "清单", "en": "List"},
            },
            "file": {"type": "string", "x-file": True},
        },
    },
)


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        ({}, "类别：必填", "Kind: is required"),
        ({"kind": "c"}, "类别：须为下列之一：a, b", "Kind: one of a, b"),
        ({"kind": "a", "size": 0}, "大小：不得小于 1", "Size: not less than 1"),
        ({"kind": "a", "size": 10}, "大小：不得大于 9", "Size: not more than 9"),
        ({"kind": "a", "size": "x"}, "大小：须为整数", "Size: a whole number"),
        ({"kind": "a", "day": "3/4"}, "日期：须为日期（年-月-日）", "Day: a date (YYYY-MM-DD)"),
        (
            {"kind": "a", "note": "张三李四王五"},
            "备注：不得超过 4 个字",
            "Note: at most 4 characters",
        ),
        ({"kind": "a", "code": "x"}, "代码：填写不符合要求", "Code: not in the required form"),
        ({"kind": "a", "list": [1, 2]}, "清单：不得超过 1 项", "List: at most 1 items"),
        ({"kind": "a", "list": ["x"]}, "清单：须为整数", "List: a whole number"),
        ({"kind": "a", "more": 1}, "more：没有这个字段", "more: there is no such field"),
    ],
)
def test_every_fault_is_named_in_both_languages(values: dict[str, Any], zh: str, en: str) -> None:
    found = FORM.faults(values)

    assert found is not None
    assert (found.zh, found.en) == (zh, en)


def test_all_faults_are_named_at_once_and_good_values_have_none() -> None:
    found = FORM.faults({"size": 0, "note": "张三李四王五"})

    assert found is not None
    assert (found.zh.count("；"), found.en.count(";")) == (2, 2)
    assert "张三" not in found.zh + found.en
    assert FORM.faults({"kind": "a", "size": 3, "day": "2026-03-02"}) is None


@pytest.mark.parametrize("value", [1.5, {"deep": 0.1}, object()])
def test_what_cannot_be_stored_is_a_fault(value: Any) -> None:
    assert FORM.faults({"kind": "a", "size": value}) is not None


def test_free_text_and_lists_are_sealed_and_the_rest_is_open() -> None:
    values = {
        "kind": "a",
        "note": "张三",
        "code": "X",
        "list": [1],
        "file": "f",
        "day": "2026-03-02",
    }

    opened, sealed = FORM.split(values)

    assert opened == {"kind": "a", "code": "X", "file": "f", "day": "2026-03-02"}
    assert sealed == {"note": "张三", "list": [1]}
    assert FORM.variables() == {
        "kind": feel.STRING,
        "size": feel.NUMBER,
        "day": feel.DATE,
        "code": feel.STRING,
        "file": feel.STRING,
    }
