"""What a form shows, when it shows it, and what lint asks of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel import feel
from touchstone.kernel.forms import Form, form_problems
from touchstone.kernel.forms.conditions import Condition, read_condition


def titled(**schema: Any) -> dict[str, Any]:
    return {"x-title": {"zh": "字段", "en": "Field"}, **schema}


def form(properties: Mapping[str, Any], **more: Any) -> Form:
    return Form(
        "example",
        {"type": "object", "additionalProperties": False, "properties": dict(properties), **more},
    )


DECISION = titled(
    type="string",
    enum=["pass", "supplement"],
    **{
        "x-labels": {
            "pass": {"zh": "通过", "en": "Pass"},
            "supplement": {"zh": "补正", "en": "Supplement"},
        }
    },
)
DEFECTS = titled(
    type="string",
    maxLength=2000,
    **{"x-visible-if": 'decision = "supplement"', "x-required": True},
)
REVIEW = form({"decision": DECISION, "defects": DEFECTS}, required=["decision"])


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "maxLength": 80}, "text"),
        ({"type": "string", "maxLength": 2000}, "long_text"),
        ({"type": "integer"}, "integer"),
        ({"type": "string", "x-decimal": True}, "decimal"),
        ({"type": "integer", "x-currency": "CNY"}, "money"),
        ({"type": ["string", "integer"], "x-currency": "CNY"}, "money"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "format": "date-time"}, "date_time"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "string", "enum": ["a"]}, "choice"),
        ({"type": "array", "items": {"enum": ["a"]}}, "choices"),
        ({"type": "array", "items": {"type": "string"}}, "lines"),
        ({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}, "rows"),
        ({"type": "object", "properties": {"a": {}}}, "group"),
        ({"type": "string", "x-file": {"types": ["application/pdf"]}}, "file"),
    ],
)
def test_a_schema_says_what_kind_of_field_it_is(schema: dict[str, Any], kind: str) -> None:
    assert form({"a": schema}).fields[0].kind == kind


def test_money_is_open_and_a_number_to_every_rule() -> None:
    bill = form({"sum": titled(type="string", **{"x-currency": "CNY"})})

    assert bill.open_fields == {"sum"}
    assert bill.variables() == {"sum": feel.NUMBER}
    found = feel.compile("sum + 1", names=bill.variables())
    assert isinstance(found, feel.Expression)
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert found.evaluate({"sum": "1.50"}, now=now).value == Decimal("2.50")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("12.50", None),
        (12, None),
        ("12.505", "at most 2 decimal places"),
        ("1e3", "a number"),
        ("12,5", "a number"),
        ("NaN", "a number"),
        ("0.50", "not less than 1"),
        ("1000.01", "not more than 1000"),
        (True, "a number"),
    ],
)
def test_a_number_held_as_text_keeps_to_its_limits(value: Any, wanted: str | None) -> None:
    bill = form(
        {
            "sum": titled(
                type=["string", "integer"], minimum=1, maximum=1000, **{"x-currency": "CNY"}
            )
        }
    )

    found = bill.errors({"sum": value})

    assert (found["sum"].en if found else None) == wanted


def test_a_field_that_is_not_shown_stays_empty_and_one_that_is_shown_may_be_required() -> None:
    assert REVIEW.errors({"decision": "pass"}) == {}
    assert REVIEW.errors({"decision": "supplement", "defects": "营业执照"}) == {}
    assert set(REVIEW.errors({"decision": "supplement"})) == {"defects"}
    hidden = REVIEW.errors({"decision": "pass", "defects": "营业执照"})
    assert hidden["defects"].en == "does not apply here and stays empty"
    assert "营业执照" not in str(hidden)


def test_what_hangs_on_a_hidden_field_is_hidden_too() -> None:
    chain = form(
        {
            "minor": titled(type="boolean"),
            "guardian": titled(type="boolean", **{"x-visible-if": "minor = true"}),
            "paper": titled(type="string", **{"x-visible-if": "guardian = true"}),
        }
    )

    assert set(chain.errors({"minor": False, "guardian": True, "paper": "x"})) == {
        "guardian",
        "paper",
    }


def test_what_is_shown_only_is_never_taken() -> None:
    shown = form({"number": titled(type="string", readOnly=True)})

    assert shown.errors({"number": "1"})["number"].en == "is shown only and cannot be filled in"


def test_errors_name_the_very_row_and_an_option_by_its_label() -> None:
    people = form(
        {
            "people": titled(
                type="array",
                items={
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": titled(type="string"),
                        "share": titled(type="string", maximum=100, **{"x-decimal": True}),
                    },
                },
            ),
            "decision": DECISION,
        }
    )

    found = people.errors(
        {"people": [{"name": "甲"}, {"share": "101"}], "decision": "没有这个选项"}
    )

    assert {path: text.en for path, text in found.items()} == {
        "people.1.name": "is required",
        "people.1.share": "not more than 100",
        "decision": "one of Pass, Supplement",
    }


_KINDS = {"a": "choice", "b": "boolean", "n": "integer"}
_TYPES = {"a": feel.STRING, "b": feel.BOOLEAN, "n": feel.NUMBER}
_ATOMS = st.sampled_from(
    ['a = "x"', 'a in ("x", "y")', "b = true", "b = false", "n = 3", "n >= 2", "n < -1", "n <= 0.5"]
)
_TEXTS = st.recursive(
    _ATOMS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=5,
)
_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from(["x", "y", "z"]),
        "b": st.booleans(),
        "n": st.integers(-3, 4),
    },
)


@given(_TEXTS, _VALUES)
def test_a_condition_shows_exactly_where_feel_says_true(text: str, values: dict[str, Any]) -> None:
    condition = read_condition(text, _KINDS)
    expression = feel.compile(text, names=_TYPES)
    assert isinstance(condition, Condition)
    assert isinstance(expression, feel.Expression)

    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert condition.holds(values) == (expression.evaluate(values, now=now).value is True)


@pytest.mark.parametrize(
    "text",
    ["n + 1 = 2", "not(b)", 'a != "x"', "a = n", "n = true", 'n = "3"', "unknown = 1", "a =", "a"],
)
def test_what_a_page_cannot_judge_is_no_condition(text: str) -> None:
    assert isinstance(read_condition(text, _KINDS), str)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ({"type": "string"}, "forms.no_title"),
        (titled(type="string", enum=["a"]), "forms.no_label"),
        (
            titled(type="string", enum=["a"], **{"x-labels": {"a": {"zh": "甲", "en": " "}}}),
            "forms.no_label",
        ),
        (titled(type="array", items={"enum": ["a"]}), "forms.no_label"),
        (titled(type="string", **{"x-hint": {"zh": "提示"}}), "forms.one_language"),
        (titled(type="number"), "forms.float"),
        (titled(type="integer", **{"x-currency": "yuan"}), "forms.currency"),
        (titled(type="number", **{"x-currency": "CNY"}), "forms.currency"),
        (titled(type="string", **{"x-section": "nowhere"}), "forms.no_section"),
        (titled(type="string", **{"x-required": True}), "forms.required"),
        (titled(type="string", **{"x-visible-if": "later = true"}), "forms.visible_if"),
        (titled(type="string", **{"x-visible-if": 'secret = "x"'}), "forms.visible_if"),
        (titled(type="object", properties={"b": titled(type="string")}), "forms.not_closed"),
    ],
)
def test_lint_says_what_a_form_lacks(field: dict[str, Any], code: str) -> None:
    schema = form({"secret": titled(type="string"), "a": field, "later": titled(type="boolean")})

    assert code in {item.code for item in form_problems("f", schema.schema)}


def test_a_conditional_field_is_not_required_outright_and_a_good_form_has_no_problem() -> None:
    assert list(form_problems("f", REVIEW.schema)) == []
    strict = {**REVIEW.schema, "required": ["decision", "defects"]}
    assert [item.code for item in form_problems("f", strict)] == ["forms.required"]
    opened = {**REVIEW.schema, "additionalProperties": True}
    assert [item.code for item in form_problems("f", opened)] == ["forms.not_closed"]


def test_sections_keep_their_order_and_loose_fields_come_first() -> None:
    found = form(
        {
            "b": titled(type="string", **{"x-section": "two"}),
            "a": titled(type="string", **{"x-section": "one"}),
            "c": titled(type="string"),
        },
        **{"x-sections": {"one": {"zh": "一", "en": "One"}, "two": {"zh": "二", "en": "Two"}}},
    ).sections

    assert [(item.title.en, [field.name for field in item.fields]) for item in found] == [
        ("", ["c"]),
        ("One", ["a"]),
        ("Two", ["b"]),
    ]
