"""Promises that one output only rises, or only falls, as one input grows, held against every rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.analysis.domains import Domain, written
from touchstone.decisions.analysis.outcomes import UNKNOWN, Outcomes
from touchstone.decisions.analysis.sweep import Box, Sweep
from touchstone.decisions.cells import order_of
from touchstone.decisions.dmn_boxed import names_of
from touchstone.decisions.tables import CompiledTable, bits

MAX_BREACHES = 20
_ORDERED = frozenset(
    [
        "number",
        "date",
        "date and time",
        "days and time duration",
        "years and months duration",
    ]
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that does not hold, with two rows that show it; without rows, one that cannot be
    examined."""

    english: str
    chinese: str
    rules: tuple[int, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()


def breaches(
    table: CompiledTable,
    domains: Sequence[Domain],
    outcomes: Outcomes,
    promise: model.Monotone,
) -> list[Breach]:
    """Where the promise is broken, and why where that cannot be told."""
    texts = [
        item.box.expression.text for item in table.columns if promise.input in names_of(item.box)
    ]
    column = next((n for n, domain in enumerate(domains) if domain.name in texts), None)
    names = [output.box.name or table.name for output in table.outputs]
    if column is None or (
        promise.output not in names and not (not promise.output and table.single)
    ):
        text = f"a monotone promise names {promise.output} by {promise.input}, which is not there"
        return [Breach(text, "单调声明所指的列不存在")]
    output = names.index(promise.output) if promise.output in names else 0
    if domains[column].order not in _ORDERED:
        return [Breach(f"{promise.input} has no order to grow in", f"{promise.input}没有大小次序")]
    unknown = [
        rule
        for rule, row in enumerate(outcomes.rows)
        if row[output] is UNKNOWN or order_of(row[output]) not in _ORDERED
    ]
    if unknown:
        text = f"{promise.output} is computed or has no order in rule {table.ids[unknown[0]]}"
        return [
            Breach(text, f"{promise.output}并非可比较的常量，单调性无法分析", tuple(unknown[:1]))
        ]
    return list(_Line(table, domains, outcomes, promise, column, output).breaches())


class _Line:
    """The sweep along one input, all others held."""

    def __init__(
        self,
        table: CompiledTable,
        domains: Sequence[Domain],
        outcomes: Outcomes,
        promise: model.Monotone,
        column: int,
        output: int,
    ) -> None:
        self.table, self.outcomes, self.promise, self.output = table, outcomes, promise, output
        self.order = [n for n in range(len(domains)) if n != column] + [column]
        self.domains = domains
        self.rules = (1 << len(table.box.rules)) - 1
        self.sweep = Sweep([domains[n] for n in self.order], len(domains[0].runs))

    def breaches(self) -> Iterator[Breach]:
        found: dict[tuple[int, ...], Breach] = {}

        def visit(box: Box, segments: list[tuple[int, int, int]]) -> None:
            before: tuple[Any, tuple[int, int], list[int]] | None = None
            for first, last, alive in segments:
                if self.domains[self.order[-1]].parts[first].null:
                    continue
                rules = bits(alive & self.rules)
                value = self.outcomes.result(rules, self.output)
                if value is None or value is UNKNOWN:
                    continue
                if before is not None and len(found) < MAX_BREACHES:
                    wrong = value < before[0] if self.promise.rises else value > before[0]
                    if wrong:
                        key = (before[2][0], rules[0])
                        breach = self._breach(box, before, (value, (first, last), rules))
                        found.setdefault(key, breach)
                before = (value, (first, last), rules)

        self.sweep.lines(visit)
        yield from found.values()

    def _breach(
        self,
        box: Box,
        before: tuple[Any, tuple[int, int], list[int]],
        after: tuple[Any, tuple[int, int], list[int]],
    ) -> Breach:
        rows = tuple(self._row((*box, run)) for _, run, _ in (before, after))
        growing = self.domains[self.order[-1]].name
        output = self.promise.output or self.table.name
        english = (
            f"{output} must {'rise' if self.promise.rises else 'fall'} with {growing}, but it is"
            f" {written(before[0])} at {written(rows[0][growing])} and {written(after[0])} at"
            f" {written(rows[1][growing])}"
        )
        chinese = (
            f"{output}应随{growing}{'上升' if self.promise.rises else '下降'},"
            f"但{growing}为{written(rows[0][growing])}时是{written(before[0])},"
            f"为{written(rows[1][growing])}时是{written(after[0])}"
        )
        return Breach(english, chinese, (before[2][0], after[2][0]), rows)

    def _row(self, box: Box) -> dict[str, Any]:
        row = {
            self.domains[n].name: self.domains[n].sample(first)
            for n, (first, _) in zip(self.order, box, strict=True)
        }
        return {domain.name: row[domain.name] for domain in self.domains}
