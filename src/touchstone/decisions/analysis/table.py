"""One table analysed: its domains swept, each set of rules judged by the hit policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from touchstone.decisions.analysis import monotone
from touchstone.decisions.analysis.domains import Domain, domain_of, written
from touchstone.decisions.analysis.findings import Finding, TableAnalysis
from touchstone.decisions.analysis.outcomes import UNKNOWN, Outcomes
from touchstone.decisions.analysis.sweep import MAX_BOXES, Box, Sweep, TooComplex
from touchstone.decisions.cells import ANY_VALUE, Cell, simple_cell
from touchstone.decisions.tables import CompiledTable, bits

MAX_PAIRS = 200
MAX_COLUMNS = 100


class _Enough(Exception):
    """As many pairs as are listed were found."""


class TableAnalyser:
    """Analyses one compiled table."""

    def __init__(self, table: CompiledTable) -> None:
        self.table = table
        self.name = table.name
        self.found: list[Finding] = []
        self.complete = True
        self.rules = len(table.box.rules)
        self.outcomes = Outcomes(table)
        self.sure = 0
        for rule in range(self.rules):
            if all(column.cells[rule] is not None for column in table.columns):
                self.sure |= 1 << rule

    def analyse(self) -> TableAnalysis:
        """All that can be said."""
        self._free_cells()
        self._types()
        self._outputs()
        gaps = self._declared_gaps()
        if len(self.table.columns) > MAX_COLUMNS:
            self._not_analysable(f"more than {MAX_COLUMNS} inputs", f"输入列超过{MAX_COLUMNS}个")
        elif self.rules and self.table.columns:
            self._space(gaps)
        order = sorted(self.found, key=lambda item: (item.kind, item.line, item.rules))
        return TableAnalysis(self.name, self.rules, tuple(order), self.complete)

    # Saying what was found

    def _say(
        self,
        kind: str,
        english: str,
        chinese: str,
        rules: Sequence[int] = (),
        rows: Sequence[Mapping[str, Any]] = (),
        region: Mapping[str, str] | None = None,
        line: int | None = None,
    ) -> None:
        box = self.table.box
        where = box.rules[rules[-1]].place.line if rules else box.place.line
        self.found.append(
            Finding(
                kind,
                self.name,
                where if line is None else line,
                tuple(self.table.ids[rule] for rule in rules),
                tuple(rows),
                region or {},
                f"{self.name}: {english}",
                f"{self.name}:{chinese}",
            )
        )

    def _not_analysable(
        self, english: str, chinese: str, rules: Sequence[int] = (), line: int | None = None
    ) -> None:
        self.complete = False
        self._say("not_analysable", english, chinese, rules, line=line)

    # What needs no sweep

    def _free_cells(self) -> None:
        for column in self.table.columns:
            for rule in column.hard:
                literal = column.written(rule)
                if not column.mistyped(rule):
                    self._not_analysable(
                        f"«{literal.text[:60]}» is free FEEL; rule {self.table.ids[rule]} is left out",
                        f"单元格“{literal.text[:60]}”为自由表达式，规则{self.table.ids[rule]}未参与分析",
                        [rule],
                        literal.place.line or None,
                    )

    def _types(self) -> None:
        for column in self.table.columns:
            name = column.box.expression.text
            for rule in column.hard:
                found = column.mistyped(rule)
                if found:
                    self._say(
                        "type_error",
                        f"rule {self.table.ids[rule]} compares {name}, a {column.order},"
                        f" with a {found}",
                        f"规则{self.table.ids[rule]}将{name}与不同类型的值比较",
                        [rule],
                        line=column.written(rule).place.line,
                    )

    def _outputs(self) -> None:
        for output in self.table.outputs:
            named = output.box.name or self.name
            for rule in range(self.rules):
                value = self.outcomes.constant(output, rule)
                if value is UNKNOWN or value is None:
                    continue
                if self.outcomes.mistyped(output, value):
                    self._say(
                        "type_error",
                        f"rule {self.table.ids[rule]} gives {named} the value {written(value)},"
                        f" which is not a {output.kind.name}",
                        f"规则{self.table.ids[rule]}的输出{named}类型不符",
                        [rule],
                    )
                elif not self.outcomes.allowed(output, value):
                    self._say(
                        "output_not_allowed",
                        f"rule {self.table.ids[rule]} gives {named} the value {written(value)},"
                        " which is not one of its output values",
                        f"规则{self.table.ids[rule]}的输出{named}不在允许值之内",
                        [rule],
                    )

    def _declared_gaps(self) -> list[list[Cell]]:
        """For each column the cells of the declared gaps."""
        found: list[list[Cell]] = [[] for _ in self.table.columns]
        for gap in self.table.box.gaps:
            cells = [
                simple_cell(text, {"?": column.kind.type})
                for text, column in zip(gap.conditions, self.table.columns, strict=True)
            ]
            if any(
                cell is None or cell.order not in ("", column.order)
                for cell, column in zip(cells, self.table.columns, strict=True)
            ):
                self._say(
                    "type_error",
                    "a declared gap needs literals, comparisons and intervals of its inputs' types",
                    "缺口声明只能使用常量、比较与区间",
                    line=gap.place.line,
                )
                continue
            for place, cell in zip(found, cells, strict=True):
                place.append(cell or ANY_VALUE)
        return found

    # The sweep

    def _space(self, gaps: list[list[Cell]]) -> None:
        alike: dict[str, list[int]] = {}
        for number, column in enumerate(self.table.columns):
            alike.setdefault(column.box.expression.text, []).append(number)
        domains = [
            domain_of([self.table.columns[n] for n in numbers], [gaps[n] for n in numbers])
            for numbers in alike.values()
        ]
        declared = len(gaps[0])
        sweep = Sweep(domains, self.rules + declared)
        try:
            self._gaps(sweep, declared)
            self._rule_sets(sweep)
            for promise in self.table.box.monotone:
                for problem in monotone.breaches(self.table, domains, self.outcomes, promise):
                    self._monotone(problem, promise.place.line)
        except TooComplex:
            self._not_analysable(
                "the rules overlap too much to be swept", "规则重叠过多，无法逐一分析"
            )

    def _row(self, domains: Sequence[Domain], box: Box) -> dict[str, Any]:
        return {
            domain.name: domain.sample(first)
            for domain, (first, _) in zip(domains, box, strict=True)
        }

    def _region(self, domains: Sequence[Domain], box: Box) -> dict[str, str]:
        return {
            domain.name: domain.said(first, last)
            for domain, (first, last) in zip(domains, box, strict=True)
        }

    def _gaps(self, sweep: Sweep, declared: int) -> None:
        has_default = any(output.default is not None for output in self.table.outputs)
        boxes = [] if has_default else sweep.uncovered(sweep.everyone)
        if len(boxes) >= MAX_BOXES:
            text = f"more than {MAX_BOXES} gaps; the first are listed"
            self._not_analysable(text, f"缺口超过{MAX_BOXES}处，仅列出最先发现的")
        for box in boxes:
            region = self._region(sweep.domains, box)
            said = "; ".join(f"{name} {test}" for name, test in region.items() if test != "-")
            self._say(
                "gap",
                f"no rule applies where {said or 'anything is given'}",
                f"下列情形没有规则适用：{said or '任意输入'}",
                rows=[self._row(sweep.domains, box)],
                region=region,
            )
        self._covered_gaps(sweep, declared)

    def _covered_gaps(self, sweep: Sweep, declared: int) -> None:
        """A declared gap that some rule applies to is no gap: the declaration is out of date."""
        gap_bits = ((1 << declared) - 1) << self.rules
        if not gap_bits:
            return
        wrong: dict[int, tuple[int, Box]] = {}

        def visit(alive: int, box: Box) -> None:
            real = alive & self.sure
            for gap in bits((alive & gap_bits) >> self.rules):
                if real and gap not in wrong:
                    wrong[gap] = (bits(real)[0], box)

        sweep.leaves(visit)
        for gap, (rule, box) in sorted(wrong.items()):
            self._say(
                "declared_gap_covered",
                f"a declared gap is covered by rule {self.table.ids[rule]}",
                f"所声明的缺口已被规则{self.table.ids[rule]}覆盖",
                [rule],
                [self._row(sweep.domains, box)],
                self._region(sweep.domains, box),
                self.table.box.gaps[gap].place.line,
            )

    def _rule_sets(self, sweep: Sweep) -> None:
        """Rules that nothing reaches, that never decide, and that stand in each other's way."""
        policy = self.table.box.policy
        reached = 0
        for rule in range(self.rules):
            if all(domain.runs[rule] for domain in sweep.domains):
                reached |= 1 << rule
            else:
                self._unreachable(rule)
        if policy in "UA":
            self._pairs(sweep)
        elif policy in "PF":
            for rule in bits(reached & self.sure & ~self._deciding(sweep)):
                self._masked(rule)

    def _deciding(self, sweep: Sweep) -> int:
        """The rules that decide the result somewhere."""
        first = self.table.box.policy == "F"
        deciding = 0

        def visit(alive: int, box: Box) -> None:
            nonlocal deciding
            known = alive & self.sure
            if first:
                deciding |= known & -known
            else:
                for winner in self.outcomes.winners(bits(known)):
                    deciding |= 1 << winner

        sweep.leaves(visit, self.sure if first else 0)
        return deciding

    def _pairs(self, sweep: Sweep) -> None:
        pairs: dict[tuple[int, int], tuple[str, Box]] = {}

        def visit(alive: int, box: Box) -> None:
            known = alive & self.sure
            if known & (known - 1):
                for pair, kind in self._conflicts(bits(known)):
                    pairs.setdefault(pair, (kind, box))
                    if len(pairs) >= MAX_PAIRS:
                        raise _Enough

        try:
            sweep.leaves(visit)
        except _Enough:
            text = f"more than {MAX_PAIRS} pairs of rules overlap; the first are listed"
            self._not_analysable(text, f"重叠的规则超过{MAX_PAIRS}对，仅列出最先发现的")
        finally:
            self._say_pairs(sweep, pairs)

    def _conflicts(self, rules: list[int]) -> Iterator[tuple[tuple[int, int], str]]:
        unique = self.table.box.policy == "U"
        for place, first in enumerate(rules):
            for second in rules[place + 1 :]:
                if unique:
                    yield (first, second), "overlap"
                elif self.outcomes.differ(first, second):
                    yield (first, second), "conflict"

    def _say_pairs(self, sweep: Sweep, pairs: Mapping[tuple[int, int], tuple[str, Box]]) -> None:
        for (first, second), (kind, box) in sorted(pairs.items()):
            names = f"{self.table.ids[first]} and {self.table.ids[second]}"
            chinese = f"{self.table.ids[first]}与{self.table.ids[second]}"
            differ = self.outcomes.differ(first, second)
            results = "with different results" if differ else "with the same result"
            self._say(
                kind,
                f"rules {names} both apply, {results}",
                f"规则{chinese}同时适用，结果{'不同' if differ else '相同'}",
                [first, second],
                [self._row(sweep.domains, box)],
                self._region(sweep.domains, box),
            )

    def _unreachable(self, rule: int) -> None:
        self._say(
            "unreachable",
            f"rule {self.table.ids[rule]} can never apply: no allowed input satisfies it",
            f"规则{self.table.ids[rule]}永远不会适用：没有允许的输入满足其条件",
            [rule],
        )

    def _masked(self, rule: int) -> None:
        self._say(
            "masked",
            f"rule {self.table.ids[rule]} never decides: others come before it wherever it applies",
            f"规则{self.table.ids[rule]}从不起作用：凡其适用之处均有更优先的规则",
            [rule],
        )

    def _monotone(self, breach: monotone.Breach, line: int) -> None:
        if breach.rows:
            self._say(
                "not_monotone", breach.english, breach.chinese, breach.rules, breach.rows, line=line
            )
        else:
            self._not_analysable(breach.english, breach.chinese, breach.rules, line)
