"""Forms: JSON Schema decides what may be submitted, and which fields everybody may see. Pure.

A field is open or sealed. Free text is sealed by default; what a rule must see is declared open, or
derived openly (``x-derived``). File fields carry ``x-file``; their values are evidence references.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import jsonschema_rs

from touchstone.kernel import feel
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text

_OPEN_FORMATS = frozenset({"date", "date-time", "time"})
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Form:
    """A form of the standard.

    Attributes:
        name: file name without ``.schema.json``.
        schema: JSON Schema 2020-12 of an object.
    """

    name: str
    schema: Mapping[str, Any]

    @cached_property
    def _validator(self) -> Any:
        return jsonschema_rs.Draft202012Validator(dict(self.schema), validate_formats=True)

    @cached_property
    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        """Field name -> its schema."""
        return dict(self.schema.get("properties") or {})

    @cached_property
    def open_fields(self) -> frozenset[str]:
        """The fields that rules, events and projections may see."""
        return frozenset(name for name, field in self.properties.items() if _is_open(field))

    @cached_property
    def derived(self) -> Mapping[str, str]:
        """Open facts computed when the form is submitted: name -> FEEL text over all fields.

        They say yes or no of sealed fields, and so repeat nothing of them.
        """
        return dict(self.schema.get("x-derived") or {})

    @cached_property
    def _derivations(self) -> Mapping[str, feel.Expression | tuple[Problem, ...]]:
        names = {name: feel_type(field) for name, field in self.properties.items()}
        return {
            name: feel.compile(str(text), names=names, file=f"{self.name}.schema.json")
            for name, text in self.derived.items()
        }

    def derivation_problems(self) -> Iterator[Problem]:
        """What is wrong with the derived facts, each named."""
        file = f"{self.name}.schema.json"
        for name, found in self._derivations.items():
            if not isinstance(found, feel.Expression):
                for item in found:
                    yield Problem(file, 0, item.code, item.text_en, item.text_zh, name)
            if name in self.properties:
                text = f"{name} is a field already"
                yield Problem(file, 0, "forms.derived_twice", text, "派生事实与字段同名", name)

    def derive(self, values: Mapping[str, Any], *, now: dt.datetime) -> dict[str, bool | None]:
        """The derived facts of checked ``values`` at ``now``; null where one is neither true nor false."""
        if not self._derivations:
            return {}
        seen = {name: to_feel(self.properties.get(name), value) for name, value in values.items()}
        facts: dict[str, bool | None] = {}
        for name, found in self._derivations.items():
            value = (
                found.evaluate(seen, now=now).value if isinstance(found, feel.Expression) else None
            )
            facts[name] = value if isinstance(value, bool) else None
        return facts

    def title_of(self, name: str) -> Text:
        """The field's title."""
        title = self.properties.get(name, {}).get("x-title")
        return Text.from_mapping(title) if title else Text(name, name)

    def variables(self) -> dict[str, feel.Type]:
        """The FEEL types of the open fields and derived facts."""
        types = {name: feel_type(self.properties[name]) for name in sorted(self.open_fields)}
        types.update(dict.fromkeys(self.derived, feel.BOOLEAN))
        return types

    def faults(self, values: Mapping[str, Any]) -> Text | None:
        """What the schema does not accept, naming every field at fault; None when all is well."""
        try:
            size = len(canonical_text(values))
        except TypeError as error:
            return Text(f"含有无法保存的值:{error}", f"a value cannot be stored: {error}")
        if size > _MAX_BYTES:
            return Text("表单内容过大", "the form is too large")
        plain_values = dict(values)
        if self._validator.is_valid(plain_values):
            return None
        found = sorted(
            {_field_fault(self, error) for error in self._validator.iter_errors(plain_values)}
        )
        return Text(";".join(item[0] for item in found), "; ".join(item[1] for item in found))

    def split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Checked values as (open, sealed)."""
        open_fields = self.open_fields
        opened: dict[str, Any] = {}
        sealed: dict[str, Any] = {}
        for name, value in values.items():
            (opened if name in open_fields else sealed)[name] = value
        return opened, sealed


def _is_open(field: Mapping[str, Any]) -> bool:
    if "x-open" in field:
        return bool(field["x-open"])
    if field.get("x-file"):
        return True
    if field.get("type") == "string":
        return "enum" in field or "const" in field or field.get("format") in _OPEN_FORMATS
    return field.get("type") not in ("object", "array")


def feel_type(field: Mapping[str, Any]) -> feel.Type:
    """The FEEL type of a field's values."""
    kind = field.get("type")
    if kind in ("number", "integer"):
        return feel.NUMBER
    if kind == "boolean":
        return feel.BOOLEAN
    if kind == "string":
        return {"date": feel.DATE, "date-time": feel.DATE_TIME}.get(
            str(field.get("format")), feel.STRING
        )
    return feel.ANY


def to_feel(field: Mapping[str, Any] | None, value: Any) -> Any:
    """A stored value as FEEL sees it: money texts as numbers, ISO texts as dates."""
    if field is None or not isinstance(value, str):
        return value
    try:
        if field.get("x-money"):
            return Decimal(value)
        if field.get("format") == "date":
            return dt.date.fromisoformat(value)
        if field.get("format") == "date-time":
            return dt.datetime.fromisoformat(value)
    except (ValueError, ArithmeticError):
        return None
    return value


def _field_fault(form: Form, error: Any) -> tuple[str, str]:
    said = error.kind.as_dict()
    names = [str(part) for part in error.instance_path][:1]
    names = names or said.get("unexpected") or [said[key] for key in ("property",) if key in said]
    titles = [form.title_of(name) for name in names] or [Text("表单", "form")]
    zh, en = _wording(error.kind.name, said)
    named_zh, named_en = (
        "、".join(item.zh for item in titles),
        ", ".join(item.en for item in titles),
    )
    return f"{named_zh}:{zh}", f"{named_en}: {en}"


_TYPES = {
    "string": ("文字", "text"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("是或否", "yes or no"),
    "array": ("列表", "a list"),
    "object": ("一组字段", "a group of fields"),
}
_FORMATS = {
    "date": ("日期(年-月-日)", "a date (YYYY-MM-DD)"),
    "date-time": ("日期和时间", "a date and time"),
    "time": ("时间", "a time"),
}
_LIMITS = {
    "minimum": ("不得小于 {}", "not less than {}"),
    "maximum": ("不得大于 {}", "not more than {}"),
    "exclusiveMinimum": ("必须大于 {}", "more than {}"),
    "exclusiveMaximum": ("必须小于 {}", "less than {}"),
    "minLength": ("不得少于 {} 个字", "at least {} characters"),
    "maxLength": ("不得超过 {} 个字", "at most {} characters"),
    "minItems": ("不得少于 {} 项", "at least {} items"),
    "maxItems": ("不得超过 {} 项", "at most {} items"),
}


def _wording(rule: str, said: Mapping[str, Any]) -> tuple[str, str]:
    """What a rule of the schema asks for; the value itself is never repeated, it may be sealed."""
    if rule in _LIMITS:
        zh, en = _LIMITS[rule]
        return zh.format(said["limit"]), en.format(said["limit"])
    if rule == "required":
        return "必填", "is required"
    if rule == "additionalProperties":
        return "没有这个字段", "there is no such field"
    if rule == "enum":
        options = ", ".join(str(item) for item in said["options"])
        return f"须为下列之一:{options}", f"one of {options}"
    if rule == "type":
        known = [_TYPES[name] for name in said["types"] if name in _TYPES]
        return "须为" + "或".join(item[0] for item in known), " or ".join(item[1] for item in known)
    if rule == "format" and said["format"] in _FORMATS:
        zh, en = _FORMATS[said["format"]]
        return f"须为{zh}", en
    return "填写不符合要求", "not in the required form"
