"""Whether a value is of a type, what it becomes when one is asked for, and how it leaves FEEL."""

from __future__ import annotations

import datetime as dt
from typing import Any

from touchstone.kernel.feel import types
from touchstone.kernel.feel.reading import number_text, temporal_text
from touchstone.kernel.feel.temporal import (
    FarDate,
    FarDateTime,
    FineTime,
    LongDuration,
    YearsMonths,
    is_date,
    make_date_time,
)
from touchstone.kernel.feel.types import ContextOf, FunctionOf, ListOf, RangeOf, Simple, Type
from touchstone.kernel.feel.values import FunctionValue, Range, kind_of

_MIDNIGHT = dt.time(tzinfo=dt.UTC)
_FOREIGN = (FarDate, FarDateTime, FineTime, LongDuration, YearsMonths)


def conforms(value: Any, kind: Type) -> bool:
    """Whether ``value`` is of ``kind``; null is of every type."""
    if value is None or kind is types.ANY:
        return True
    if isinstance(kind, Simple):
        return kind_of(value) == kind.name or kind == types.ANY
    if isinstance(kind, ListOf):
        return isinstance(value, list) and all(conforms(item, kind.item) for item in value)
    if isinstance(kind, ContextOf):
        return isinstance(value, dict) and all(
            name in value and conforms(value[name], member) for name, member in kind.members.items()
        )
    if isinstance(kind, RangeOf):
        return isinstance(value, Range) and all(
            conforms(end, kind.item) for end in (value.low, value.high)
        )
    if isinstance(kind, FunctionOf):
        return isinstance(value, FunctionValue) and _function_conforms(value, kind)
    return False


def _function_conforms(value: FunctionValue, kind: FunctionOf) -> bool:
    asked = [parameter for _, parameter in kind.parameters]
    return (
        len(asked) == len(value.parameters)
        and all(type_conforms(given, own) for given, own in zip(asked, value.types, strict=True))
        and (value.result is None or type_conforms(value.result, kind.result))
    )


def type_conforms(kind: Type, other: Type) -> bool:
    """Whether every value of ``kind`` is of ``other``."""
    if other == types.ANY or kind in (other, types.NULL):
        return True
    if isinstance(kind, ListOf):
        return other == types.LIST or (
            isinstance(other, ListOf) and type_conforms(kind.item, other.item)
        )
    if isinstance(kind, RangeOf):
        return other == types.RANGE or (
            isinstance(other, RangeOf) and type_conforms(kind.item, other.item)
        )
    if isinstance(kind, ContextOf):
        return other == types.CONTEXT or (
            isinstance(other, ContextOf)
            and all(
                name in kind.members and type_conforms(kind.members[name], member)
                for name, member in other.members.items()
            )
        )
    if isinstance(kind, FunctionOf):
        return other == types.FUNCTION or (
            isinstance(other, FunctionOf)
            and len(kind.parameters) == len(other.parameters)
            and all(
                type_conforms(asked, own)
                for (_, own), (_, asked) in zip(kind.parameters, other.parameters, strict=True)
            )
            and type_conforms(kind.result, other.result)
        )
    return False


def instance_of(value: Any, kind: Type) -> bool:
    """FEEL's ``instance of``: nothing but null itself is an instance of what null is."""
    if value is None:
        return kind == types.NULL
    return kind != types.NULL and conforms(value, kind)


def coerce(value: Any, kind: Type) -> Any:
    """``value`` as ``kind``: a list of one for its item, an item for its list, a date as its midnight
    in UTC; null where it is none of these."""
    if conforms(value, kind):
        return value
    listed = isinstance(kind, ListOf) or kind == types.LIST
    if isinstance(value, list):
        if len(value) == 1 and not listed:
            return coerce(value[0], kind) if not isinstance(value[0], list) else None
        return None
    if listed:
        return [value] if not isinstance(kind, ListOf) or conforms(value, kind.item) else None
    if kind == types.DATE_TIME and is_date(value):
        return make_date_time(value, _MIDNIGHT)
    return None


def host(value: Any) -> Any:
    """A FEEL value as the host takes it: Decimal, the standard library's dates, ISO texts for what it
    lacks; ranges and functions as their text."""
    kind = type(value)
    if kind is list:
        return [host(item) for item in value]
    if kind is dict:
        return {key: host(item) for key, item in value.items()}
    if isinstance(value, _FOREIGN):
        return temporal_text(value)
    if isinstance(value, Range):
        return text_of(value)
    if isinstance(value, FunctionValue):
        return text_of(value)
    return value


def text_of(value: Any, *, inside: bool = False) -> str:
    """A value as FEEL text; inside of another one, strings are quoted."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if inside else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item, inside=True) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(_entry(key, item) for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _range_text(value)
    if isinstance(value, FunctionValue):
        return f"function({', '.join(value.parameters)})"
    return number_text(value) if kind_of(value) == "number" else str(temporal_text(value))


def _entry(key: str, value: Any) -> str:
    plain = key.replace(" ", "").isidentifier()
    return f"{key if plain else text_of(key, inside=True)}: {text_of(value, inside=True)}"


def _range_text(value: Range) -> str:
    low, high = text_of(value.low, inside=True), text_of(value.high, inside=True)
    if value.operator:
        return f"({value.operator}{high if value.low is None else low})"
    opening, closing = "[" if value.low_included else "(", "]" if value.high_included else ")"
    return f"{opening}{low}..{high}{closing}"
