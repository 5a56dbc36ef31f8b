"""Values of a foreign log as a procedure's forms and variables take them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from touchstone.kernel.refusal import refuse
from touchstone.process.forms import Form

_TRUE = frozenset({"true", "yes", "y", "1", "是"})
_FALSE = frozenset({"false", "no", "n", "0", "否"})


@dataclass(frozen=True, slots=True)
class Given:
    """Where a value comes from: a column of the log, or the mapping itself.

    Attributes:
        column: the column, or None for a constant.
        words: what the values of the column are called here; empty: the same.
        constant: the value that the mapping states; None is one too (known to be nothing).
    """

    column: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    constant: Any = None

    def is_there(self, columns: Mapping[str, Any]) -> bool:
        """Whether the event has it; an empty cell is a missing value."""
        return self.column is None or columns.get(self.column) not in (None, "")

    def of(self, columns: Mapping[str, Any]) -> Any:
        """The value for an event with ``columns``."""
        if self.column is None:
            return self.constant
        value = columns.get(self.column)
        return self.words.get(str(value), value) if self.words else value


def read_given(name: str, data: Any) -> Given:
    """A column's name, ``{column, words}`` or ``{is: value}``.

    Raises:
        Refusal: ``observing.bad_mapping``.
    """
    if isinstance(data, str):
        return Given(data)
    if isinstance(data, Mapping):
        if set(data) == {"is"}:
            return Given(constant=data["is"])
        words = data.get("words") or {}
        known = set(data) <= {"column", "words"} and isinstance(data.get("column"), str)
        if known and isinstance(words, Mapping):
            return Given(data["column"], {str(key): value for key, value in words.items()})
    raise refuse(
        "observing.bad_mapping",
        f"{name}：应为列名、{{column, words}} 或 {{is: 值}}",
        f"{name}: a column, {{column, words}} or {{is: value}} is needed",
        remedy_zh="更正映射",
        remedy_en="Correct the mapping",
    )


def value_of(name: str, value: Any, forms: Sequence[Form], case: str, activity: str) -> Any:
    """``value`` as the field or variable ``name`` holds it.

    Raises:
        Refusal: ``observing.bad_value``: the form that has the field would not take it.
    """
    form = next((item for item in forms if name in item.open_fields), None)
    if form is None:
        return _plain(value)
    schema = form.properties[name]
    taken = _typed(schema, value)
    fault = Form(form.name, {"type": "object", "properties": {name: schema}}).faults({name: taken})
    if value is not None and fault:
        raise refuse(
            "observing.bad_value",
            f"{case}“{activity}”：{fault.zh}（{value}）",
            f"{case} “{activity}”: {fault.en} ({value})",
            remedy_zh="在映射的 words 中说明该值，或更正日志",
            remedy_en="Say under words what the value means, or correct the log",
        )
    return taken


def _typed(schema: Mapping[str, Any], value: Any) -> Any:
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    text = str(value).strip()
    if value is None or isinstance(value, bool):
        return value
    if "boolean" in kinds:
        return True if text.lower() in _TRUE else False if text.lower() in _FALSE else text
    if "integer" in kinds:
        whole = text.removesuffix(".0")
        if whole.lstrip("-").isdigit():
            return int(whole)
    if isinstance(value, dt.datetime) and schema.get("format") == "date":
        return value.date().isoformat()
    return _text(value)


def _plain(value: Any) -> Any:
    """A variable that no form holds: as the log has it, without floats."""
    return value if value is None or isinstance(value, bool | int) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return format(Decimal(str(value)).normalize(), "f")
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
