"""A decision as its page shows it: tables with cells in words, cards as points, from bytes or in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.checking import WHY
from touchstone.decisions.content import CardDecision, ContentDecision, TableDecision
from touchstone.decisions.differing import written
from touchstone.decisions.parameters import parameters_in
from touchstone.decisions.scorecard import Characteristic, Scorecard
from touchstone.decisions.tables import CompiledTable
from touchstone.kernel import feel
from touchstone.kernel.forms import Field
from touchstone.kernel.parameters import CURRENCIES, Parameter
from touchstone.kernel.text import Text
from touchstone.web.decisions.wording import Reading, cell_words, policy_words, value_words

_PERCENT = Text("%", "%")
_UNITS: Mapping[str, Text] = {
    "percent": _PERCENT,
    "permyriad": Text("‱", "‱"),
    "days": Text("天", "days"),
    "score": Text("分", "points"),
}


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell; ``written`` as the file has it."""

    words: Text
    written: str
    parameters: tuple[str, ...]
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class RowView:
    """One rule.

    Attributes:
        count: how often it decided in the period.
        is_lit: whether it matched what was tried.
    """

    number: int
    id: str
    conditions: tuple[CellView, ...]
    results: tuple[CellView, ...]
    why: Text | None
    notes: tuple[str, ...]
    count: int | None = None
    is_lit: bool = False
    how: str = "same"


@dataclass(frozen=True, slots=True)
class TableView:
    """One table.

    Attributes:
        id: of the element whose logic it is; ``name`` as the events call it.
        expressions: what its inputs look at, as findings name them.
        promises: monotone outputs, in words; ``gaps``: what is left open on purpose, and why.
    """

    id: str
    name: str
    title: Text
    question: str
    expressions: tuple[str, ...]
    policy: Text
    inputs: tuple[Reading, ...]
    outputs: tuple[Reading, ...]
    notes: tuple[str, ...]
    rows: tuple[RowView, ...]
    promises: tuple[Text, ...]
    gaps: tuple[tuple[tuple[Text, ...], str], ...]

    @property
    def width(self) -> int:
        """How many columns of cells it has."""
        return len(self.inputs) + len(self.outputs)


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of a characteristic of a card."""

    id: str
    label: Text
    points: int
    count: int | None = None
    is_lit: bool = False


@dataclass(frozen=True, slots=True)
class CharacteristicView:
    """One characteristic with its classes, the one for what is missing last."""

    id: str
    title: Text
    classes: tuple[ClassView, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """A scorecard as points."""

    card: Scorecard
    basis: Text | None
    characteristics: tuple[CharacteristicView, ...]
    parameters: tuple[str, ...]


def table_views(
    decision: TableDecision, day: dt.date, fields: Mapping[str, Field]
) -> tuple[TableView, ...]:
    """Every table of a decision with the parameters of a day, what comes last on top.

    Raises:
        DecisionModelError: a parameter has no value on that day.
    """
    loaded = decision.model_on(day)
    found = [
        _table(unit.element, table, decision.known, fields)
        for unit in loaded.program.units.values()
        for table in unit.tables
    ]
    return tuple(sorted(found, key=lambda view: view.name != decision.name))


def _table(
    element: model.Element,
    table: CompiledTable,
    known: Mapping[str, Parameter],
    fields: Mapping[str, Field],
) -> TableView:
    box = table.box
    inputs = tuple(_input_reading(box, n, known, fields) for n in range(len(box.inputs)))
    outputs = tuple(_output_reading(box, n, known, fields) for n in range(len(box.outputs)))
    rows = tuple(_row(table, n, inputs, outputs) for n in range(len(box.rules)))
    promises = tuple(_promise(item, box, inputs, outputs) for item in box.monotone)
    gaps = tuple(
        (tuple(Text(text, text) for text in gap.conditions), gap.reason) for gap in box.gaps
    )
    return TableView(
        element.id,
        table.name,
        title_of(element),
        getattr(element, "question", ""),
        tuple(column.expression.text for column in box.inputs),
        policy_words(box.policy, box.aggregation),
        inputs,
        outputs,
        box.annotations,
        rows,
        promises,
        gaps,
    )


def title_of(element: model.Element) -> Text:
    """What an element of a model is called."""
    return Text(element.name, getattr(element, "name_en", "") or element.name)


def _input_reading(
    box: model.Table, number: int, known: Mapping[str, Parameter], fields: Mapping[str, Field]
) -> Reading:
    column = box.inputs[number]
    name = column.expression.text
    label = column.label or name
    cells = [rule.conditions[number] for rule in box.rules]
    title = Text(label, column.label_en or label)
    return _reading(title, name, cells, column.words, known, fields)


def _output_reading(
    box: model.Table, number: int, known: Mapping[str, Parameter], fields: Mapping[str, Field]
) -> Reading:
    column = box.outputs[number]
    label = column.label or column.name
    cells = [rule.results[number] for rule in box.rules]
    title = Text(label, column.label_en or label)
    return _reading(title, column.name, cells, column.words, known, fields)


def _reading(
    title: Text,
    name: str,
    cells: list[model.Literal],
    words: tuple[model.Word, ...],
    known: Mapping[str, Parameter],
    fields: Mapping[str, Field],
) -> Reading:
    """How the column's values read: as the form's field does, else as its parameters do."""
    found = field_reading(title, fields.get(name))
    own = {word.value: Text(word.label, word.label_en or word.label) for word in words}
    found = replace(found, options={**found.options, **own})
    if found.currency or found.unit:
        return found
    named = {part for cell in cells for part in parameters_in(written(cell))}
    units = {known[part].unit for part in named if part in known}
    if len(units) != 1:
        return found
    unit = units.pop()
    if unit in CURRENCIES:
        return replace(found, currency=unit)
    return replace(found, unit=_UNITS.get(unit))


def field_reading(title: Text, field: Field | None) -> Reading:
    """How the values of a form's field read."""
    if field is None:
        return Reading(title)
    options = {str(option.value): option.label for option in field.options}
    return Reading(title, field.currency, field.unit, options)


def _row(
    table: CompiledTable, number: int, inputs: tuple[Reading, ...], outputs: tuple[Reading, ...]
) -> RowView:
    rule = table.box.rules[number]
    conditions = tuple(
        _cell(literal, cell_words(column.cells[number], literal.text, reading))
        for literal, column, reading in zip(rule.conditions, table.columns, inputs, strict=True)
    )
    results = tuple(
        _cell(literal, _result_words(output.literals[number], literal, reading))
        for literal, output, reading in zip(rule.results, table.outputs, outputs, strict=True)
    )
    notes = rule.annotations
    why = None
    if table.box.annotations[:1] == (WHY,) and len(notes) > 1:
        why, notes = Text(notes[0], notes[1] or notes[0]), notes[2:]
    return RowView(number + 1, table.ids[number], conditions, results, why, notes)


def _result_words(value: Any, literal: model.Literal, reading: Reading) -> Text:
    return value_words(value, reading) if value is not None else Text(literal.text, literal.text)


def _cell(literal: model.Literal, words: Text) -> CellView:
    text = written(literal)
    return CellView(words, text, parameters_in(text))


def _promise(
    promise: model.Monotone,
    box: model.Table,
    inputs: tuple[Reading, ...],
    outputs: tuple[Reading, ...],
) -> Text:
    given = next(
        (
            reading.title
            for column, reading in zip(box.inputs, inputs, strict=True)
            if promise.input in (column.expression.text, column.label)
        ),
        Text(promise.input, promise.input),
    )
    made = next(
        (
            reading.title
            for column, reading in zip(box.outputs, outputs, strict=True)
            if promise.output == column.name
        ),
        Text(promise.output, promise.output),
    )
    if promise.rises:
        return Text(
            f"{given.zh}越高，{made.zh}不会降低",
            f"The higher {given.en}, never the lower {made.en}",
        )
    return Text(
        f"{given.zh}越高，{made.zh}不会升高", f"The higher {given.en}, never the higher {made.en}"
    )


def card_view(decision: CardDecision, day: dt.date) -> CardView | None:
    """A card as points with the cut-offs of a day; None where it does not add up then."""
    card = decision.card_on(day)
    if not isinstance(card, Scorecard):
        return None
    basis = decision.data.get("basis")
    return CardView(
        card,
        Text.from_mapping(basis) if basis else None,
        tuple(_characteristic(item) for item in card.characteristics),
        tuple(decision.known),
    )


def _characteristic(item: Characteristic) -> CharacteristicView:
    classes = [
        ClassView(f"{item.id}.{number}", one.label, one.points)
        for number, one in enumerate(item.bins, 1)
    ]
    missing = ClassView(f"{item.id}.missing", Text("未提供", "Not given"), item.missing)
    return CharacteristicView(item.id, item.title, (*classes, missing))


def readings_of(
    decision: ContentDecision, day: dt.date, fields: Mapping[str, Field]
) -> dict[str, Reading]:
    """How each input and output of a decision reads."""
    types = {**decision.inputs, **decision.outputs}
    found = {name: field_reading(Text(name, name), fields.get(name)) for name in types}
    if isinstance(decision, CardDecision):
        found |= _card_readings(decision, day, found)
    elif isinstance(decision, TableDecision):
        found |= _column_readings(decision, day, fields)
    return {name: replace(found[name], is_number=types[name] == feel.NUMBER) for name in types}


def _card_readings(
    decision: CardDecision, day: dt.date, found: Mapping[str, Reading]
) -> dict[str, Reading]:
    card = decision.card_on(day)
    if not isinstance(card, Scorecard):
        return {}
    titles = {item.id: item.title for item in card.characteristics}
    grades = {grade.id: grade.title for grade in card.grades}
    return {
        **{name: replace(found[name], title=title) for name, title in titles.items()},
        "points": Reading(Text("得分", "Points")),
        "grade": Reading(Text("等级", "Grade"), options=grades),
        "reasons": Reading(Text("主要扣分项", "What cost most"), options=titles),
    }


def _column_readings(
    decision: TableDecision, day: dt.date, fields: Mapping[str, Field]
) -> dict[str, Reading]:
    """By what a column looks at or gives; of a table with one output also by its decision's variable."""
    found: dict[str, Reading] = {}
    for unit in decision.model_on(day).program.units.values():
        for table in unit.tables:
            box = table.box
            for number, column in enumerate(box.inputs):
                reading = _input_reading(box, number, decision.known, fields)
                found.setdefault(column.expression.text, reading)
            for number, output in enumerate(box.outputs):
                reading = _output_reading(box, number, decision.known, fields)
                found.setdefault(output.name, reading)
                if len(box.outputs) == 1 and isinstance(unit.element, model.Decision):
                    found.setdefault(unit.element.variable.name, reading)
    return found
