"""What a form shows: its fields in order, each with kind, titles, limits and options. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from touchstone.kernel.forms.conditions import Condition, read_condition
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE

Kind = Literal[
    "text",
    "long_text",
    "lines",
    "integer",
    "decimal",
    "money",
    "date",
    "date_time",
    "time",
    "boolean",
    "choice",
    "choices",
    "group",
    "rows",
    "file",
]
_LONG = 400
_MOST_ROWS = 200
_FORMATS: Mapping[str, Kind] = {"date": "date", "date-time": "date_time", "time": "time"}
_OPEN_FORMATS = frozenset(_FORMATS)
_NUMBERS = frozenset({"integer", "decimal", "money"})


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a choice offers."""

    value: Any
    label: Text


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value has to keep to; None where nothing is said."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    places: int = 0


@dataclass(frozen=True, slots=True)
class FileRule:
    """What a file field takes.

    Attributes:
        types: media types; empty: all that the store of evidence takes.
        max_bytes: None: what the store takes.
    """

    types: tuple[str, ...] = ()
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together under one heading."""

    id: str
    title: Text
    hint: Text | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: within its form, group or row.
        required: it has to be filled in whenever it is shown.
        sealed: its value goes into the vault; open ones every rule may see.
        whole: a number without decimal places, held as an integer.
        unit: what is counted, written after the number.
        visible_if: when it is shown; None: always.
        fields: of a group, or of one row of a list.
    """

    name: str
    kind: Kind
    title: Text
    hint: Text | None = None
    required: bool = False
    sealed: bool = False
    read_only: bool = False
    whole: bool = False
    options: tuple[Option, ...] = ()
    limits: Limits = Limits()
    currency: str | None = None
    unit: Text | None = None
    file: FileRule | None = None
    section: str | None = None
    visible_if: Condition | None = None
    fields: tuple[Field, ...] = ()

    def label_of(self, value: Any) -> Text:
        """How an option's value is called."""
        for option in self.options:
            if option.value == value and isinstance(option.value, bool) == isinstance(value, bool):
                return option.label
        return Text(str(value), str(value))

    def text_of(self, value: Any) -> str:
        """A stored or typed value as it stands in an input."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.kind == "date_time" and isinstance(value, str):
            return _local(value)
        if self.kind == "lines" and isinstance(value, list):
            return "\n".join(str(item) for item in value)
        return str(value)


def is_open(schema: Mapping[str, Any]) -> bool:
    """Whether everybody's rules may see a field's values; free text is sealed by default."""
    if "x-open" in schema:
        return bool(schema["x-open"])
    if any(schema.get(word) for word in ("x-file", "x-currency", "x-decimal")):
        return True
    if schema.get("type") == "string":
        return "enum" in schema or "const" in schema or schema.get("format") in _OPEN_FORMATS
    return schema.get("type") not in ("object", "array")


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """The kind of field that a schema describes."""
    if schema.get("x-file"):
        return "file"
    if schema.get("x-currency"):
        return "money"
    if schema.get("x-decimal"):
        return "decimal"
    if "enum" in schema:
        return "choice"
    found = schema.get("type")
    if found == "array":
        item = schema.get("items") or {}
        if "enum" in item:
            return "choices"
        return "rows" if item.get("type") == "object" else "lines"
    if found == "object":
        return "group"
    if found in ("integer", "number"):
        return "integer" if found == "integer" else "decimal"
    if found == "boolean":
        return "boolean"
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return "long_text" if schema.get("x-long") or schema.get("maxLength", 0) >= _LONG else "text"


def read_fields(schema: Mapping[str, Any], *, sealed: bool | None = None) -> tuple[Field, ...]:
    """The fields of an object's schema in its order; ``sealed`` where the whole object is."""
    required = frozenset(schema.get("required") or ())
    known: dict[str, Field] = {}
    for name, item in (schema.get("properties") or {}).items():
        hidden = not is_open(item) if sealed is None else sealed
        known[name] = _read(name, item, name in required, hidden, known)
    return tuple(known.values())


def _read(
    name: str,
    schema: Mapping[str, Any],
    required: bool,
    sealed: bool,
    earlier: Mapping[str, Field],
) -> Field:
    kind = kind_of(schema)
    body = schema.get("items") or {} if kind == "rows" else schema if kind == "group" else {}
    shown = schema.get("x-visible-if")
    condition = read_condition(str(shown), types_of(earlier.values())) if shown else None
    return Field(
        name,
        kind,
        _text(schema.get("x-title")) or Text(name, name),
        hint=_text(schema.get("x-hint")),
        required=required or bool(schema.get("x-required")),
        sealed=sealed,
        read_only=bool(schema.get("readOnly")),
        whole=schema.get("type") == "integer",
        options=tuple(_options(schema["items"] if kind == "choices" else schema)),
        limits=_limits(schema, kind),
        currency=schema.get("x-currency"),
        unit=_text(schema.get("x-unit")),
        file=_file(schema) if kind == "file" else None,
        section=schema.get("x-section"),
        visible_if=condition if isinstance(condition, Condition) else None,
        fields=read_fields(body, sealed=sealed) if body else (),
    )


def read_sections(schema: Mapping[str, Any], fields: Sequence[Field]) -> tuple[Section, ...]:
    """The form's sections in their order; what names none comes first, without a heading."""
    known = schema.get("x-sections") or {}
    loose = tuple(field for field in fields if field.section not in known)
    found = [Section("", Text("", ""), None, loose)] if loose else []
    for name, said in known.items():
        members = tuple(field for field in fields if field.section == name)
        if members:
            title, hint = Text.from_mapping(said), said.get("hint")
            found.append(Section(name, title, _text(hint), members))
    return tuple(found)


def types_of(fields: Any) -> dict[str, Kind]:
    """Name -> kind of the fields that a condition may look at: open ones with one plain value."""
    plain = {"boolean", "choice", "integer", "decimal", "money", "date", "text"}
    return {field.name: field.kind for field in fields if not field.sealed and field.kind in plain}


def visible(fields: Sequence[Field], values: Mapping[str, Any]) -> frozenset[str]:
    """The names of the fields that are shown with ``values``; a hidden field's value counts for nothing."""
    seen: dict[str, Any] = {}
    shown: set[str] = set()
    for field in fields:
        if field.visible_if is None or field.visible_if.holds(seen):
            shown.add(field.name)
            if field.name in values:
                seen[field.name] = values[field.name]
    return frozenset(shown)


def _options(schema: Mapping[str, Any]) -> Iterator[Option]:
    labels = schema.get("x-labels") or {}
    for value in schema.get("enum") or ():
        yield Option(value, _text(labels.get(str(value))) or Text(str(value), str(value)))


def _limits(schema: Mapping[str, Any], kind: Kind) -> Limits:
    places = 0
    if kind in ("money", "decimal") and schema.get("type") != "integer":
        places = int(schema.get("x-places", 2))
    most = schema.get("maxItems")
    if kind == "rows" and most is None:
        most = _MOST_ROWS
    return Limits(
        _decimal(schema.get("minimum")),
        _decimal(schema.get("maximum")),
        schema.get("minLength"),
        schema.get("maxLength"),
        schema.get("minItems"),
        most,
        schema.get("pattern") if kind not in _NUMBERS else None,
        places,
    )


def _file(schema: Mapping[str, Any]) -> FileRule:
    said = schema["x-file"]
    if not isinstance(said, Mapping):
        return FileRule()
    return FileRule(tuple(said.get("types") or ()), said.get("max_bytes"))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _text(value: Mapping[str, str] | None) -> Text | None:
    return Text.from_mapping(value) if value else None


def _local(value: str) -> str:
    try:
        found = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    if found.tzinfo is None:
        return value
    return f"{found.astimezone(INSTITUTION_ZONE):%Y-%m-%dT%H:%M}"
