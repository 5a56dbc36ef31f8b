"""Cells of a decision table in the words of a banker. Pure.

``[10000..50000)`` reads "1 万元（含）至 5 万元（不含）" and "CNY 10,000 up to but not 50,000"; what is no
set of values (free FEEL) stays as it is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from touchstone.decisions.cells import Cell, Span
from touchstone.kernel import feel
from touchstone.kernel.canonical import decimal_of
from touchstone.kernel.text import Text
from touchstone.ui import formats

ANY = Text("不限", "Any")
NOTHING = Text("—", "—")
_YES, _NO = Text("是", "Yes"), Text("否", "No")
_MISSING = Text("空缺", "missing")
CURRENCIES: Mapping[str, str] = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元"}
_MYRIAD, _HUNDRED_MILLION = Decimal(10_000), Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of a column read.

    Attributes:
        currency: of amounts of money.
        unit: what is counted, written after the number.
        options: coded value -> what it is called.
        is_number: whether a text is a number that the journal keeps as one.
    """

    title: Text
    currency: str | None = None
    unit: Text | None = None
    options: Mapping[str, Text] = field(default_factory=dict)
    is_number: bool = False


def cell_words(cell: Cell | None, written: str, reading: Reading) -> Text:
    """A condition in words."""
    if cell is None:
        return Text(written, written)
    if cell.anything:
        return ANY
    if not cell.spans:
        if not cell.null:
            return Text(written, written)
        return Text("不空缺", "given") if cell.negated else _MISSING
    parts = [_span(span, reading) for span in cell.spans]
    if cell.null:
        parts.append(_MISSING)
    if cell.negated and len(cell.spans) == 1 and isinstance(cell.spans[0].low, bool):
        other = _NO if cell.spans[0].low else _YES
        return Text(f"{other.zh}或空缺", f"{other.en} or missing")
    if cell.negated:
        return Text(
            f"除{'、'.join(part.zh for part in parts)}以外",
            f"anything but {_listed([part.en for part in parts])}",
        )
    return Text(
        "、".join(part.zh for part in parts),
        _listed([part.en for part in parts]),
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def _span(span: Span, reading: Reading) -> Text:
    if span.point:
        return value_words(span.low, reading)
    low, high = (
        value_words(end, reading) if end is not None else None for end in (span.low, span.high)
    )
    if low and high:
        return _between(span, low, high)
    if low:
        if span.low_included:
            return Text(f"{low.zh}及以上", f"{low.en} or more")
        return Text(f"超过{low.zh}", f"more than {low.en}")
    assert high is not None
    if span.high_included:
        return Text(f"不超过{high.zh}", f"up to {high.en}")
    return Text(f"不足{high.zh}", f"less than {high.en}")


def _between(span: Span, low: Text, high: Text) -> Text:
    first, last = ("含" if end else "不含" for end in (span.low_included, span.high_included))
    begins = low.en if span.low_included else f"more than {low.en}"
    ends = f"up to {high.en}" if span.high_included else f"up to but not {high.en}"
    return Text(f"{low.zh}（{first}）至{high.zh}（{last}）", f"{begins} {ends}")


def value_words(value: Any, reading: Reading) -> Text:
    """A value in words."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, str) and reading.is_number:
        number = decimal_of(value)
        value = value if number is None else number
    if isinstance(value, str):
        return reading.options.get(value, Text(value, value))
    if isinstance(value, int | Decimal):
        return _number(Decimal(value), reading)
    if isinstance(value, list | tuple | Mapping):
        return _several(value, reading)
    return _moment(value)


def _several(value: Any, reading: Reading) -> Text:
    if not value:
        return NOTHING
    if isinstance(value, Mapping):
        plain = Reading(reading.title)
        pairs = [(name, value_words(item, plain)) for name, item in value.items()]
        return Text(
            "；".join(f"{name}：{item.zh}" for name, item in pairs),
            "; ".join(f"{name}: {item.en}" for name, item in pairs),
        )
    parts = [value_words(item, reading) for item in value]
    return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _moment(value: Any) -> Text:
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            return Text(formats.instant(value, "zh"), formats.instant(value, "en"))
    elif isinstance(value, dt.date):
        return Text(formats.day(value, "zh"), formats.day(value, "en"))
    elif isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
        return Text(formats.duration(seconds, "zh"), formats.duration(seconds, "en"))
    text = str(feel.text_of(value))
    return Text(text, text)


def _number(value: Decimal, reading: Reading) -> Text:
    if reading.currency:
        name = CURRENCIES.get(reading.currency, reading.currency)
        return Text(_chinese(value) + name, f"{reading.currency} {_plain(value)}")
    unit = reading.unit
    if unit is None:
        return Text(_chinese(value), _plain(value))
    space = "" if unit.en == "%" else " "
    return Text(f"{_plain(value)}{unit.zh}", f"{_plain(value)}{space}{unit.en}")


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _chinese(value: Decimal) -> str:
    """Round large numbers by 万 and 亿, as they are said."""
    for size, name in ((_HUNDRED_MILLION, "亿"), (_MYRIAD, "万")):
        shown = value / size
        if abs(value) >= size and shown == round(shown, 2):
            return f"{_plain(shown)}{name}"
    return _plain(value)


_POLICIES: Mapping[str, Text] = {
    "U": Text(
        "任一情形至多适用一行规则；出现两行同时适用即为错误（唯一）。",
        "At most one row applies to any case; two at once would be an error (unique).",
    ),
    "A": Text(
        "可有多行同时适用，但结论必须一致（任一）。",
        "Several rows may apply, and all must say the same (any).",
    ),
    "P": Text(
        "多行同时适用时，取结论优先级最高的一行（优先）。",
        "Where several rows apply, the result of the highest priority counts (priority).",
    ),
    "F": Text(
        "自上而下，以最先适用的一行为准（首行）。",
        "Read from the top; the first row that applies decides (first).",
    ),
    "R": Text(
        "列出所有适用行的结论，按表中的顺序（规则顺序）。",
        "The results of all rows that apply, in the table's order (rule order).",
    ),
    "O": Text(
        "列出所有适用行的结论，按优先级排列（输出顺序）。",
        "The results of all rows that apply, by their priority (output order).",
    ),
    "C": Text(
        "列出所有适用行的结论，不分先后（收集）。",
        "The results of all rows that apply, in no order (collect).",
    ),
}
_AGGREGATIONS: Mapping[str, Text] = {
    "+": Text(
        "所有适用行的结论相加（求和）。", "The results of all rows that apply are added up (sum)."
    ),
    "<": Text(
        "取所有适用行中最小的结论（最小）。",
        "The smallest result of the rows that apply (minimum).",
    ),
    ">": Text(
        "取所有适用行中最大的结论（最大）。", "The largest result of the rows that apply (maximum)."
    ),
    "#": Text("结论为适用规则的行数（计数）。", "How many rows apply (count)."),
}


def policy_words(policy: str, aggregation: str) -> Text:
    """A hit policy in a sentence."""
    return _AGGREGATIONS.get(aggregation) or _POLICIES[policy]


FINDINGS: Mapping[str, Text] = {
    "gap": Text("缺口", "Gap"),
    "overlap": Text("重叠", "Overlap"),
    "conflict": Text("结论冲突", "Conflict"),
    "masked": Text("被遮蔽", "Masked"),
    "unreachable": Text("不可达", "Unreachable"),
    "type_error": Text("类型不符", "Wrong type"),
    "input_not_allowed": Text("输入不允许", "Input not allowed"),
    "output_not_allowed": Text("结论不允许", "Output not allowed"),
    "not_monotone": Text("不单调", "Not monotone"),
    "declared_gap_covered": Text("声明的缺口已被覆盖", "Declared gap is covered"),
    "not_analysable": Text("未能分析", "Not analysed"),
}
