"""Rules and values in words of both languages, as a banker reads them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.decisions import model
from touchstone.kernel.text import Text

MISSING = Text("未提供", "not given")
_YES_NO: Mapping[bool, Text] = {True: Text("是", "yes"), False: Text("否", "no")}
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"(?<!\w)(?<!\d\.)\d{5,}(?!\w)")
_RANGE = re.compile(r"^([\[(\]])([^\[\]()]+?)\.\.([^\[\]()]+)([\])\[])$")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule.

    Attributes:
        test: as it held on the day, with the values of parameters; ``written`` as the table has it.
    """

    label: Text
    test: Text
    written: str


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule in words: its number in its table, what it asks, and why it is there.

    Attributes:
        points: what it is worth, of a class of a scorecard.
    """

    id: str
    number: int
    conditions: tuple[Condition, ...]
    why: Text
    points: int | None = None


def value_in_words(value: Any) -> Text:
    """A plain value: numbers with their thousands, yes and no, lists joined."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, int | Decimal):
        text = f"{value:,}"
        return Text(text, text)
    if isinstance(value, list | tuple):
        parts = [value_in_words(item) for item in value]
        return Text("、".join(item.zh for item in parts), ", ".join(item.en for item in parts))
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    return Text(text, text)


def row_in_words(table: model.Table, number: int) -> MatchedRule:
    """A row of a table; a cell that takes anything is no condition."""
    rule = table.rules[number]
    conditions = tuple(
        Condition(
            Text(column.label or column.expression.text, column.label_en or column.expression.text),
            test_in_words(cell.text, column.words),
            cell.written or cell.text,
        )
        for column, cell in zip(table.inputs, rule.conditions, strict=True)
        if cell.text not in ("", "-")
    )
    why = (*rule.annotations, "", "")[:2]
    return MatchedRule(rule.place.element, number + 1, conditions, Text(why[0], why[1] or why[0]))


def test_in_words(text: str, words: tuple[model.Word, ...]) -> Text:
    """A cell with its coded values in words and its numbers with their thousands."""
    plain = _NUMBER.sub(lambda found: f"{int(found[0]):,}", text)
    plain = plain.replace(">=", "≥").replace("<=", "≤")
    known = {item.value: item for item in words}

    def told(english: bool) -> str:
        def word(found: re.Match[str]) -> str:
            item = known.get(found[1])
            if item is None:
                return found[1]
            return item.label_en if english else item.label

        return _TEXT.sub(word, plain)

    zh, en = told(False), told(True)
    if zh in ("true", "false"):
        return _YES_NO[zh == "true"]
    between = _RANGE.match(zh)
    if between:
        low = f"{'≥' if between[1] == '[' else '>'} {between[2]}"
        high = f"{'≤' if between[4] == ']' else '<'} {between[3]}"
        return Text(f"{low} 且 {high}", f"{low} and {high}")
    return Text(
        zh.replace("not(", "非(").replace("null", "未提供"), en.replace("null", "not given")
    )
