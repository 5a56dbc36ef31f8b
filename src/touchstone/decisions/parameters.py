"""Dated parameters inside a model: ``parameter("topic.name")`` stands for the value of the day.

The value takes its place before anything is compiled. A threshold is then a number like any other:
the table keeps its short way, and gaps, overlaps and monotone outputs are found over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Values: TypeAlias = Mapping[str, Any]
_CALL = re.compile(r'parameter\(\s*"([\w.]+)"\s*\)')
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_FREE = frozenset({"0", "1"})


def parameters_in(text: str) -> tuple[str, ...]:
    """The parameters that a text asks for, each once, in order."""
    return tuple(dict.fromkeys(_CALL.findall(text)))


def bare_numbers(text: str) -> tuple[str, ...]:
    """Numbers written out in a text beside its parameters; nothing and one are no thresholds."""
    rest = _TEXT.sub('""', _CALL.sub("", text))
    return tuple(item for item in _NUMBER.findall(rest) if item not in _FREE)


def texts_in(text: str) -> tuple[str, ...]:
    """The text literals of a text, without the names of its parameters."""
    return tuple(dict.fromkeys(item[1:-1] for item in _TEXT.findall(_CALL.sub("", text))))


def settled(text: str, values: Values) -> tuple[str, tuple[str, ...]]:
    """``text`` with the values in place of its parameters, and those that have none."""
    unknown = []

    def value(found: re.Match[str]) -> str:
        written = _written(values.get(found[1]))
        if written is None:
            unknown.append(found[1])
            return "null"
        return written

    return _CALL.sub(value, text), tuple(unknown)


def _written(value: Any) -> str | None:
    """A value as FEEL writes it; None for what has no literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        parts = [_written(item) for item in value]
        return None if None in parts else f"[{', '.join(part for part in parts if part)}]"
    return None
