"""What the analysis of one table says: findings, each with a row of inputs that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.problem import Problem

BLOCKING = frozenset(
    [
        "gap",
        "overlap",
        "conflict",
        "masked",
        "unreachable",
        "type_error",
        "input_not_allowed",
        "output_not_allowed",
        "not_monotone",
        "declared_gap_covered",
    ]
)
"""Kinds that keep a table from being deployed; the others are said and no more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a table.

    Attributes:
        kind: gap, overlap, conflict, masked, unreachable, type_error, input_not_allowed,
            output_not_allowed, not_monotone, declared_gap_covered or not_analysable.
        table: the decision or knowledge model whose table it is.
        line: where it stands in the file.
        rules: ids of the rules concerned.
        rows: concrete inputs, by column, that show it (two of them where it takes a comparison).
        region: the box of inputs concerned, in FEEL by column; "any other" is a text that no cell names.
        text_en, text_zh: what is wrong.
    """

    kind: str
    table: str
    line: int
    rules: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    region: Mapping[str, str]
    text_en: str
    text_zh: str

    @property
    def blocking(self) -> bool:
        """Whether it keeps the table from being deployed."""
        return self.kind in BLOCKING

    def problem(self, file: str) -> Problem:
        """As a problem of the file."""
        return Problem(
            file, self.line, f"decisions.{self.kind}", self.text_en, self.text_zh, self.table
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": self.kind,
            "blocking": self.blocking,
            "table": self.table,
            "line": self.line,
            "rules": list(self.rules),
            "rows": [{name: feel.host(value) for name, value in row.items()} for row in self.rows],
            "region": dict(self.region),
            "text": self.text_en,
            "text_zh": self.text_zh,
        }


@dataclass(frozen=True, slots=True)
class TableAnalysis:
    """Everything the analysis says of one table.

    Attributes:
        table: the decision or knowledge model whose table it is.
        rules: how many it has.
        findings: in the order of their kinds and lines.
        complete: whether all of the table was analysed; where it was not, a finding says what.
    """

    table: str
    rules: int
    findings: tuple[Finding, ...]
    complete: bool

    @property
    def deployable(self) -> bool:
        """Whether nothing found keeps the table from being deployed."""
        return not any(finding.blocking for finding in self.findings)
