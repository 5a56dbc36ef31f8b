"""Canonical JSON text: one value, one sequence of bytes, on every machine.

Keys sorted, no blanks, UTF-8 kept readable. Numbers are integers or decimal strings: a float is
refused, because two machines may print it differently.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise TypeError("a naive datetime has no canonical form")
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _without_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no canonical form: use an integer or a Decimal")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError("keys are text")
            _without_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _without_floats(item)


_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_default
).encode


def canonical_text(value: object) -> str:
    """``value`` as canonical JSON text.

    Raises:
        TypeError: ``value`` holds something without a canonical form (a float, a naive datetime).
    """
    _without_floats(value)
    return _encode(value)


def canonical_bytes(value: object) -> bytes:
    """``canonical_text`` in UTF-8."""
    return canonical_text(value).encode()


def plain(value: object) -> object:
    """``value`` as it reads back from canonical text: Decimals and dates become strings."""
    return json.loads(canonical_text(value))
