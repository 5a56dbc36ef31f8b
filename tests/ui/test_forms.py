"""A form in a page: every field has its label, hint, error and lock, in both languages, without script."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.translation import override
from lxml import html
from ruamel.yaml import YAML

from touchstone.kernel.forms import Form, parse
from touchstone.kernel.text import Text
from touchstone.process.procedure import Evidence

PACK = Path(str(resources.files("touchstone"))) / "content" / "fsqms-cn"
SCHEMAS: dict[str, Any] = {
    f"{path.parts[-3]}/{path.name}": json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(PACK.glob("procedures/*/forms/*.schema.json"))
} | {
    path.name: YAML(typ="safe").load(path.read_text(encoding="utf-8"))["schema"]
    for path in sorted(PACK.glob("registers/*.yaml"))
}
TITLE = {"x-title": {"zh": "字段", "en": "Field"}}
EVERY = Form(
    "every",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "sure"],
        "x-sections": {"more": {"zh": "更多", "en": "More"}},
        "properties": {
            "kind": {
                "type": "string",
                "enum": ["a", "b"],
                "x-labels": {"a": {"zh": "甲", "en": "A"}, "b": {"zh": "乙", "en": "B"}},
                "x-title": {"zh": "类别", "en": "Kind"},
                "x-hint": {"zh": "选一个", "en": "Choose one"},
            },
            "sure": {"type": "boolean", **TITLE},
            "maybe": {"type": "boolean", **TITLE},
            "note": {"type": "string", "maxLength": 80, **TITLE},
            "why": {
                "type": "string",
                "maxLength": 900,
                "x-visible-if": 'kind = "b"',
                "x-required": True,
                "x-title": {"zh": "原因", "en": "Why"},
            },
            "sum": {
                "type": "string",
                "x-currency": "CNY",
                "x-title": {"zh": "金额", "en": "Sum"},
                "x-section": "more",
            },
            "day": {"type": "string", "format": "date", "x-section": "more", **TITLE},
            "at": {"type": "string", "format": "date-time", "x-section": "more", **TITLE},
            "paper": {"type": "string", "x-file": True, "x-section": "more", **TITLE},
            "number": {
                "type": "string",
                "readOnly": True,
                "x-open": True,
                "x-section": "more",
                **TITLE,
            },
            "people": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "x-title": {"zh": "姓名", "en": "Name"}}
                    },
                },
                "x-title": {"zh": "人员", "en": "People"},
                "x-section": "more",
            },
        },
    },
)


def rendered(text: str, language: str = "zh-hans", **values: Any) -> str:
    with override(language):
        return Template("{% load forms %}" + text).render(Context(values))


def page(form: Form, typed: Any = None, errors: Any = None, language: str = "zh-hans") -> Any:
    text = rendered(
        "{% form_fields form typed errors %}", language, form=form, typed=typed, errors=errors
    )
    return html.fromstring(f"<form>{text}</form>")


def sent(found: Any) -> dict[str, list[str]]:
    """What a browser without script would send of a page."""
    post: dict[str, list[str]] = {}
    for item in found.iter("input", "select", "textarea"):
        if item.get("type") in ("radio", "checkbox") and item.get("checked") is None:
            continue
        if item.get("type") == "file" or any(
            parent.tag == "template" for parent in item.iterancestors()
        ):
            continue
        if item.tag == "select":
            value = next(
                (
                    one.get("value")
                    for one in item.iter("option")
                    if one.get("selected") is not None
                ),
                "",
            )
        else:
            value = (
                item.get("value") or "" if item.tag == "input" else (item.text or "").lstrip("\n")
            )
        post.setdefault(item.get("name"), []).append(value)
    return post


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_form_of_the_pack_is_a_whole_page(name: str, language: str) -> None:
    found = page(Form(name, SCHEMAS[name]), language=language)

    ids = [item.get("id") for item in found.iter() if item.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {item.get("for") for item in found.iter("label")}
    for item in found.iter("input", "select", "textarea"):
        assert item.get("type") == "hidden" or item.get("id") in labelled
        assert all(part in ids for part in (item.get("aria-describedby") or "").split())
    assert all(item.find("legend") is not None for item in found.iter("fieldset"))
    for item in found.iter():
        assert item.get("style") is None
        assert not [word for word in item.attrib if word.startswith("on")]
    assert found.find(".//script") is None
    words = "".join(found.itertext())
    if language == "en":
        assert not re.search("[一-鿿]", words)
    else:
        said = {text.strip() for text in found.itertext() if re.search("[A-Za-z]{4}", text)}
        assert all(re.search("[一-鿿]", text) for text in said)


def test_what_was_typed_stands_there_again_with_what_is_wrong_beside_it() -> None:
    parsed = parse(
        EVERY,
        {
            "kind": ["b"],
            "sure": ["false"],
            "maybe": ["false", "true"],
            "sum": ["12a"],
            "note": ['<b>"张三"</b>'],
            "people.0.name": ["甲"],
            "people.1.name": ["一\n二"],
        },
    )

    found = page(EVERY, parsed.typed, parsed.errors)

    assert found.get_element_by_id("f-sum").get("value") == "12a"
    assert found.get_element_by_id("f-sum").get("aria-invalid") == "true"
    assert found.get_element_by_id("f-sum-error").text == "须为数字"
    assert found.get_element_by_id("f-note").get("value") == '<b>"张三"</b>'
    links = {item.get("href"): item.text for item in found.xpath("//div[@role='alert']//a")}
    assert links == {
        "#f-why": "原因",
        "#f-sum": "金额",
        "#f-people-1-name": "人员 第2行 姓名",
    }
    for target in links:
        assert found.get_element_by_id(target[1:]) is not None
    assert sent(found)["people.0.name"] == ["甲"]
    assert sent(found)["maybe"] == ["false", "true"]


def test_a_page_sends_back_what_it_was_given() -> None:
    values = {
        "kind": "b",
        "sure": True,
        "maybe": False,
        "why": "第一\n第二",
        "note": "a & b",
        "sum": "1234.50",
        "day": "2026-03-02",
        "at": "2026-03-02T09:30:00+08:00",
        "paper": "0" * 64,
        "people": [{"name": "甲"}, {"name": "乙"}],
    }

    again = parse(EVERY, sent(page(EVERY, values)))

    assert (again.errors, again.values) == ({}, values)


def test_a_conditional_field_says_when_it_shows_and_is_there_without_script() -> None:
    found = page(EVERY, {"kind": "a"})

    holder = found.get_element_by_id("f-why").getparent()
    assert json.loads(holder.get("data-visible-if")) == {
        "field": "kind",
        "kind": "choice",
        "is": ["b"],
    }
    assert holder.get("hidden") is None
    assert found.get_element_by_id("f-why").get("required") is None


def test_a_sealed_field_has_its_lock_and_an_open_one_has_none() -> None:
    words = {
        item.getparent().get("for"): "".join(item.itertext()).strip()
        for item in page(EVERY).find_class("form-sealed")
    }
    assert words["f-note"] == "加密保存，仅办理人员可见"
    assert "f-sum" not in words
    english = page(EVERY, language="en").find_class("form-sealed")[0]
    assert "".join(english.itertext()).strip() == "Kept encrypted"


def test_what_is_shown_only_is_no_input() -> None:
    found = page(EVERY, {"number": "P03-1"})

    assert found.get_element_by_id("f-number").text == "P03-1"
    assert "number" not in sent(found)


def test_rows_are_added_and_removed_by_buttons_that_send_the_form() -> None:
    found = page(EVERY, {"people": [{"name": "甲"}]})
    buttons = {(item.get("name"), item.get("value")) for item in found.iter("button")}

    assert {("_add", "people"), ("_remove", "people.0")} <= buttons
    post = {**sent(found), "_add": ["people"]}
    assert len(sent(page(EVERY, parse(EVERY, post).typed))) == len(sent(found)) + 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_to_read_a_form_shows_words_and_not_codes(language: str) -> None:
    values = {
        "kind": "b",
        "sure": True,
        "sum": "80000",
        "day": "2026-03-02",
        "people": [{"name": "<script>"}],
    }
    text = rendered("{% form_facts form values %}", language, form=EVERY, values=values)

    shown = ["乙", "是", "¥80,000.00", "2026年3月2日"]
    english = ["B", "Yes", "¥80,000.00", "2 Mar 2026"]
    words = [item.strip() for item in html.fromstring(f"<div>{text}</div>").itertext()]
    assert set(english if language == "en" else shown) <= set(words)
    assert "<script>" not in text
    assert "<input" not in text


def test_documents_of_a_step_keep_what_was_uploaded() -> None:
    documents = (Evidence("report", Text("调查报告", "Survey report"), required=True),)
    text = rendered(
        "{% evidence_fields documents typed errors %}",
        documents=documents,
        typed={"_evidence": {"report": "ab" * 32}},
        errors={"_evidence.report": Text("文件是空的", "The file is empty")},
    )
    found = html.fromstring(f"<form>{text}</form>")

    assert sent(found) == {"_evidence.report": ["ab" * 32]}
    assert found.get_element_by_id("f-_evidence-report").get("type") == "file"
    assert found.get_element_by_id("f-_evidence-report-error").text == "文件是空的"
