"""Canonical JSON text: one value, one sequence of bytes, on every machine.

Keys sorted, no blanks, UTF-8 kept readable. Numbers are integers or decimal strings: a float is
refused, because two machines may print it differently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import orjson


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):  # of a subclass: an enumeration's member
        return str.__str__(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise TypeError("a naive datetime has no canonical form")
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


# Most of a payload is these; telling them by exact type keeps the walk out of an act's cost.
_LEAVES = frozenset({str, int, bool, type(None)})
_MAPS, _LISTS = (dict, Mapping), (list, tuple)


def without_floats(value: object) -> None:
    """Refuse a float anywhere in ``value``, and keys that are no text.

    Raises:
        TypeError: there is one.
    """
    kind = type(value)
    # Lists before maps: asking a list whether it is a Mapping goes through the abstract class.
    if kind is list or (kind is not dict and isinstance(value, _LISTS)):
        for item in value:  # type: ignore[attr-defined]
            if type(item) not in _LEAVES:
                without_floats(item)
    elif kind is dict or (kind not in _LEAVES and isinstance(value, _MAPS)):
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str and not isinstance(key, str):
                raise TypeError("keys are text")
            if type(item) not in _LEAVES:
                without_floats(item)
    elif isinstance(value, float):
        raise TypeError("a float has no canonical form: use an integer or a Decimal")


_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def canonical_text(value: object) -> str:
    """``value`` as canonical JSON text.

    Raises:
        TypeError: ``value`` holds something without a canonical form (a float, a naive datetime, an
            integer beyond 64 bits, half a surrogate pair).
    """
    without_floats(value)
    return orjson.dumps(value, _default, _OPTIONS).decode()


def text_of_checked(value: object) -> str:
    """Canonical text of what was checked before: parts of facts, and rows folded from them."""
    return orjson.dumps(value, _default, _OPTIONS).decode()


def canonical_bytes(value: object) -> bytes:
    """``canonical_text`` in UTF-8."""
    return canonical_text(value).encode()


def decimal_of(value: object) -> Decimal | None:
    """The number that canonical text keeps as an integer or a decimal string; None: it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def plain(value: object) -> object:
    """``value`` as it reads back from canonical text: Decimals and dates become strings."""
    return orjson.loads(canonical_text(value))
