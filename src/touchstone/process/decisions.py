"""Decisions as content of a standard: DMN files and scorecards, and what procedures may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from touchstone.decisions.checking import card_problems, table_problems
from touchstone.decisions.content import (
    CardDecision,
    ContentDecision,
    TableDecision,
    card_parameters,
    described,
)
from touchstone.decisions.loading import DecisionModelError
from touchstone.kernel.parameters import Parameter, read_parameter
from touchstone.kernel.problem import Problem
from touchstone.packs.catalogue import Catalogue, catalogue, per_version
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile
from touchstone.process.diagram.reading import OWN, read_xml
from touchstone.standard.parameters import parameters


class DecisionKind:
    """``decisions/<id>.dmn``: one decision table, or a model whose last word is one decision."""

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """Title, clauses and parameters of a readable model."""
        return described(file.content, file.path)

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """Whether it runs, has no gaps, and says in both languages what it decides and why."""
        yield from table_problems(file.content, file.path, _known(pack), pack.clauses)
        if file.id in pack.of("scorecard"):
            text = f"{file.id} is a table and a scorecard"
            yield Problem(file.path, 0, "decisions.twice", text, "决策标识重复", file.id)


def check_card(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Whether the card adds up on every day on which one of its cut-offs changes."""
    if data["id"] != file.id:
        text = f"the card calls itself {data['id']}"
        yield Problem(file.path, 0, "scorecard.id", text, "标识与文件名不符", data["id"])
    yield from card_problems(file.content, data, file.path, _known(pack), pack.clauses)


def _known(pack: Parsed) -> dict[str, Parameter]:
    return {name: read_parameter(name, raw) for name, raw in pack.of("parameter").items()}


def decisions_named_in(diagram: bytes) -> tuple[str, ...]:
    """The decisions that a diagram asks for, each once."""
    return tuple(dict.fromkeys(decision for _, decision in decisions_asked(diagram)))


def decisions_asked(diagram: bytes) -> Iterator[tuple[str, str]]:
    """Each rule task of a diagram with the decision that it asks for."""
    root = read_xml(diagram, "")
    if isinstance(root, Problem):
        return
    for element in root.iter():
        decision = element.get(f"{{{OWN}}}decision")
        if decision:
            yield element.get("id") or "", decision


def parameters_asked(standard: Catalogue, decision: str) -> tuple[str, ...]:
    """The parameters that a decision of a standard looks at."""
    table = standard.get("decision", decision)
    if table is not None:
        return tuple(table.data["parameters"])
    card = standard.get("scorecard", decision)
    return card_parameters(card.data) if card is not None else ()


def decisions_in(pack: Parsed, names: Iterable[str]) -> dict[str, ContentDecision]:
    """Those of the named decisions that a pack has and that can be deployed."""
    if not names:
        return {}
    known = _known(pack)
    files = {
        (file.kind, file.id): file
        for kind in ("decision", "scorecard")
        for file in pack.pack.of_kind(kind)
    }
    found: dict[str, ContentDecision] = {}
    for name in names:
        table, card = files.get(("decision", name)), files.get(("scorecard", name))
        if table is not None and name in pack.of("decision"):
            made = _table(name, table.content, table.path, known)
            if made is not None:
                found[name] = made
        elif card is not None and name in pack.of("scorecard"):
            found[name] = CardDecision(name, card.content, pack.of("scorecard")[name], known)
    return found


def _table(
    name: str, content: bytes, path: str, known: Mapping[str, Parameter]
) -> TableDecision | None:
    """A table that can be deployed; what is wrong with another is told of its own file."""
    try:
        return TableDecision(name, content, path, known)
    except DecisionModelError:
        return None


class _Decisions(Mapping[str, ContentDecision]):
    """The decisions of one version of the standard; each is made when it is first asked for."""

    def __init__(self, version: int) -> None:
        self._standard = catalogue(version)
        self._known = parameters(version)
        self._made: dict[str, ContentDecision] = {}
        tables, cards = (self._standard.objects(kind) for kind in ("decision", "scorecard"))
        self._names = sorted({*tables, *cards})

    def __getitem__(self, name: str) -> ContentDecision:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> ContentDecision:
        table = self._standard.get("decision", name)
        if table is not None:
            return TableDecision(name, table.content, table.path, self._known)
        card = self._standard.get("scorecard", name)
        if card is None:
            raise KeyError(name)
        return CardDecision(name, card.content, card.data, self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@per_version
def decisions_of(version: int) -> Mapping[str, ContentDecision]:
    """Every decision of a version of the standard, with the institution's own parameters."""
    return _Decisions(version)
