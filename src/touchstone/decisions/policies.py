"""Hit policies: what the results of the rules that match make together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from touchstone.kernel import feel
from touchstone.kernel.feel.values import ARITHMETIC


class Ranking(Protocol):
    """An output column with the order of its values."""

    def rank(self, value: Any) -> int:
        """The place of ``value``, the best first."""
        ...


Row = tuple[int, list[Any]]


def ranked(rows: Sequence[Row], outputs: Sequence[Ranking]) -> list[Row]:
    """The rows by the priority of their outputs, the first output deciding first."""
    return sorted(
        rows,
        key=lambda row: [output.rank(value) for output, value in zip(outputs, row[1], strict=True)],
    )


def single_of(policy: str, values: Sequence[Any], run: feel.Run) -> Any:
    """The one value of a single-hit table."""
    if policy == "A" and any(feel.equal(value, values[0]) is not True for value in values[1:]):
        return run.fail(0, "rules that match give different results", "同时适用的规则结果不同")
    return values[0]


def values_of(aggregation: str, values: Sequence[Any], run: feel.Run) -> Any:
    """The list of a multiple-hit table, or what it comes to."""
    if not aggregation:
        return list(values)
    if aggregation == "#":
        return Decimal(len(values))
    present = [value for value in values if value is not None]
    if not present:
        return run.fail(0, "there is nothing to aggregate", "没有可汇总的结果")
    if any(isinstance(value, (dict, list, bool)) for value in present):
        return run.fail(0, "these results do not add up or compare", "这些结果无法相加或比较")
    try:
        if aggregation == "+":
            return _sum(present)
        return min(present) if aggregation == "<" else max(present)
    except (TypeError, feel.FeelError):
        return run.fail(0, "these results do not add up or compare", "这些结果无法相加或比较")


def _sum(values: Sequence[Any]) -> Any:
    total = values[0]
    if isinstance(total, str):
        raise TypeError
    for value in values[1:]:
        total = ARITHMETIC.add(total, value) if isinstance(total, Decimal) else total + value
    return total
