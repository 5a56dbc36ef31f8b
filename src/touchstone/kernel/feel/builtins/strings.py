"""Strings: their parts, their case, and regular expressions over them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from touchstone.kernel.feel.builtins.arguments import define, items, text, whole
from touchstone.kernel.feel.builtins.patterns import compiled, matches_in, replaced, timed
from touchstone.kernel.feel.limits import MAX_TEXT
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.values import Exhausted, FeelError


def _substring(value: Any, start: Any, length: Any = None) -> str:
    source, place = text(value), whole(start)
    begin = place - 1 if place > 0 else len(source) + place
    if place == 0 or not 0 <= begin < max(len(source), 1):
        raise FeelError("there is no such position", "没有这个位置")
    if length is None:
        return source[begin:]
    count = whole(length)
    if count < 1:
        raise FeelError("the length must be positive", "长度须为正数")
    return source[begin : begin + count]


def _substring_before(value: Any, match: Any) -> str:
    before, found, _ = text(value).partition(text(match)) if text(match) else ("", "", "")
    return before if found else ""


def _substring_after(value: Any, match: Any) -> str:
    source, part = text(value), text(match)
    return source.partition(part)[2] if part else source


def _flags(value: Any) -> str:
    return "" if value is None else text(value)


def _matches(run: Run, value: Any, pattern: Any, flags: Any = None) -> bool:
    source, found = text(value), compiled(text(pattern), _flags(flags))
    return timed(run, lambda seconds: found.search(source, timeout=seconds)) is not None


def _replace(run: Run, value: Any, pattern: Any, replacement: Any, flags: Any = None) -> str:
    source, marks = text(value), _flags(flags)
    found = compiled(text(pattern), marks)
    return replaced(run, source, found, text(replacement), literal="q" in marks)


def _split(run: Run, value: Any, delimiter: Any) -> list[str]:
    source, found = text(value), compiled(text(delimiter), "")
    if timed(run, lambda seconds: found.search("", timeout=seconds)):
        raise FeelError("the delimiter matches an empty string", "分隔模式可匹配空串")
    parts, end = [], 0
    for match in matches_in(run, source, found):
        parts.append(source[end : match.start()])
        end = match.end()
    return [*parts, source[end:]]


def _string_join(listed: Any, delimiter: Any = None) -> str:
    parts = [text(item) for item in items(listed) if item is not None]
    between = "" if delimiter is None else text(delimiter)
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_TEXT:
        raise Exhausted("a string grows too long", "字符串过长")
    return between.join(parts)


FUNCTIONS = (
    define("substring", _substring, "string, start position, length?"),
    define("string length", lambda value: Decimal(len(text(value))), "string"),
    define("upper case", lambda value: text(value).upper(), "string"),
    define("lower case", lambda value: text(value).lower(), "string"),
    define("substring before", _substring_before, "string, match"),
    define("substring after", _substring_after, "string, match"),
    define("replace", _replace, "input, pattern, replacement, flags?", run=True),
    define("contains", lambda value, match: text(match) in text(value), "string, match"),
    define(
        "starts with", lambda value, match: text(value).startswith(text(match)), "string, match"
    ),
    define("ends with", lambda value, match: text(value).endswith(text(match)), "string, match"),
    define("matches", _matches, "input, pattern, flags?", run=True),
    define("split", _split, "string, delimiter", run=True),
    define("string join", _string_join, "list, delimiter?"),
)
