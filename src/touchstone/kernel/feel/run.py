"""One evaluation: its instant, what it has cost so far, and why parts of it are null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import DivisionByZero
from typing import Any

from touchstone.kernel.feel.limits import (
    MAX_CALLS,
    MAX_NESTING,
    MAX_STEPS,
    MAX_TEXT,
    MAX_WEIGHT,
    PATTERN_SECONDS,
)
from touchstone.kernel.feel.values import Exhausted, FeelError

Names = Mapping[str, Any]
_MAX_PROBLEMS = 20


class Run:
    """One evaluation.

    Attributes:
        now: its instant; ``now()`` and ``today()`` give nothing else.
        problems: offset, English and Chinese text of each part without a value; the first ones only.
        calls: how deep functions call each other at the moment.
        pattern_seconds: what is left for regular expressions.
    """

    __slots__ = ("_measures", "calls", "now", "pattern_seconds", "problems", "steps")
    _measures: dict[int, tuple[Any, tuple[int, int]]] | None

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.problems: list[tuple[int, str, str]] = []
        self.steps = 0
        self.calls = 0
        self.pattern_seconds = PATTERN_SECONDS
        self._measures = None

    def fail(self, offset: int, english: str, chinese: str = "") -> None:
        """Note why a part has no value; gives null."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append((offset, english, chinese or english))

    def failed(self, offset: int, error: Exception, name: str = "") -> None:
        """Note an error as the reason of a null."""
        english = str(error) or type(error).__name__
        chinese = getattr(error, "chinese", english)
        if isinstance(error, DivisionByZero):
            english, chinese = "division by zero", "除数为零"
        elif not isinstance(error, FeelError):
            english, chinese = "the result is out of range", "结果超出范围"
        before = f"{name}: " if name else ""
        self.fail(offset, before + english, before + chinese)

    def charge(self, steps: int) -> None:
        """Count work.

        Raises:
            Exhausted: the budget is used up.
        """
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Exhausted("the evaluation takes too many steps", "求值步骤过多")

    def enter(self) -> None:
        """A function begins.

        Raises:
            Exhausted: too many are under way.
        """
        self.calls += 1
        self.charge(3)
        if self.calls > MAX_CALLS:
            raise Exhausted("functions call each other too deep", "函数相互调用过深")

    def text(self, value: str) -> str:
        """A string that was made, when it is not too long.

        Raises:
            Exhausted: it is.
        """
        if len(value) > MAX_TEXT:
            raise Exhausted("a string grows too long", "字符串过长")
        self.steps += len(value) >> 8
        return value

    def made(self, value: Any) -> Any:
        """A list or context that was made, when it does not hold too much.

        Raises:
            Exhausted: it does.
        """
        self.charge(self._weigh(value))
        return value

    def _weigh(self, value: Any) -> int:
        """The work of making it; its measure is remembered for what will hold it."""
        items = value.values() if type(value) is dict else value
        weight, depth = 1 + len(value), 1
        for item in items:
            if type(item) is list or type(item) is dict:
                inner = self._measure(item)
                weight += inner[0]
                depth = max(depth, inner[1] + 1)
        if weight > MAX_WEIGHT or depth > MAX_NESTING:
            raise Exhausted("a list or context grows too large", "列表或上下文过大")
        if depth > 1:
            if self._measures is None:
                self._measures = {}
            self._measures[id(value)] = value, (weight, depth)
        return len(value) >> 2

    def _measure(self, value: Any) -> tuple[int, int]:
        known = self._measures.get(id(value)) if self._measures else None
        if known is not None:
            return known[1]
        self.charge(self._weigh(value))
        known = self._measures.get(id(value)) if self._measures else None
        return known[1] if known is not None else (1 + len(value), 1)

    def weight(self, value: Any) -> int:
        """How many values lie inside a list or context, counted as often as they appear."""
        return self._measure(value)[0]


Closure = Callable[[Names, Run], Any]
