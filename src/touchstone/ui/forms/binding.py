"""A form's fields with their names, ids, texts and errors as a page shows them. Pure.

``values`` may be typed texts (``Parsed.typed``, a draft) or stored values; both show alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.forms import Field, Form, Section
from touchstone.kernel.forms.fields import visible
from touchstone.kernel.text import Text

# Up to so many options are shown all at once.
_RADIO = 4
_ROW_PLACE = "__row__"
# One who edits a list finds this many rows where he has filled in none.
_FIRST_ROWS = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """One option in a page."""

    id: str
    value: str
    label: Text
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """One row of a list."""

    number: str
    path: str
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Control:
    """One field in a page.

    Attributes:
        name: under which its value is sent (``items.0.name``).
        text: what stands in the input.
        condition: when it is shown, as JSON for the page; None: always.
    """

    field: Field
    name: str
    text: str
    error: Text | None
    is_required: bool
    condition: str | None = None
    is_shown: bool = True
    choices: tuple[Choice, ...] = ()
    controls: tuple[Control, ...] = ()
    rows: tuple[Row, ...] = ()
    blank: Row | None = None
    value: Any = None

    @property
    def id(self) -> str:
        """The input's id."""
        return id_of(self.name)

    @property
    def kind(self) -> str:
        """The field's kind."""
        return self.field.kind

    @property
    def template(self) -> str:
        """The template of the input."""
        return f"ui/form/inputs/{_TEMPLATES[self.field.kind]}.html"

    @property
    def is_set(self) -> bool:
        """Whether several inputs share one legend."""
        return self.field.kind in ("group", "rows", "choices") or self.is_radio

    @property
    def is_radio(self) -> bool:
        """Whether all options are shown at once."""
        if self.field.kind == "boolean":
            return self.is_required
        return self.field.kind == "choice" and len(self.choices) <= _RADIO

    @property
    def described_by(self) -> str:
        """Ids of the hint and the error."""
        hint = [f"{self.id}-hint"] if self.field.hint else []
        error = [f"{self.id}-error"] if self.error else []
        return " ".join(hint + error)

    @property
    def accept(self) -> str:
        """What a file input offers."""
        return ",".join(self.field.file.types) if self.field.file else ""


@dataclass(frozen=True)
class BoundSection:
    """A section with its controls."""

    section: Section
    controls: tuple[Control, ...]

    @property
    def is_shown(self) -> bool:
        """Whether any of its fields is shown."""
        return any(control.is_shown for control in self.controls)


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One line of the summary above a form."""

    target: str
    title: Text
    text: Text


_TEMPLATES: Mapping[str, str] = {
    "text": "text",
    "long_text": "area",
    "lines": "area",
    "integer": "number",
    "decimal": "number",
    "money": "number",
    "date": "date",
    "date_time": "date",
    "time": "date",
    "boolean": "boolean",
    "choice": "choice",
    "choices": "choices",
    "group": "group",
    "rows": "rows",
    "file": "file",
}


def bind(
    form: Form, values: Mapping[str, Any] | None, errors: Mapping[str, Text] | None
) -> tuple[BoundSection, ...]:
    """The form's sections as a page shows them."""
    given, wrong = values or {}, errors or {}
    shown = visible(form.fields, given)
    return tuple(
        BoundSection(
            section,
            tuple(_bind(item, item.name, given, wrong, shown) for item in section.fields),
        )
        for section in form.sections
    )


def control(
    item: Field, name: str, value: Any, errors: Mapping[str, Text] | None = None
) -> Control:
    """A field of its own, beside any form."""
    return _bind(item, name, {item.name: value}, errors or {}, frozenset({item.name}))


def error_lines(form: Form, errors: Mapping[str, Text] | None) -> tuple[ErrorLine, ...]:
    """Every error with the input it is about, in the order of the form."""
    found = dict(errors or {})
    lines = [ErrorLine("", Text("", ""), found.pop(""))] if "" in found else []
    order = {item.name: place for place, item in enumerate(form.fields)}

    def place(path: str) -> tuple[int, str]:
        return order.get(path.partition(".")[0], len(order)), path

    paths = sorted(found, key=place)
    return (*lines, *(ErrorLine(id_of(path), _title(form, path), found[path]) for path in paths))


def id_of(path: str) -> str:
    """The id of the input at a path."""
    return "f-" + "".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in path)


def _title(form: Form, path: str) -> Text:
    parts: list[str | int] = [int(part) if part.isdigit() else part for part in path.split(".")]
    zh: list[str] = []
    en: list[str] = []
    for place, part in enumerate(parts):
        if isinstance(part, int):
            zh.append(f"第{part + 1}行")
            en.append(f"row {part + 1}")
            continue
        found = form.field_at(parts[: place + 1])
        zh.append(found.title.zh if found else part)
        en.append(found.title.en if found else part)
    return Text(" ".join(zh), " ".join(en))


def _bind(
    item: Field,
    name: str,
    values: Mapping[str, Any],
    errors: Mapping[str, Text],
    shown: frozenset[str] | None,
) -> Control:
    value = values.get(item.name)
    controls: tuple[Control, ...] = ()
    rows: tuple[Row, ...] = ()
    if item.kind == "group":
        inner = value if isinstance(value, Mapping) else {}
        controls = tuple(_inner(item.fields, name, inner, errors))
    if item.kind == "rows":
        rows = tuple(_rows(item, name, value, errors))
    return Control(
        item,
        name,
        "" if item.kind in ("group", "rows", "choices") else item.text_of(value),
        errors.get(name),
        item.required,
        json.dumps(item.visible_if.data, ensure_ascii=False) if item.visible_if else None,
        shown is None or item.name in shown,
        tuple(_choices(item, name, value)),
        controls,
        rows,
        _row(item, name, _ROW_PLACE, {}, {}) if item.kind == "rows" else None,
        value,
    )


def _inner(
    fields: Sequence[Field], name: str, values: Mapping[str, Any], errors: Mapping[str, Text]
) -> Iterator[Control]:
    for item in fields:
        yield _bind(item, f"{name}.{item.name}", values, errors, None)


def _rows(item: Field, name: str, value: Any, errors: Mapping[str, Text]) -> Iterator[Row]:
    given = list(value) if isinstance(value, list) else []
    given += [{} for _ in range(_FIRST_ROWS - len(given))]
    for number, row in enumerate(given):
        yield _row(item, name, str(number), row if isinstance(row, Mapping) else {}, errors)


def _row(
    item: Field, name: str, number: str, values: Mapping[str, Any], errors: Mapping[str, Text]
) -> Row:
    path = f"{name}.{number}"
    return Row(number, path, tuple(_inner(item.fields, path, values, errors)))


def _choices(item: Field, name: str, value: Any) -> Iterator[Choice]:
    chosen = (
        {item.text_of(part) for part in value} if isinstance(value, list) else {item.text_of(value)}
    )
    if item.kind == "boolean":
        words = (("true", Text("是", "Yes")), ("false", Text("否", "No")))
        for text, label in words:
            yield Choice(f"{id_of(name)}-{text}", text, label, text in chosen)
    for place, option in enumerate(item.options):
        text = str(option.value)
        yield Choice(f"{id_of(name)}-{place}", text, option.label, text in chosen)
