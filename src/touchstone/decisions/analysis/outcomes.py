"""What the rules of a table give where that is known before they run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from touchstone.decisions.policies import values_of
from touchstone.decisions.tables import CompiledTable, Results
from touchstone.kernel import feel


class _Unknown:
    """The mark of a result that is computed when the rule runs."""

    def __repr__(self) -> str:
        return "computed"


UNKNOWN = _Unknown()
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Outcomes:
    """The constant results of one table."""

    def __init__(self, table: CompiledTable) -> None:
        self.table = table
        self.rows: list[tuple[Any, ...]] = [
            tuple(self.constant(output, rule) for output in table.outputs)
            for rule in range(len(table.box.rules))
        ]

    @staticmethod
    def constant(output: Results, rule: int) -> Any:
        """The literal of a rule's output, UNKNOWN where it is computed."""
        return output.literals[rule] if output.literals[rule] is not None else UNKNOWN

    @staticmethod
    def mistyped(output: Results, value: Any) -> bool:
        """Whether a literal cannot be a value of the output."""
        return feel.coerce(value, output.kind.type) is None

    @staticmethod
    def allowed(output: Results, value: Any) -> bool:
        """Whether a literal is among the values of the output, where these are literals too."""
        ranks = output.ranks
        return not ranks or value in ranks

    def differ(self, first: int, second: int) -> bool:
        """Whether two rules are known, or may be feared, to give different results."""
        left, right = self.rows[first], self.rows[second]
        if UNKNOWN in left or UNKNOWN in right:
            texts = [
                [entry.text for entry in self.table.box.rules[rule].results]
                for rule in (first, second)
            ]
            return texts[0] != texts[1]
        return left != right

    def winners(self, rules: Sequence[int]) -> Sequence[int]:
        """Of rules that apply together, those that decide the result."""
        policy = self.table.box.policy
        if policy == "F":
            return rules[:1]
        if policy != "P" or len(rules) < 2:
            return rules
        known = [rule for rule in rules if UNKNOWN not in self.rows[rule]]
        if len(known) < len(rules):
            return rules
        return [min(rules, key=self._rank)]

    def _rank(self, rule: int) -> list[int]:
        return [
            output.rank(value)
            for output, value in zip(self.table.outputs, self.rows[rule], strict=True)
        ]

    def result(self, rules: Sequence[int], output: int) -> Any:
        """What the rules that apply give together, UNKNOWN where that is not known or no one value."""
        if not rules:
            return None
        box = self.table.box
        values = [self.rows[rule][output] for rule in rules]
        if box.policy in "UA":
            return values[0] if len(set(map(repr, values))) == 1 else UNKNOWN
        if box.policy in "PF":
            winners = self.winners(rules)
            return self.rows[winners[0]][output] if len(winners) == 1 else UNKNOWN
        if UNKNOWN in values or not box.aggregation:
            return UNKNOWN
        return values_of(box.aggregation, values, feel.Run(_NEVER))
