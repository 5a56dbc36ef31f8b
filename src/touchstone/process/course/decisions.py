"""The decisions of a case: what each came to, which rules decided and why, from what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.decisions.content import ContentDecision
from touchstone.decisions.wording import MatchedRule, value_in_words
from touchstone.kernel.facts import Recorded
from touchstone.kernel.forms import Form
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of, from_microseconds
from touchstone.process.course.names import Names


@dataclass(frozen=True, slots=True)
class Value:
    """An input, an output or a threshold.

    Attributes:
        value: as journaled; ``text`` in words.
    """

    name: str
    label: Text
    value: Any
    text: Text


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """One decision made in a case.

    Attributes:
        id: number of the decision in the case.
        decision: id of the content; ``sha256`` of what it was.
        rules: those that matched, in words; ``unknown`` are ids that the content does not explain.
        parameters: the thresholds of the day that took part.
        undecided: it came to nothing, for the reasons in ``why``.
        superseded: a later sending back took it back.
    """

    id: str
    element: str
    step: Text
    decision: str
    sha256: str
    title: Text
    clauses: tuple[str, ...]
    at: int
    position: int
    outputs: tuple[Value, ...]
    inputs: tuple[Value, ...]
    rules: tuple[MatchedRule, ...]
    unknown: tuple[str, ...]
    parameters: tuple[Value, ...]
    undecided: bool
    why: tuple[str, ...]
    superseded: bool


def decisions(
    facts: Iterable[Recorded],
    superseded_after: Mapping[str, int],
    forms: Mapping[str, Form],
    parameters: Mapping[str, Parameter],
    names: Names,
) -> tuple[CaseDecision, ...]:
    """Every decision of the case, in order."""
    return tuple(
        _decision(recorded, superseded_after, forms, parameters, names)
        for recorded in facts
        if recorded.kind == "process.decided"
    )


def _decision(
    recorded: Recorded,
    superseded_after: Mapping[str, int],
    forms: Mapping[str, Form],
    parameters: Mapping[str, Parameter],
    names: Names,
) -> CaseDecision:
    data = recorded.data
    known = names.decision(data["decision"])
    # A case whose procedure was changed under it would hold another table than the one that decided.
    known = known if known is not None and known.sha256 == data["sha256"] else None
    rules, unknown = _matched(known, recorded)
    plain = Text(data["decision"], data["decision"])
    return CaseDecision(
        id=data["id"],
        element=data["element"],
        step=names.step(data["element"]),
        decision=data["decision"],
        sha256=data["sha256"],
        title=known.title if known else plain,
        clauses=tuple(data["clauses"]),
        at=recorded.occurred_at,
        position=recorded.position,
        outputs=tuple(_value(name, value, known, {}) for name, value in data["values"].items()),
        inputs=tuple(_value(name, value, known, forms) for name, value in data["inputs"].items()),
        rules=rules,
        unknown=unknown,
        parameters=tuple(_parameters(data.get("parameters") or {}, parameters)),
        undecided=bool(data.get("undecided")),
        why=tuple(data.get("why") or ()),
        superseded=recorded.position < superseded_after.get(data["element"], 0),
    )


def _matched(
    known: ContentDecision | None, recorded: Recorded
) -> tuple[tuple[MatchedRule, ...], tuple[str, ...]]:
    """The rules that matched, in words, and the ids of those that cannot be explained."""
    day = day_of(from_microseconds(recorded.occurred_at))
    found: list[MatchedRule] = []
    unknown: list[str] = []
    for table, ids in recorded.data["rules"].items():
        for identity in ids:
            rule = known.matched(table, identity, day) if known else None
            if rule is None:
                unknown.append(identity)
            else:
                found.append(rule)
    return tuple(found), tuple(unknown)


def _value(
    name: str, value: Any, known: ContentDecision | None, forms: Mapping[str, Form]
) -> Value:
    """A value with its heading in the table, else with its title in a form of the procedure."""
    label = known.labels.get(name) if known else None
    holder = next((form for form in forms.values() if name in form.properties), None)
    if label is None:
        label = holder.title_of(name) if holder else Text(name, name)
    words = (holder.properties[name].get("x-labels") or {}).get(value) if holder else None
    text = known.word(name, value) if known else value_in_words(value)
    if words and text.zh == str(value):
        text = Text.from_mapping(words)
    return Value(name, label, value, text)


def _parameters(used: Mapping[str, Any], known: Mapping[str, Parameter]) -> Iterator[Value]:
    for name, value in used.items():
        title = known[name].title if name in known else Text(name, name)
        yield Value(name, title, value, value_in_words(value))
