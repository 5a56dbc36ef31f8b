"""A field's value as it reads where it is shown only. Pure."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from touchstone.kernel.forms import Field
from touchstone.kernel.text import Language
from touchstone.ui import formats


def read_out(field: Field, value: Any, language: Language) -> str:
    """The value in words of the page's language; a dash where there is none."""
    if value in (None, "", []):
        return formats.NONE
    if field.kind == "boolean":
        yes = value is True or value == "true"
        return ("是" if yes else "否") if language == "zh" else ("Yes" if yes else "No")
    if field.kind in ("choice", "choices"):
        by_text = {str(option.value): option.label for option in field.options}
        items = value if isinstance(value, list) else [value]
        words = [
            label.in_language(language) if (label := by_text.get(str(item))) else str(item)
            for item in items
        ]
        return ("、" if language == "zh" else ", ").join(words)
    try:
        if field.kind == "money":
            return formats.money(Decimal(str(value)), field.currency or "CNY")
        if field.kind in ("integer", "decimal"):
            unit = f" {field.unit.in_language(language)}" if field.unit else ""
            return f"{Decimal(str(value)):,f}{unit}"
        if field.kind == "date":
            return formats.day(dt.date.fromisoformat(str(value)), language)
        if field.kind == "date_time":
            return formats.instant(dt.datetime.fromisoformat(str(value)), language)
    except (ValueError, InvalidOperation):
        return str(value)
    return field.text_of(value)
