"""Contexts: reading, making and changing them; what is given stays as it was."""

from __future__ import annotations

from typing import Any

from touchstone.kernel.feel.builtins.arguments import context, define, items, text
from touchstone.kernel.feel.values import FeelError


def _get_value(found: Any, key: Any) -> Any:
    return context(found).get(text(key))


def _get_entries(found: Any) -> list[Any]:
    return [{"key": key, "value": value} for key, value in context(found).items()]


def _context(entries: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for entry in items(entries):
        if type(entry) is not dict or "key" not in entry or "value" not in entry:
            raise FeelError("an entry has a key and a value", "每项须有key与value")
        key = text(entry["key"])
        if key in made:
            raise FeelError(f"two entries are called {key!r}", f"有两项名为{key!r}")
        made[key] = entry["value"]
    return made


def _context_put(found: Any, key: Any, value: Any) -> dict[str, Any]:
    own = context(found)
    if type(key) is not list:
        return {**own, text(key): value}
    if not key:
        raise FeelError("the keys are empty", "键列表为空")
    first = text(key[0])
    if len(key) == 1:
        return {**own, first: value}
    return {**own, first: _context_put(own.get(first), key[1:], value)}


def _context_merge(contexts: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in items(contexts):
        if type(part) is not dict:
            raise FeelError("only contexts are merged", "只能合并上下文")
        merged.update(part)
    return merged


FUNCTIONS = (
    define("get value", _get_value, "m, key"),
    define("get entries", _get_entries, "m"),
    define("context", _context, "entries"),
    define("context put", _context_put, "context, key=string, value", "context, keys=list, value"),
    define("context merge", _context_merge, "contexts"),
)
