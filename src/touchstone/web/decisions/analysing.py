"""What the analysis says of a table, with inputs that show it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from touchstone.decisions import Model
from touchstone.decisions.analysis import TableAnalysis, Vector, analyse, vectors
from touchstone.kernel.text import Text
from touchstone.web.decisions.tables import TableView
from touchstone.web.decisions.wording import Reading, value_words


@dataclass(frozen=True, slots=True)
class Example:
    """Inputs that show something, by column in words."""

    values: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with the rows of inputs that show it."""

    kind: str
    is_blocking: bool
    text: Text
    rules: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """What the analysis says of one table."""

    table: TableView
    findings: tuple[FindingView, ...]
    is_complete: bool
    vectors: tuple[tuple[Example, tuple[str, ...]], ...]
    vector_count: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing found keeps the table from being deployed."""
        return not any(item.is_blocking for item in self.findings)


MOST_VECTORS = 60


@lru_cache(maxsize=64)
def _examined(loaded: Model) -> tuple[Mapping[str, TableAnalysis], Mapping[str, list[Vector]]]:
    """Examined once for as long as the model with the values of the day is kept."""
    return {item.table: item for item in analyse(loaded)}, vectors(loaded)


def analysis_views(loaded: Model, views: tuple[TableView, ...]) -> tuple[AnalysisView, ...]:
    """Findings and boundary vectors of every table shown."""
    told, tried = _examined(loaded)
    return tuple(_analysis(view, told[view.name], tried.get(view.name, [])) for view in views)


def _analysis(view: TableView, told: TableAnalysis, tried: list[Vector]) -> AnalysisView:
    return AnalysisView(
        view,
        tuple(
            FindingView(
                item.kind,
                item.blocking,
                Text(item.text_zh, item.text_en),
                item.rules,
                tuple(_example(row, view) for row in item.rows),
            )
            for item in told.findings
        ),
        told.complete,
        tuple((_example(item.inputs, view), item.rules) for item in tried[:MOST_VECTORS]),
        len(tried),
    )


def _example(row: Mapping[str, Any], view: TableView) -> Example:
    readings = dict(zip(view.expressions, view.inputs, strict=True))
    return Example(
        tuple(
            (
                readings[name].title if name in readings else Text(name, name),
                value_words(value, readings.get(name) or Reading(Text(name, name))),
            )
            for name, value in row.items()
        )
    )
