"""A decision tried by hand: what was typed, what it comes to, which rows matched. Nothing is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from touchstone.decisions.content import CardDecision, ContentDecision, Decided, TableDecision
from touchstone.kernel import feel
from touchstone.kernel.text import Text
from touchstone.process.rerunning import reasons_of
from touchstone.web.decisions.tables import CardView, TableView
from touchstone.web.decisions.wording import CURRENCIES, Reading, value_words

MARK = "try"
_BAD = Text("请按示例格式填写", "This does not read as a value")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class TryField:
    """One input of the form.

    Attributes:
        name: of the parameter in the address.
        kind: number, boolean, date, choice or text.
    """

    name: str
    title: Text
    kind: str
    typed: str
    options: tuple[tuple[str, Text], ...]
    error: Text | None
    unit: Text | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The form, and what it came to where it was filled in.

    Attributes:
        values: output in words, by title.
    """

    fields: tuple[TryField, ...]
    decided: Decided | None
    values: tuple[tuple[Text, Text], ...]
    reasons: tuple[Text, ...]

    @property
    def matched(self) -> Mapping[str, tuple[str, ...]]:
        """By table or card, the ids of what matched."""
        return self.decided.rules if self.decided else {}


def trial(
    decision: ContentDecision,
    readings: Mapping[str, Reading],
    query: Mapping[str, str],
    now: dt.datetime,
    day: dt.date,
) -> Trial:
    """The form filled with what the address asks for, and the answer where it is complete.

    ``day``: whose thresholds name the values to choose from.
    """
    fields, given = [], {}
    for number, (name, kind) in enumerate(decision.inputs.items()):
        reading = readings.get(name) or Reading(Text(name, name))
        typed = query.get(f"in_{number}", "").strip()[:_LONGEST]
        options = _options(decision, name, reading, day)
        value, error = _value(typed, kind)
        given[name] = value
        unit = _unit(reading)
        fields.append(
            TryField(
                f"in_{number}", reading.title, _kind(kind, options), typed, options, error, unit
            )
        )
    if MARK not in query or any(item.error for item in fields):
        return Trial(tuple(fields), None, (), ())
    decided = decision.decide(given, now)
    values = tuple(
        (reading.title, value_words(decided.values.get(name), reading))
        for name, reading in ((name, readings[name]) for name in decision.outputs)
    )
    return Trial(tuple(fields), decided, values, reasons_of(decided))


def _unit(reading: Reading) -> Text | None:
    """What to type the number in, where the title does not say so already."""
    unit = reading.unit
    if reading.currency:
        unit = Text(CURRENCIES.get(reading.currency, reading.currency), reading.currency)
    if unit is None or f"（{unit.zh}）" in reading.title.zh or f"({unit.en})" in reading.title.en:
        return None
    return unit


def _kind(kind: feel.Type, options: tuple[tuple[str, Text], ...]) -> str:
    if options:
        return "choice"
    if kind == feel.NUMBER:
        return "number"
    return "date" if kind == feel.DATE else "text"


def _value(typed: str, kind: feel.Type) -> tuple[Any, Text | None]:
    if not typed:
        return None, None
    if kind == feel.BOOLEAN:
        known = {"true": True, "false": False}
        return known.get(typed), None if typed in known else _BAD
    if kind == feel.NUMBER:
        try:
            number = Decimal(typed.replace(",", ""))
        except InvalidOperation:
            return None, _BAD
        fits = number.is_finite() and abs(number.adjusted()) < 30
        return (number, None) if fits else (None, _BAD)
    try:
        return feel.take_in(typed, kind), None
    except feel.FeelError:
        return None, _BAD


def _options(
    decision: ContentDecision, name: str, reading: Reading, day: dt.date
) -> tuple[tuple[str, Text], ...]:
    """Coded values to choose from: the form's, else those that the table or card names."""
    if decision.inputs[name] == feel.BOOLEAN:
        return (("true", Text("是", "Yes")), ("false", Text("否", "No")))
    if reading.options:
        return tuple(reading.options.items())
    if decision.inputs[name] == feel.NUMBER:
        return ()
    found: dict[str, Text] = {}
    if isinstance(decision, TableDecision):
        for table in decision.model_on(day).tables:
            for column in table.columns:
                if column.box.expression.text == name:
                    named = (
                        end for cell in column.cells if cell for s in cell.spans for end in s.ends()
                    )
                    found |= {end: Text(end, end) for end in named if isinstance(end, str)}
    elif isinstance(decision, CardDecision):
        for item in decision.data["characteristics"]:
            if item["id"] == name:
                for one in item["bins"]:
                    label = Text.from_mapping(one["label"])
                    found |= dict.fromkeys(one.get("values") or (), label)
    return tuple(found.items())


def lit_tables(
    views: tuple[TableView, ...],
    matched: Mapping[str, tuple[str, ...]],
    counts: Mapping[tuple[str, str], int] | None,
) -> tuple[TableView, ...]:
    """The tables with the rows that matched lit, and how often each decided."""
    return tuple(
        replace(
            view,
            rows=tuple(
                replace(
                    row,
                    is_lit=row.id in matched.get(view.name, ()),
                    count=None if counts is None else counts.get((view.name, row.id), 0),
                )
                for row in view.rows
            ),
        )
        for view in views
    )


def lit_card(
    view: CardView, matched: Mapping[str, tuple[str, ...]], counts: Mapping[tuple[str, str], int]
) -> CardView:
    """The card with the classes that matched lit, and how often each was met."""
    lit = matched.get(view.card.id, ())
    return replace(
        view,
        characteristics=tuple(
            replace(
                item,
                classes=tuple(
                    replace(one, is_lit=one.id in lit, count=counts.get((view.card.id, one.id), 0))
                    for one in item.classes
                ),
            )
            for item in view.characteristics
        ),
    )
