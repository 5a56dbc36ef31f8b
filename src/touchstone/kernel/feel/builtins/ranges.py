"""How points and ranges lie to each other, and ranges from text.

A range is taken as its two ends, each an end value, whether it belongs to the range, and for a side
without bound a place beyond every value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.builtins import conversion
from touchstone.kernel.feel.builtins.arguments import define, present, single, text
from touchstone.kernel.feel.calling import call_builtin
from touchstone.kernel.feel.lexer import NameTable, SyntaxProblem
from touchstone.kernel.feel.parser import Parser
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.values import FeelError, Range, equal, kind_of, less


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range: ``beyond`` is -1 or 1 where that side has no bound."""

    value: Any
    included: bool
    beyond: int = 0

    def before(self, other: _End) -> bool:
        if self.beyond or other.beyond:
            return self.beyond < other.beyond
        found = less(self.value, other.value)
        if found is None:
            kinds = f"{kind_of(self.value)}, {kind_of(other.value)}"
            raise FeelError(f"{kinds} have no order", f"{kinds}无法比较大小")
        return found

    def same(self, other: _End) -> bool:
        if self.beyond or other.beyond:
            return self.beyond == other.beyond
        return equal(self.value, other.value) is True


@dataclass(frozen=True, slots=True)
class _Span:
    """A range, or a point as the range of itself."""

    low: _End
    high: _End
    point: bool


def _span(value: Any) -> _Span:
    value = single(present(value))
    if not isinstance(value, Range):
        end = _End(value, True)
        return _Span(end, end, True)
    if value.operator == "!=":
        raise FeelError("this is no range of one piece", "这不是一段连续的区间")
    low = _End(value.low, value.low_included, -1 if value.operator in ("<", "<=") else 0)
    high = _End(value.high, value.high_included, 1 if value.operator in (">", ">=") else 0)
    if any(end.value is None and not end.beyond for end in (low, high)):
        raise FeelError("a range needs its ends", "区间缺少端点")
    return _Span(low, high, False)


def _before(one: _Span, other: _Span) -> bool:
    last, first = one.high, other.low
    return last.before(first) or (last.same(first) and not (last.included and first.included))


def _meets(one: _Span, other: _Span) -> bool:
    return one.high.included and other.low.included and one.high.same(other.low)


def _reaches(one: _Span, other: _Span) -> bool:
    """Whether ``one`` ends in or after the begin of ``other``."""
    return other.low.before(one.high) or _meets(one, other)


def _overlaps(one: _Span, other: _Span) -> bool:
    return _reaches(one, other) and _reaches(other, one)


def _begins_before(one: _Span, other: _Span) -> bool:
    return one.low.before(other.low) or (
        one.low.same(other.low) and one.low.included and not other.low.included
    )


def _begins_no_later(one: _Span, other: _Span) -> bool:
    return one.low.before(other.low) or (
        one.low.same(other.low) and (one.low.included or not other.low.included)
    )


def _ends_no_later(one: _Span, other: _Span) -> bool:
    return one.high.before(other.high) or (
        one.high.same(other.high) and (not one.high.included or other.high.included)
    )


def _overlaps_before(one: _Span, other: _Span) -> bool:
    return _begins_before(one, other) and _reaches(one, other) and _ends_no_later(one, other)


def _includes(one: _Span, other: _Span) -> bool:
    return _begins_no_later(one, other) and _ends_no_later(other, one)


def _same_end(one: _End, other: _End) -> bool:
    return one.same(other) and one.included == other.included


def _finishes(one: _Span, other: _Span) -> bool:
    return _same_end(one.high, other.high) and _begins_no_later(other, one)


def _starts(one: _Span, other: _Span) -> bool:
    return _same_end(one.low, other.low) and _ends_no_later(one, other)


def _coincides(one: _Span, other: _Span) -> bool:
    return _same_end(one.low, other.low) and _same_end(one.high, other.high)


def _relation(test: Callable[[_Span, _Span], bool], *kinds: str) -> Callable[[Any, Any], bool]:
    """A test over two values of the allowed kinds: ``pp``, ``pr``, ``rp``, ``rr``."""

    def relation(first: Any, second: Any) -> bool:
        one, other = _span(first), _span(second)
        given = "".join("p" if span.point else "r" for span in (one, other))
        if given not in kinds:
            raise FeelError("points and ranges are exchanged here", "此处点与区间的位置不对")
        one.low.before(other.low)
        return test(one, other)

    return relation


def _turned(test: Callable[[_Span, _Span], bool]) -> Callable[[_Span, _Span], bool]:
    return lambda one, other: test(other, one)


_CONSTRUCTORS = {
    function.name: function
    for function in conversion.FUNCTIONS
    if function.name in ("date", "time", "date and time", "duration")
}
_LONG = NameTable(["date and time"])


def _range(run: Run, value: Any) -> Range:
    source = text(value).strip()
    opening, closing = source[:1], source[-1:]
    middle = _dots(source)
    if opening not in ("[", "(", "]") or closing not in ("]", ")", "[") or not middle:
        raise FeelError("this is no range", "这不是区间")
    low = _end(source[1:middle], run)
    high = _end(source[middle + 2 : -1], run)
    first, last = opening == "[", closing == "]"
    if (low is None and high is None) or (low is None and first) or (high is None and last):
        raise FeelError("a range needs its ends", "区间缺少端点")
    if low is None:
        return Range(None, high, False, last, "<=" if last else "<")
    if high is None:
        return Range(low, None, first, False, ">=" if first else ">")
    if less(low, high) is None or less(high, low):
        raise FeelError("the ends of the range have no such order", "区间端点的次序不对")
    return Range(low, high, first, last)


def _dots(source: str) -> int:
    """Where the two dots stand outside of strings; 0 where they do not."""
    quoted = escaped = False
    for place, char in enumerate(source):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and source.startswith("..", place):
            return place
    return 0


def _end(source: str, run: Run) -> Any:
    """The value of an end: a literal, or a date, time or duration made of one."""
    if not source.strip():
        return None
    try:
        node = Parser(source, {}, _CONSTRUCTORS, long_builtins=_LONG).expression_alone()
    except SyntaxProblem as problem:
        raise FeelError("an end of a range is a literal", "区间端点须为字面值") from problem
    if isinstance(node, tree.Call) and all(
        isinstance(part, tree.Literal) for part in node.arguments
    ):
        values = [part.value for part in node.arguments if isinstance(part, tree.Literal)]
        return call_builtin(_CONSTRUCTORS[node.name], values, run)
    if not isinstance(node, tree.Literal) or node.value is None or isinstance(node.value, bool):
        raise FeelError("an end of a range is a literal", "区间端点须为字面值")
    return node.value


def _relations(name: str, test: Callable[[_Span, _Span], bool], *signatures: str) -> Any:
    kinds = {"point": "p", "range": "r"}
    allowed = [
        "".join(kinds[part.strip().rstrip("12")] for part in signature.split(","))
        for signature in signatures
    ]
    return define(name, _relation(test, *allowed), *signatures)


_RANGES = "range1, range2"
_ALL = ("point1, point2", "point, range", "range, point", _RANGES)
FUNCTIONS = (
    _relations("before", _before, *_ALL),
    _relations("after", _turned(_before), *_ALL),
    _relations("meets", _meets, _RANGES),
    _relations("met by", _turned(_meets), _RANGES),
    _relations("overlaps", _overlaps, _RANGES),
    _relations("overlaps before", _overlaps_before, _RANGES),
    _relations("overlaps after", _turned(_overlaps_before), _RANGES),
    _relations("finishes", _finishes, "point, range", _RANGES),
    _relations("finished by", _turned(_finishes), "range, point", _RANGES),
    _relations("includes", _includes, "range, point", _RANGES),
    _relations("during", _turned(_includes), "point, range", _RANGES),
    _relations("starts", _starts, "point, range", _RANGES),
    _relations("started by", _turned(_starts), "range, point", _RANGES),
    _relations("coincides", _coincides, "point1, point2", _RANGES),
    define("range", _range, "from", run=True),
)
