"""Closures that walk lists and ranges: filters, ``for``, ``some`` and ``every``."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel import temporal as moments
from touchstone.kernel.feel.evaluation import Builder, builds
from touchstone.kernel.feel.limits import MAX_RANGE
from touchstone.kernel.feel.run import Closure, Names, Run
from touchstone.kernel.feel.temporal import is_date
from touchstone.kernel.feel.values import Exhausted, Range


def _size(node: tree.Node) -> int:
    return sum(1 for _ in tree.walk(node))


def _keeps_names(node: tree.Node) -> bool:
    """Whether a part may hold on to its names after its turn, as functions do."""
    return any(isinstance(part, tree.FunctionDefinition) for part in tree.walk(node))


def at_place(items: list[Any], index: Decimal) -> Any:
    """The item at a place counted from 1, or from the end when negative; None where there is none."""
    if index != index.to_integral_value() or not index or abs(index) > len(items):
        return None
    place = int(index)
    return items[place - 1] if place > 0 else items[place]


class _Chosen:
    """The turns of a filter: what the condition says of each item."""

    def __init__(self, builder: Builder, node: tree.Filter) -> None:
        parts = list(tree.walk(node.condition))
        self._condition = builder.build(node.condition)
        self._asked = {part.name for part in parts if isinstance(part, tree.Name)} - {"item"}
        self._item_asked = any(
            isinstance(part, tree.Name) and part.name == "item" for part in parts
        )
        self._keeps = _keeps_names(node.condition)
        self._cost = len(parts)

    def turns(self, items: list[Any], names: Names, run: Run) -> Iterator[tuple[Any, Any]]:
        """Each item, or null where there is none, with the value of the condition."""
        inner = dict(names)
        for item in items or [None]:
            run.charge(self._cost)
            if self._keeps:
                inner = dict(names)
            members = item if isinstance(item, dict) else {}
            inner["item"] = members.get("item", item) if self._item_asked else item
            for name in self._asked:
                inner[name] = members[name] if name in members else names.get(name)
            yield item, self._condition(inner, run)


def _filter(builder: Builder, node: tree.Filter) -> Closure:
    source, offset = builder.build(node.source), node.offset
    chosen_by = _Chosen(builder, node)
    place = node.condition.value if isinstance(node.condition, tree.Literal) else None

    def select(names: Names, run: Run) -> Any:
        value = source(names, run)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if isinstance(place, Decimal):
            return at_place(items, place)
        chosen = []
        for item, result in chosen_by.turns(items, names, run):
            if isinstance(result, Decimal):
                return at_place(items, result)
            if result is True:
                chosen.append(item)
            elif result is not False and result is not None:
                return run.fail(offset, "a filter is a condition or a place", "筛选须为条件或位置")
        return chosen if items else []

    return select


def _sequence(value: Any) -> list[Any] | None:
    """What an iteration walks; None where it cannot."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Range):
        return None if value is None else [value]
    low, high = value.low, value.high
    if is_date(low) and is_date(high):
        days = _whole_numbers(moments.days_of(low), moments.days_of(high), value)
        return [moments.date_of_days(day) for day in days]
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return None
    if low != low.to_integral_value() or high != high.to_integral_value():
        return None
    return [Decimal(number) for number in _whole_numbers(int(low), int(high), value)]


def _whole_numbers(low: int, high: int, value: Range) -> range:
    step = 1 if low <= high else -1
    first = low if value.low_included else low + step
    last = high if value.high_included else high - step
    found = range(first, last + step, step)
    if abs(high - low) >= MAX_RANGE:
        raise Exhausted("a range is too long to walk", "区间过长，无法逐一遍历")
    return found


class _Walk:
    """The turns of ``for``, ``some`` and ``every`` over one or more variables."""

    def __init__(self, builder: Builder, node: tree.Iteration) -> None:
        self._variables = [(name, builder.build(source)) for name, source in node.variables]
        self._last = len(self._variables) - 1
        self._cost = _size(node.body)
        self._keeps = _keeps_names(node)
        self.offset = node.offset

    def turns(self, names: dict[str, Any], run: Run, depth: int = 0) -> Iterator[dict[str, Any]]:
        """The names of each turn; a later variable's source sees the earlier ones."""
        name, source = self._variables[depth]
        items = _sequence(source(names, run))
        if items is None:
            raise _NotWalkable
        inner = names
        run.charge(1 + len(items) // 4)
        for item in items:
            if self._keeps:
                inner = dict(names)
            inner[name] = item
            if depth == self._last:
                run.charge(self._cost)
                yield inner
            else:
                yield from self.turns(dict(inner) if self._keeps else inner, run, depth + 1)


class _NotWalkable(Exception):
    """The source of a variable is no list and no range of whole numbers or dates."""


def _iteration(builder: Builder, node: tree.Iteration) -> Closure:
    walk, body = _Walk(builder, node), builder.build(node.body)
    why = (
        "only lists, and ranges of whole numbers or dates, can be walked",
        "只有列表、整数区间或日期区间可以遍历",
    )
    if node.kind == "for":
        partial = any(
            isinstance(part, tree.Name) and part.name == "partial" for part in tree.walk(node.body)
        )

        def collect(names: Names, run: Run) -> Any:
            results: list[Any] = []
            try:
                for inner in walk.turns(dict(names), run):
                    if partial:
                        inner["partial"] = run.made(list(results))
                    results.append(body(inner, run))
            except _NotWalkable:
                return run.fail(walk.offset, *why)
            return run.made(results)

        return collect
    decisive: bool = node.kind == "some"

    def judge(names: Names, run: Run) -> bool | None:
        unknown = False
        try:
            for inner in walk.turns(dict(names), run):
                result = body(inner, run)
                if result is decisive:
                    return bool(decisive)
                unknown = unknown or not isinstance(result, bool)
        except _NotWalkable:
            run.fail(walk.offset, *why)
            return None
        return None if unknown else not decisive

    return judge


builds(tree.Filter, _filter)
builds(tree.Iteration, _iteration)
