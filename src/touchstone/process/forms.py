"""Forms: JSON Schema decides what a step may submit, and which fields the engine may see. Pure.

A field is open or sealed. Free text is sealed by default; what a rule must see is declared open, or
derived openly (``x-derived``). File fields carry ``x-file``; their values are evidence references.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import jsonschema_rs

from touchstone.kernel import feel
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.refusal import Refusal, refuse
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
        """Open facts computed when the form is submitted: name -> FEEL text over all fields."""
        return dict(self.schema.get("x-derived") or {})

    def title_of(self, name: str) -> Text:
        """The field's title."""
        title = self.properties.get(name, {}).get("x-title")
        return Text.from_mapping(title) if title else Text(name, name)

    def variables(self) -> dict[str, feel.Type]:
        """The FEEL types of the open fields and derived facts."""
        types = {name: feel_type(self.properties[name]) for name in sorted(self.open_fields)}
        types.update(dict.fromkeys(self.derived, feel.ANY))
        return types

    def check(self, values: Mapping[str, Any]) -> Refusal | None:
        """Refuse values that the schema does not accept, naming every field at fault."""
        try:
            size = len(canonical_text(values))
        except TypeError as error:
            return _invalid(Text(f"含有无法保存的值:{error}", f"a value cannot be stored: {error}"))
        if size > _MAX_BYTES:
            return _invalid(Text("表单内容过大", "the form is too large"))
        problems = sorted(
            {_field_problem(self, error) for error in self._validator.iter_errors(dict(values))}
        )
        if not problems:
            return None
        zh = ";".join(item[0] for item in problems)
        en = "; ".join(item[1] for item in problems)
        return _invalid(Text(zh, en))

    def as_feel(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as rules see them: money as numbers, dates as dates."""
        return {name: to_feel(self.properties.get(name), value) for name, value in values.items()}

    def split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Checked values as (open, sealed)."""
        opened = {name: value for name, value in values.items() if name in self.open_fields}
        sealed = {name: value for name, value in values.items() if name not in self.open_fields}
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


def _field_problem(form: Form, error: Any) -> tuple[str, str]:
    path = [str(part) for part in error.instance_path]
    name = path[0] if path else ""
    message = str(error.message)
    if not name:
        for candidate in form.properties:
            if f'"{candidate}"' in message:
                name = candidate
                break
    title = form.title_of(name) if name else Text("表单", "form")
    # The validator quotes the offending value; a sealed one must not be repeated in a refusal.
    if name and name not in form.open_fields:
        return (f"{title.zh}:填写不符合要求", f"{title.en}: not in the required form")
    return (f"{title.zh}:{message}", f"{title.en}: {message}")


def _invalid(text: Text) -> Refusal:
    return refuse(
        "process.form_invalid",
        f"表单未通过校验:{text.zh}",
        f"The form is not valid: {text.en}",
        remedy_zh="请按提示改正后重新提交",
        remedy_en="Correct the fields named and submit again",
    )
