"""What a browser sends is read strictly: nothing but the form's own fields becomes a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.forms import Form, Parsed, parse

TITLE = {"x-title": {"zh": "字段", "en": "Field"}}
LABELS = {"x-labels": {"a": {"zh": "甲", "en": "A"}, "b": {"zh": "乙", "en": "B"}}}
FORM = Form(
    "example",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["a", "b"], **LABELS, **TITLE},
            "note": {"type": "string", "maxLength": 40, **TITLE},
            "story": {"type": "string", "maxLength": 400, **TITLE},
            "count": {"type": "integer", "minimum": 0, **TITLE},
            "sum": {"type": "string", "maximum": 1000000, "x-currency": "CNY", **TITLE},
            "share": {"type": "string", "x-decimal": True, "x-places": 4, **TITLE},
            "day": {"type": "string", "format": "date", **TITLE},
            "at": {"type": "string", "format": "date-time", **TITLE},
            "ok": {"type": "boolean", **TITLE},
            "why": {"type": "string", "x-visible-if": 'kind = "b"', "x-required": True, **TITLE},
            "many": {"type": "array", "items": {"enum": ["a", "b"], **LABELS}, **TITLE},
            "tags": {"type": "array", "items": {"type": "string"}, **TITLE},
            "paper": {"type": "string", "x-file": True, **TITLE},
            "shown": {"type": "string", "readOnly": True, **TITLE},
            "home": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"city": {"type": "string", **TITLE}},
                **TITLE,
            },
            "people": {
                "type": "array",
                "maxItems": 3,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", **TITLE},
                        "age": {"type": "integer", **TITLE},
                    },
                },
                **TITLE,
            },
        },
    },
)


def read(**sent: str | Sequence[str]) -> Parsed:
    post = {"kind": ["a"], "csrfmiddlewaretoken": ["x"], "_page": ["1"]}
    for name, texts in sent.items():
        post[name.replace("__", ".")] = [texts] if isinstance(texts, str) else list(texts)
    return parse(FORM, post)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("count", "1,234", 1234),
        ("count", " １２３４ ", 1234),
        ("count", "１，２３４，５６７", 1234567),
        ("count", "8.00", 8),
        ("sum", "¥1,234.5", "1234.50"),
        ("sum", "１２０００．５０元", "12000.50"),
        ("sum", "80000", "80000.00"),
        ("share", "33.3333", "33.3333"),
        ("day", "2026-03-02", "2026-03-02"),
        ("day", "2026年3月2日", "2026-03-02"),
        ("day", "２０２６/３/２", "2026-03-02"),
        ("at", "2026-03-02T09:30", "2026-03-02T09:30:00+08:00"),
        ("note", "  张三  ", "张三"),
        ("story", "一\r\n二", "一\n二"),
        ("ok", ["false", "true"], True),
        ("ok", ["false"], False),
        ("many", ["b", "a"], ["a", "b"]),
        ("tags", "一\n\n 二 ", ["一", "二"]),
        ("paper", "0" * 64, "0" * 64),
        ("home__city", "上海", {"city": "上海"}),
    ],
)
def test_a_typed_text_becomes_a_value(name: str, typed: Any, value: Any) -> None:
    found = read(**{name: typed})

    assert found.errors == {}
    assert found.values == {"kind": "a", name.partition("__")[0]: value}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("count", "1.5", "a whole number"),
        ("count", "1,23", "a number"),
        ("count", "12a", "a number"),
        ("count", "-1", "not less than 0"),
        ("count", "9" * 41, "a number"),
        ("sum", "1.234", "at most 2 decimal places"),
        ("sum", "1e9", "a number"),
        ("sum", "1000000.01", "not more than 1000000"),
        ("day", "2026-02-30", "a date (YYYY-MM-DD)"),
        ("day", "03/02/2026", "a date (YYYY-MM-DD)"),
        ("at", "2026-03-02", "a date and time"),
        ("ok", "ja", "yes or no"),
        ("kind", "c", "one of A, B"),
        ("many", ["a", "c"], "one of A, B"),
        ("note", ["one", "two"], "takes one value only"),
        ("note", "一\n二", "has to stand on one line"),
        ("note", "a\x00b", "holds invisible control characters"),
        ("paper", "../../etc/passwd", "upload the file first"),
        ("paper", "A" * 64, "upload the file first"),
    ],
)
def test_what_is_no_value_is_said_at_its_field(name: str, typed: Any, said: str) -> None:
    found = read(**{name: typed})

    assert {path: text.en for path, text in found.errors.items()} == {name: said}
    assert str(typed) not in found.errors[name].zh + found.errors[name].en


def test_only_the_fields_of_the_form_are_taken() -> None:
    found = read(state="approved", people__0__role="head", home__owner="x", shown="1")

    assert set(found.errors) == {"state", "people.0.role", "home.owner", "shown"}
    assert {text.en for text in found.errors.values()} == {"there is no such field"}
    assert found.values == {"kind": "a"}


def test_empty_fields_are_left_out() -> None:
    found = read(note="", day=" ", people__0__name="", people__0__age="", home__city="")

    assert (found.values, found.errors) == ({"kind": "a"}, {})


def test_rows_close_up_and_errors_point_at_the_row_as_it_is_shown_again() -> None:
    found = read(
        people__0__name="甲",
        people__3__name="",
        people__7__name="乙",
        people__7__age="x",
        people__9__age="5",
    )

    assert found.typed["people"] == [{"name": "甲"}, {"name": "乙", "age": "x"}, {"age": "5"}]
    assert {path: text.en for path, text in found.errors.items()} == {
        "people.1.age": "a number",
        "people.2.name": "is required",
    }


def test_more_rows_than_there_may_be_are_not_read() -> None:
    found = parse(FORM, {"kind": ["a"], **{f"people.{n}.name": ["x"] for n in range(500)}})

    assert found.errors["people"].en == "too many rows"
    assert len(found.values["people"]) == 3


def test_a_hidden_field_is_left_out_whatever_was_typed_into_it() -> None:
    assert read(why="text").values == {"kind": "a"}
    shown = parse(FORM, {"kind": ["b"], "why": ["text"]})
    assert (shown.values, shown.errors) == ({"kind": "b", "why": "text"}, {})
    assert set(parse(FORM, {"kind": ["b"]}).errors) == {"why"}


def test_a_button_without_script_adds_and_takes_away_a_row() -> None:
    added = read(people__0__name="甲", _add="people")
    assert (added.reshaped, added.typed["people"]) == (True, [{"name": "甲"}, {}])
    assert added.errors == {}

    removed = read(people__0__name="甲", people__1__name="乙", _remove="people.0")
    assert removed.typed["people"] == [{"name": "乙"}]
    assert "note" not in read(_add="note").typed
    assert read(_remove="people.7").typed.get("people") in (None, [])


def test_a_file_that_was_just_stored_takes_the_place_of_the_one_before() -> None:
    found = parse(FORM, {"kind": ["a"], "paper": ["0" * 64]}, files={"paper": "1" * 64})

    assert found.values["paper"] == "1" * 64


_NAMES = st.one_of(
    st.sampled_from(["kind", "note", "count", "sum", "day", "ok", "many", "people", "home"]),
    st.from_regex(r"people\.[0-9]{1,5}\.(name|age|role)", fullmatch=True),
    st.text(max_size=12),
)


@given(st.dictionaries(_NAMES, st.lists(st.text(max_size=20), max_size=3), max_size=8))
def test_nothing_a_browser_can_send_breaks_it(post: Mapping[str, Sequence[str]]) -> None:
    found = parse(FORM, post)

    assert set(found.values) <= set(FORM.properties)
    if not found.errors and not found.reshaped:
        assert FORM.faults(found.values) is None
