"""Lists: their items, their order and their parts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from touchstone.kernel.feel.builtins.arguments import (
    define,
    function,
    items,
    single,
    whole,
)
from touchstone.kernel.feel.calling import call_value
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.values import FeelError, FunctionValue, equal, less


def _same(run: Run, left: Any, right: Any) -> bool:
    for side in (left, right):
        if type(side) is list or type(side) is dict:
            run.charge(run.weight(side))
    return equal(left, right) is True


def _list_contains(run: Run, listed: Any, element: Any) -> bool:
    found = items(listed)
    run.charge(len(found) >> 2)
    return any(_same(run, item, element) for item in found)


def _count(listed: Any) -> Decimal:
    return Decimal(len(items(listed)))


def _begin(found: list[Any], position: Any) -> int:
    """The index of a position counted from 1, or from the end when negative."""
    place = whole(position)
    if place == 0 or abs(place) > len(found):
        raise FeelError("there is no such position", "没有这个位置")
    return place - 1 if place > 0 else len(found) + place


def _sublist(listed: Any, start: Any, length: Any = None) -> list[Any]:
    found = items(listed)
    begin = _begin(found, start)
    if length is None:
        return found[begin:]
    count = whole(length)
    if count < 1 or begin + count > len(found):
        raise FeelError("the list is not that long", "列表没有这么长")
    return found[begin : begin + count]


def _append(listed: Any, *more: Any) -> list[Any]:
    return [*items(listed), *more]


def _concatenate(*lists: Any) -> list[Any]:
    return [item for part in lists for item in items(part)]


def _insert_before(listed: Any, position: Any, new: Any) -> list[Any]:
    found = items(listed)
    begin = _begin(found, position)
    return [*found[:begin], new, *found[begin:]]


def _remove(listed: Any, position: Any) -> list[Any]:
    found = items(listed)
    begin = _begin(found, position)
    return found[:begin] + found[begin + 1 :]


def _index_of(run: Run, listed: Any, match: Any) -> list[Any]:
    found = items(listed)
    run.charge(len(found) >> 2)
    return [Decimal(place + 1) for place, item in enumerate(found) if _same(run, item, match)]


def _distinct(run: Run, found: list[Any]) -> list[Any]:
    kept: list[Any] = []
    plain: set[Any] = set()
    for item in found:
        if type(item) is str or type(item) is Decimal:
            if item not in plain:
                plain.add(item)
                kept.append(item)
            continue
        run.charge(1 + (len(kept) >> 2))
        if not any(_same(run, item, known) for known in kept):
            kept.append(item)
    return kept


def _distinct_values(run: Run, listed: Any) -> list[Any]:
    return _distinct(run, items(listed))


def _union(run: Run, *lists: Any) -> list[Any]:
    return _distinct(run, _concatenate(*lists))


def _flatten(run: Run, listed: Any) -> list[Any]:
    run.charge(run.weight(items(listed)))
    flat: list[Any] = []
    waiting = [iter(items(listed))]
    while waiting:
        for item in waiting[-1]:
            if type(item) is list:
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


def _list_replace(run: Run, listed: Any, where: Any, new: Any) -> list[Any]:
    found = items(listed)
    where = single(where)
    if not isinstance(where, FunctionValue):
        begin = _begin(found, where)
        return [*found[:begin], new, *found[begin + 1 :]]
    if len(where.parameters) != 2:
        raise FeelError("the function takes an item and the new item", "函数须接受原项与新项")
    replaced = []
    for item in found:
        matches = call_value(where, [item, new], run)
        if not isinstance(matches, bool):
            raise FeelError("the function must say true or false", "函数须给出真或假")
        replaced.append(new if matches else item)
    return replaced


class _Sorted:
    """An item beside what says whether it comes before another; ``sorted`` asks nothing else."""

    __slots__ = ("before", "item")

    def __init__(self, item: Any, before: Callable[[Any, Any], bool]) -> None:
        self.item = item
        self.before = before

    def __lt__(self, other: _Sorted) -> bool:
        return self.before(self.item, other.item)


def _sort(run: Run, listed: Any, precedes: Any = None) -> list[Any]:
    found = items(listed)
    ordering = None if precedes is None else function(precedes)
    if ordering is not None and len(ordering.parameters) != 2:
        raise FeelError("the function takes two items", "函数须接受两项")

    def before(left: Any, right: Any) -> bool:
        run.charge(1)
        result = less(left, right) if ordering is None else call_value(ordering, [left, right], run)
        if not isinstance(result, bool):
            raise FeelError("the items have no order", "各项无法排序")
        return result

    return [one.item for one in sorted(_Sorted(item, before) for item in found)]


FUNCTIONS = (
    define("list contains", _list_contains, "list, element", run=True),
    define("count", _count, "list"),
    define("sublist", _sublist, "list, start position, length?"),
    define("append", _append, "list, item…"),
    define("concatenate", _concatenate, "list…"),
    define("insert before", _insert_before, "list, position, newItem"),
    define("remove", _remove, "list, position"),
    define(
        "list replace", _list_replace, "list, position, newItem", "list, match, newItem", run=True
    ),
    define("reverse", lambda listed: items(listed)[::-1], "list"),
    define("index of", _index_of, "list, match", run=True),
    define("union", _union, "list…", run=True),
    define("distinct values", _distinct_values, "list", run=True),
    define("flatten", _flatten, "list", run=True),
    define("sort", _sort, "list, precedes?", run=True),
)
