"""A form: JSON Schema decides what may be submitted, and which fields everybody may see. Pure.

A field is open or sealed. Free text is sealed by default; what a rule must see is declared open, or
derived openly (``x-derived``). File fields carry ``x-file``; their values are sha256 digests of stored
evidence. Money carries ``x-currency`` and is a whole number or a decimal text; a float never is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import jsonschema_rs

from touchstone.kernel import feel
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.forms import wording
from touchstone.kernel.forms.fields import (
    Field,
    Section,
    is_open,
    read_fields,
    read_sections,
    visible,
)
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text

_MAX_BYTES = 256 * 1024
# Kinds whose values hold, or may hold further down, numbers in words.
_OWN_KINDS = frozenset({"money", "decimal", "group", "rows"})
_SEPARATOR = Text("；", "; ")


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
    def fields(self) -> tuple[Field, ...]:
        """The fields in their order."""
        return read_fields(self.schema)

    @cached_property
    def _by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The fields under their headings."""
        return read_sections(self.schema, self.fields)

    @cached_property
    def open_fields(self) -> frozenset[str]:
        """The fields that rules, events and projections may see."""
        return frozenset(name for name, field in self.properties.items() if is_open(field))

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

    def field_at(self, path: Sequence[str | int]) -> Field | None:
        """The field at a path like ``("items", 0, "name")``."""
        found: Field | None = None
        known: Mapping[str, Field] = self._by_name
        for part in path:
            if isinstance(part, int):
                continue
            found = known.get(part)
            if found is None:
                return None
            known = {field.name: field for field in found.fields}
        return found

    def variables(self) -> dict[str, feel.Type]:
        """The FEEL types of the open fields and derived facts."""
        types = {name: feel_type(self.properties[name]) for name in sorted(self.open_fields)}
        types.update(dict.fromkeys(self.derived, feel.BOOLEAN))
        return types

    def errors(self, values: Mapping[str, Any]) -> dict[str, Text]:
        """What is wrong, by the path of the field (``a``, ``items.0.name``); empty when all is well.

        The key ``""`` is the form as a whole. No text repeats a value.
        """
        try:
            size = len(canonical_text(values))
        except TypeError as error:
            return {"": Text(f"含有无法保存的值：{error}", f"a value cannot be stored: {error}")}
        if size > _MAX_BYTES:
            return {"": Text("表单内容过大", "the form is too large")}
        if not self._has_own_rules and self._validator.is_valid(dict(values)):
            return {}
        found: dict[str, list[Text]] = {}
        for path, text in (*self._schema_faults(values), *self._own_faults(values)):
            known = found.setdefault(".".join(str(part) for part in path), [])
            if text not in known:
                known.append(text)
        return {path: _joined(texts) for path, texts in found.items()}

    def faults(self, values: Mapping[str, Any]) -> Text | None:
        """Every field at fault in one sentence; None when all is well."""
        errors = self.errors(values)
        if not errors:
            return None
        if "" in errors:
            return errors[""]
        named = sorted({self._named(path, text) for path, text in errors.items()})
        return _joined([Text(zh, en) for zh, en in named])

    def _named(self, path: str, text: Text) -> tuple[str, str]:
        title = self.title_of(path.partition(".")[0])
        return f"{title.zh}：{text.zh}", f"{title.en}: {text.en}"

    def _schema_faults(self, values: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Text]]:
        for error in self._validator.iter_errors(dict(values)):
            said = error.kind.as_dict()
            path = tuple(error.instance_path)
            names: Sequence[str] = said.get("unexpected") or [
                said[key] for key in ("property",) if key in said
            ]
            places = [(*path, name) for name in names] or [path]
            for place in places:
                yield place, wording.wording(error.kind.name, said, self.field_at(place))

    @cached_property
    def _has_own_rules(self) -> bool:
        """Whether some field asks for more than JSON Schema says."""
        return any(
            field.read_only or field.visible_if or field.kind in _OWN_KINDS for field in self.fields
        )

    def _own_faults(self, values: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Text]]:
        """What JSON Schema does not say: what is hidden, shown only, or a number in words."""
        shown = visible(self.fields, values)
        for field in self.fields:
            given = field.name in values
            if given and field.read_only:
                yield (field.name,), wording.READ_ONLY
            elif given and field.name not in shown:
                yield (field.name,), wording.NOT_SHOWN
            elif not given and field.visible_if and field.required and field.name in shown:
                yield (field.name,), wording.REQUIRED
        yield from _number_faults(self.fields, values, ())

    def split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Checked values as (open, sealed)."""
        open_fields = self.open_fields
        opened: dict[str, Any] = {}
        sealed: dict[str, Any] = {}
        for name, value in values.items():
            (opened if name in open_fields else sealed)[name] = value
        return opened, sealed


def _joined(texts: Sequence[Text]) -> Text:
    return Text(
        _SEPARATOR.zh.join(item.zh for item in texts), _SEPARATOR.en.join(item.en for item in texts)
    )


def _number_faults(
    fields: Sequence[Field], values: Mapping[str, Any], path: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...], Text]]:
    for field in fields:
        value = values.get(field.name)
        place = (*path, field.name)
        if field.kind in ("money", "decimal") and isinstance(value, str):
            fault = number_fault(field, value)
            if fault:
                yield place, fault
        elif field.kind == "group" and isinstance(value, Mapping):
            yield from _number_faults(field.fields, value, place)
        elif field.kind == "rows" and isinstance(value, list):
            for number, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from _number_faults(field.fields, row, (*place, number))


def number_fault(field: Field, text: str) -> Text | None:
    """What is wrong with a number held as text; JSON Schema does not look into texts."""
    limits = field.limits
    try:
        number = Decimal(text)
    except InvalidOperation:
        return wording.NUMBER
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or text != format(number, "f"):
        return wording.NUMBER
    if -exponent > limits.places:
        return wording.PLACES.format(places=limits.places) if limits.places else wording.WHOLE
    for word, limit in (("minimum", limits.minimum), ("maximum", limits.maximum)):
        if limit is not None and (number < limit if word == "minimum" else number > limit):
            return wording.LIMITS[word].format(limit=limit)
    return None


def feel_type(field: Mapping[str, Any]) -> feel.Type:
    """The FEEL type of a field's values."""
    if field.get("x-currency") or field.get("x-decimal"):
        return feel.NUMBER
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
    """A stored value as FEEL sees it: numbers in words as numbers, ISO texts as dates."""
    if field is None or not isinstance(value, str):
        return value
    try:
        if field.get("x-currency") or field.get("x-decimal"):
            return Decimal(value)
        if field.get("format") == "date":
            return dt.date.fromisoformat(value)
        if field.get("format") == "date-time":
            return dt.datetime.fromisoformat(value)
    except (ValueError, ArithmeticError):
        return None
    return value
