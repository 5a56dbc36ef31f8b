"""A decision of a standard: a table or a card with the parameters of the day, asked by its outputs.

Bare Python: whoever deploys a procedure hands in bytes and parameters, the engine hands in the instant.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from touchstone.decisions import model
from touchstone.decisions.dmn import read_definitions
from touchstone.decisions.loading import DecisionModelError, Model, load_bytes
from touchstone.decisions.parameters import parameters_in
from touchstone.decisions.scorecard import Scorecard, read_scorecard
from touchstone.decisions.units import Unit
from touchstone.decisions.wording import (
    MISSING,
    Condition,
    MatchedRule,
    row_in_words,
    value_in_words,
)
from touchstone.kernel import feel
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.kernel.xml import read_root

Kind = Literal["table", "card"]
LAST_DAY = dt.date.max


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to.

    Attributes:
        values: by output, host values; null where it came to none.
        rules: by table or card, the ids of the rules or classes that matched.
        inputs: the values used.
        parameters: the values of the day that took part.
        reasons: why it came to nothing, in English.
        reasons_zh: the same in Chinese.
    """

    values: Mapping[str, Any]
    rules: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    reasons: tuple[str, ...] = ()
    reasons_zh: tuple[str, ...] = ()


class ContentDecision(ABC):
    """A decision that a procedure may ask for.

    Attributes:
        id: as the procedure names it.
        sha256: of the content.
        inputs, outputs: name -> type.
        known: the parameters it asks for.
        labels: of inputs and outputs, where they have any.
    """

    id: str
    kind: Kind
    title: Text
    clauses: tuple[str, ...]
    sha256: str
    inputs: Mapping[str, feel.Type]
    outputs: Mapping[str, feel.Type]
    known: Mapping[str, Parameter]
    labels: Mapping[str, Text]

    @abstractmethod
    def matched(self, table: str, rule: str, day: dt.date) -> MatchedRule | None:
        """A rule that matched on a day, in words; None where the content has none such."""

    @abstractmethod
    def word(self, name: str, value: Any) -> Text:
        """A value of an input or output in words."""

    @abstractmethod
    def decide(self, given: Mapping[str, Any], now: dt.datetime) -> Decided:
        """What it comes to for ``given`` at ``now``; never raises for what the inputs hold."""


@lru_cache(maxsize=512)
def _model(content: bytes, file: str, values: tuple[tuple[str, Any], ...]) -> Model:
    return load_bytes(content, file, parameters=dict(values))


def top_decision(loaded: Model) -> Unit | None:
    """The one decision that no other of the model needs; None where there is none or several."""
    units = loaded.program.units.values()
    needed = {other for unit in units for _, other in unit.needs}
    found = [
        unit for unit in units if isinstance(unit.element, model.Decision) and unit not in needed
    ]
    return found[0] if len(found) == 1 else None


def main_of(definitions: model.Definitions) -> model.Decision | None:
    """As ``top_decision``, of a file that is only read."""
    found = [item for item in definitions.elements if isinstance(item, model.Decision)]
    needed = {part.id for item in found for part in item.requires if part.namespace is None}
    tops = [item for item in found if item.id not in needed]
    return tops[0] if len(tops) == 1 else None


class TableDecision(ContentDecision):
    """The decision of a DMN file.

    Raises:
        DecisionModelError: the file cannot be loaded, or decides not one thing.
    """

    kind = "table"

    def __init__(
        self, identity: str, content: bytes, file: str, known: Mapping[str, Parameter]
    ) -> None:
        self.id = identity
        self.content = content
        self.file = file
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.known = {name: known[name] for name in parameters_of(content) if name in known}
        shape = self.model_on(LAST_DAY)
        unit = top_decision(shape)
        if unit is None:
            raise DecisionModelError((not_one_thing(file),))
        element = unit.element
        assert isinstance(element, model.Decision)
        self.name = unit.name
        self.title = Text(element.name, element.name_en or element.name)
        self.clauses = element.clauses
        self.inputs = {
            other.element.variable.name: other.type
            for other in shape.program.units.values()
            if isinstance(other.element, model.InputData)
        }
        self.outputs = _outputs_of(unit)
        self.labels, self._words = _told(shape)
        self._whole = self.outputs.keys() == {element.variable.name} and not isinstance(
            unit.type, feel.ContextOf
        )

    def matched(self, table: str, rule: str, day: dt.date) -> MatchedRule | None:
        """The row of a table with the thresholds of the day; conditions that ask nothing are left out."""
        for compiled in self.model_on(day).tables:
            if compiled.name == table and rule in compiled.ids:
                return row_in_words(compiled.box, compiled.ids.index(rule))
        return None

    def word(self, name: str, value: Any) -> Text:
        """A coded value as its column calls it."""
        return self._words.get((name, str(value))) or value_in_words(value)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The ids of all rules of its tables."""
        return tuple(rule for table in self.model_on(LAST_DAY).tables for rule in table.ids)

    def values_on(self, day: dt.date) -> tuple[tuple[str, Any], ...]:
        """The values of its parameters in force on a day."""
        found = ((name, item.value_on(day)) for name, item in sorted(self.known.items()))
        return tuple(
            (name, tuple(value) if isinstance(value, list) else value) for name, value in found
        )

    def model_on(self, day: dt.date) -> Model:
        """The model with the values of a day.

        Raises:
            DecisionModelError: a parameter has no value then, or the file cannot be loaded.
        """
        return _model(self.content, self.file, self.values_on(day))

    def decide(self, given: Mapping[str, Any], now: dt.datetime) -> Decided:
        """What the table comes to."""
        nothing = dict.fromkeys(self.outputs)
        day = day_of(now)
        used = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.values_on(day)
        }
        try:
            found = self.model_on(day).evaluate(self.name, given, now=now)
        except DecisionModelError as error:
            chinese = "；".join(item.text_zh or item.text_en for item in error.problems)
            return Decided(nothing, {}, dict(given), used, (str(error),), (chinese,))
        if self._whole:
            values = dict.fromkeys(self.outputs, found.value)
        else:
            whole = found.value if isinstance(found.value, dict) else {}
            values = {name: whole.get(name) for name in self.outputs}
        reasons: dict[str, str] = {}
        if None in values.values():
            for step in found.trace:
                for english, chinese in zip(step.reasons, step.reasons_zh, strict=True):
                    reasons.setdefault(english, chinese)
        rules = {table: tuple(ids) for table, ids in found.matched_rules.items()}
        return Decided(values, rules, found.inputs, used, tuple(reasons), tuple(reasons.values()))


def _told(
    shape: Model,
) -> tuple[dict[str, Text], dict[tuple[str, str], Text]]:
    """The headings of a model's columns, and the words for their coded values."""
    labels: dict[str, Text] = {}
    words: dict[tuple[str, str], Text] = {}
    for table in shape.tables:
        columns = [(item.expression.text, item) for item in table.box.inputs]
        named: list[tuple[str, model.Input | model.Output]] = list(columns)
        named += [(item.name, item) for item in table.box.outputs]
        for name, column in named:
            if column.label:
                labels.setdefault(name, Text(column.label, column.label_en or column.label))
            for item in column.words:
                words.setdefault((name, item.value), Text(item.label, item.label_en))
    return labels, words


def _outputs_of(unit: Unit) -> dict[str, feel.Type]:
    """Name -> type: the members of a context, the columns of a table, or the one value."""
    if isinstance(unit.type, feel.ContextOf):
        return dict(unit.type.members)
    element = unit.element
    assert isinstance(element, model.Decision)
    if isinstance(element.logic, model.Table) and len(unit.tables) == 1:
        table = unit.tables[0]
        if len(table.outputs) > 1:
            return {output.box.name: output.kind.type for output in table.outputs}
        if unit.type is feel.ANY and table.box.policy in "UAPF":
            return {element.variable.name: table.outputs[0].kind.type}
    return {element.variable.name: unit.type}


@lru_cache(maxsize=512)
def parameters_of(content: bytes) -> tuple[str, ...]:
    """The parameters that a DMN file asks for."""
    root = read_root(content, "", "decisions")
    if isinstance(root, Problem):
        return ()
    return tuple(dict.fromkeys(name for text in root.itertext() for name in parameters_in(text)))


def not_one_thing(file: str) -> Problem:
    """The problem of a file that decides nothing, or several things."""
    return Problem(
        file,
        0,
        "decisions.not_one",
        "a decision of a standard is one file with one decision that no other needs",
        "一个决策文件应有且仅有一个不被其他决策引用的决策",
    )


_OF_CARDS = {
    "points": Text("评分", "Points"),
    "grade": Text("等级", "Grade"),
    "reasons": Text("主要扣分项", "What cost most"),
}


class CardDecision(ContentDecision):
    """The decision of a scorecard: points, grade and the characteristics that cost most."""

    kind = "card"
    outputs = MappingProxyType({"points": feel.NUMBER, "grade": feel.STRING, "reasons": feel.LIST})

    def __init__(
        self, identity: str, content: bytes, data: Mapping[str, Any], known: Mapping[str, Parameter]
    ) -> None:
        self.id = identity
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.data = data
        self.known = {name: known[name] for name in card_parameters(data) if name in known}
        self.title = Text.from_mapping(data["title"])
        self.clauses = tuple(data["clauses"])
        self.labels = {
            item["id"]: Text.from_mapping(item["title"]) for item in data["characteristics"]
        } | _OF_CARDS
        self._grades = {item["id"]: Text.from_mapping(item["title"]) for item in data["grades"]}
        self._cards: dict[tuple[Any, ...], Scorecard | tuple[Problem, ...]] = {}
        self.inputs = {
            item["id"]: feel.NUMBER if item["kind"] == "number" else feel.STRING
            for item in data["characteristics"]
        }

    def values_on(self, day: dt.date) -> dict[str, Any]:
        """The values of its parameters in force on a day."""
        return {name: item.value_on(day) for name, item in sorted(self.known.items())}

    def matched(self, table: str, rule: str, day: dt.date) -> MatchedRule | None:
        """A class of a characteristic and what it is worth."""
        name, _, number = rule.rpartition(".")
        for item in self.data["characteristics"]:
            if item["id"] != name:
                continue
            title = Text.from_mapping(item["title"])
            if number == "missing":
                return MatchedRule(
                    rule, 0, (Condition(title, MISSING, ""),), MISSING, item["missing"]
                )
            found = item["bins"][int(number) - 1]
            label = Text.from_mapping(found["label"])
            condition = Condition(title, label, label.zh)
            return MatchedRule(rule, int(number), (condition,), label, found["points"])
        return None

    def word(self, name: str, value: Any) -> Text:
        """Grades and characteristics by their titles."""
        if name == "grade" and value in self._grades:
            return self._grades[value]
        if name == "reasons" and isinstance(value, list):
            listed = [self.labels.get(item, Text(item, item)) for item in value]
            return Text(
                "、".join(item.zh for item in listed), ", ".join(item.en for item in listed)
            )
        return value_in_words(value)

    def card_on(self, day: dt.date, file: str = "") -> Scorecard | tuple[Problem, ...]:
        """The card with the values of a day, read once for each; or what is wrong with it then."""
        values = self.values_on(day)
        place = (file, *values.items())
        if place not in self._cards:
            self._cards[place] = read_scorecard(card_settled(self.data, values), file)
        return self._cards[place]

    def decide(self, given: Mapping[str, Any], now: dt.datetime) -> Decided:
        """Points, grade and reasons."""
        day = day_of(now)
        used = self.values_on(day)
        card = self.card_on(day)
        if not isinstance(card, Scorecard):
            texts = tuple(item.text_en for item in card)
            chinese = tuple(item.text_zh or item.text_en for item in card)
            return Decided(dict.fromkeys(self.outputs), {}, dict(given), used, texts, chinese)
        score = card.score(given)
        classes = tuple(
            f"{item.id}.{_class_number(item.bin_of(given.get(item.id)), item.bins)}"
            for item in card.characteristics
        )
        values = {
            "points": score.points,
            "grade": score.grade,
            "reasons": [part.characteristic for part in score.reasons],
        }
        used_inputs = {name: given.get(name) for name in self.inputs}
        return Decided(values, {self.id: classes}, used_inputs, used)


def _class_number(found: Any, bins: tuple[Any, ...]) -> str:
    """The number of a class from 1; ``missing`` where the value is in none."""
    return str(bins.index(found) + 1) if found is not None else "missing"


def card_parameters(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The parameters that the grades of a card ask for."""
    wanted = (item["least"] for item in data["grades"])
    return tuple(item["parameter"] for item in wanted if isinstance(item, Mapping))


def card_settled(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The card's data with the values of a day for its parameters; 0 where one has none."""
    grades = [
        {**item, "least": int(values.get(item["least"]["parameter"]) or 0)}
        if isinstance(item["least"], Mapping)
        else item
        for item in data["grades"]
    ]
    return {**data, "grades": grades}


def described(content: bytes, file: str) -> dict[str, Any] | tuple[Problem, ...]:
    """What a DMN file says of itself as content: title and clauses."""
    found = read_definitions(content, file)
    if not isinstance(found, model.Definitions):
        return found
    main = main_of(found)
    if main is None:
        return (not_one_thing(file),)
    return {
        "title": {"zh": main.name, "en": main.name_en},
        "clauses": list(main.clauses),
        "parameters": list(parameters_of(content)),
    }
