"""What is wrong with a form of a pack, all at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from touchstone.kernel.forms.conditions import read_condition
from touchstone.kernel.forms.fields import Field, kind_of, read_fields, types_of
from touchstone.kernel.problem import Problem

_BOTH = {"zh", "en"}


def form_problems(file: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Every problem of a form's schema, each naming its field."""
    if schema.get("additionalProperties") is not False:
        yield _problem(
            file, "not_closed", "a form says additionalProperties: false", "表单须禁止多余字段", ""
        )
    sections = schema.get("x-sections") or {}
    for name, said in sections.items():
        if not _both(said):
            yield _problem(
                file,
                "no_title",
                f"section {name} has no title in both languages",
                "分区缺少双语标题",
                name,
            )
    required = frozenset(schema.get("required") or ())
    earlier: dict[str, Any] = {}
    for name, item in (schema.get("properties") or {}).items():
        yield from _field(file, name, item)
        if item.get("x-section") is not None and item["x-section"] not in sections:
            yield _problem(
                file,
                "no_section",
                f"{name}: no section {item['x-section']}",
                "所属分区不存在",
                name,
            )
        yield from _visibility(file, name, item, name in required, earlier)
        earlier[name] = item


def _field(file: str, name: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    if not _both(item.get("x-title")):
        yield _problem(
            file, "no_title", f"{name} has no title in both languages", "字段缺少双语标题", name
        )
    for word in ("x-hint", "x-unit", "x-consent"):
        if item.get(word) is not None and not _both(item[word]):
            yield _problem(
                file,
                "one_language",
                f"{name}: {word} is not in both languages",
                "提示缺少双语",
                name,
            )
    kind = kind_of(item)
    body = item.get("items") or {} if kind in ("choices", "rows", "lines") else item
    labels = body.get("x-labels") or {}
    for value in body.get("enum") or ():
        if not _both(labels.get(str(value))):
            yield _problem(
                file,
                "no_label",
                f"{name}: the option {value!r} has no label in both languages",
                f"选项「{value}」缺少双语名称",
                name,
            )
    for value in sorted(set(labels) - {str(option) for option in body.get("enum") or ()}):
        yield _problem(
            file, "no_option", f"{name}: no option {value!r}", "名称没有对应的选项", name
        )
    yield from _number(file, name, item)
    if kind in ("group", "rows"):
        yield from _inner(file, name, body)


def _inner(file: str, name: str, body: Mapping[str, Any]) -> Iterator[Problem]:
    if body.get("additionalProperties") is not False:
        yield _problem(
            file, "not_closed", f"{name} says additionalProperties: false", "须禁止多余字段", name
        )
    for inner, item in (body.get("properties") or {}).items():
        yield from _field(file, f"{name}.{inner}", item)
        for word in ("x-visible-if", "x-required", "x-section", "x-open"):
            if word in item:
                yield _problem(
                    file,
                    "top_only",
                    f"{name}.{inner}: {word} is for fields of the form itself",
                    f"{word} 只用于表单自身的字段",
                    name,
                )
        if kind_of(item) in ("group", "rows"):
            yield _problem(
                file, "too_deep", f"{name}.{inner} is nested twice", "字段嵌套超过一层", name
            )


def _number(file: str, name: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    if item.get("type") == "number":
        yield _problem(
            file,
            "float",
            f"{name}: a number with decimals is text with x-decimal or x-currency",
            "小数须以文本保存：使用 x-decimal 或 x-currency",
            name,
        )
    currency = item.get("x-currency")
    if currency is not None and not (
        isinstance(currency, str)
        and len(currency) == 3
        and currency.isascii()
        and currency.isupper()
        and item.get("type") in ("integer", "string", ["string", "integer"])
    ):
        yield _problem(
            file,
            "currency",
            f"{name}: x-currency is a code like CNY, on whole numbers or decimal texts",
            "x-currency 须为三位币种代码，字段为整数或小数文本",
            name,
        )


def _visibility(
    file: str, name: str, item: Mapping[str, Any], required: bool, earlier: Mapping[str, Any]
) -> Iterator[Problem]:
    text = item.get("x-visible-if")
    if text is None:
        if "x-required" in item:
            yield _problem(
                file,
                "required",
                f"{name}: x-required is for fields that are not always shown; use required",
                "x-required 只用于有条件显示的字段",
                name,
            )
        return
    known: tuple[Field, ...] = read_fields({"properties": dict(earlier)})
    found = read_condition(str(text), types_of(known))
    if isinstance(found, str):
        yield _problem(
            file,
            "visible_if",
            f"{name}: {found}; it may ask for open fields that come before it",
            f"显示条件无法使用：{found}；只能引用排在其前的公开字段",
            name,
        )
    if required:
        yield _problem(
            file,
            "required",
            f"{name} is not always shown: say x-required in place of required",
            "有条件显示的字段不得列入 required，请用 x-required",
            name,
        )


def _both(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and _BOTH <= set(value) <= _BOTH | {"hint"}
        and all(isinstance(value[word], str) and value[word].strip() for word in _BOTH)
    )


def _problem(file: str, code: str, en: str, zh: str, element: str) -> Problem:
    return Problem(file, 0, f"forms.{code}", en, zh, element or None)
