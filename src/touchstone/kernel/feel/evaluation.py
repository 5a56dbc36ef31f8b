"""The tree as closures. Every closure takes the names and the run, and gives a FEEL value."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.values import (
    ARITHMETIC,
    FeelError,
    Function,
    Range,
    YearsMonths,
    contains,
    equal,
    kind_of,
    less,
)

MAX_STEPS = 100_000
Names = Mapping[str, Any]


class Run:
    """One evaluation: its instant, its budget, and what went wrong."""

    __slots__ = ("now", "problems", "steps")

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.problems: list[tuple[int, str]] = []
        self.steps = 0

    def fail(self, offset: int, text: str) -> None:
        """Note why a part has no value; gives null."""
        if len(self.problems) < 20:
            self.problems.append((offset, text))

    def step(self) -> None:
        """Count one turn of an iteration.

        Raises:
            FeelError: the budget is used up.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise FeelError("the evaluation takes too many steps")


Closure = Callable[[Names, Run], Any]


class Builder:
    """Makes closures from nodes."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    def build(self, node: tree.Node) -> Closure:
        """The closure of ``node``."""
        method: Callable[[Any], Closure] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _literal(self, node: tree.Literal) -> Closure:
        value = node.value
        return lambda names, run: value

    def _name(self, node: tree.Name) -> Closure:
        name = node.name
        return lambda names, run: names.get(name)

    def _path(self, node: tree.Path) -> Closure:
        source, name, offset = self.build(node.source), node.name, node.offset

        def path(names: Names, run: Run) -> Any:
            value = source(names, run)
            if isinstance(value, list):
                return [_property(item, name) for item in value]
            if value is None:
                return None
            try:
                return _property(value, name)
            except FeelError as error:
                return run.fail(offset, str(error))

        return path

    def _filter(self, node: tree.Filter) -> Closure:
        source, condition, offset = self.build(node.source), self.build(node.condition), node.offset

        def select(names: Names, run: Run) -> Any:
            value = source(names, run)
            items = value if isinstance(value, list) else [] if value is None else [value]
            if isinstance(node.condition, tree.Literal | tree.Negation):
                index = condition(names, run)
                if isinstance(index, Decimal):
                    return _at(items, index)
            chosen = []
            for item in items:
                run.step()
                inner = {**names, "item": item}
                if isinstance(item, dict):
                    inner.update(item)
                result = condition(inner, run)
                if isinstance(result, Decimal):
                    return _at(items, result)
                if result is True:
                    chosen.append(item)
                elif result is not False and result is not None:
                    run.fail(offset, "a filter is a condition or a place")
            return chosen

        return select

    def _call(self, node: tree.Call) -> Closure:
        function = self._functions[node.name]
        arguments = [self.build(argument) for argument in node.arguments]
        offset, call, needs_now = node.offset, function.call, function.needs_now

        def invoke(names: Names, run: Run) -> Any:
            values = [argument(names, run) for argument in arguments]
            try:
                return call(run.now, *values) if needs_now else call(*values)
            except (FeelError, DecimalException, OverflowError) as error:
                return run.fail(offset, f"{node.name}: {error}")

        return invoke

    def _negation(self, node: tree.Negation) -> Closure:
        operand, offset = self.build(node.operand), node.offset

        def negate(names: Names, run: Run) -> Any:
            value = operand(names, run)
            if isinstance(value, Decimal | dt.timedelta):
                return -value
            if isinstance(value, YearsMonths):
                return YearsMonths(-value.months)
            return None if value is None else run.fail(offset, f"-{kind_of(value)} has no value")

        return negate

    def _arithmetic(self, node: tree.Arithmetic) -> Closure:
        left, right = self.build(node.left), self.build(node.right)
        operator, offset = node.operator, node.offset

        def compute(names: Names, run: Run) -> Any:
            first, second = left(names, run), right(names, run)
            if first is None or second is None:
                return run.fail(offset, f"{operator} with null")
            try:
                return _arithmetic(operator, first, second)
            except (FeelError, DecimalException, OverflowError, ValueError) as error:
                return run.fail(offset, f"{operator}: {error}")

        return compute

    def _comparison(self, node: tree.Comparison) -> Closure:
        left, right = self.build(node.left), self.build(node.right)
        test, offset, operator = _COMPARE[node.operator], node.offset, node.operator

        def compare(names: Names, run: Run) -> Any:
            first, second = left(names, run), right(names, run)
            result = test(first, second)
            if result is None and first is not None and second is not None:
                run.fail(offset, f"{kind_of(first)} {operator} {kind_of(second)} does not compare")
            return result

        return compare

    def _logic(self, node: tree.Logic) -> Closure:
        operands = [self.build(operand) for operand in node.operands]
        decisive: bool = node.operator == "or"

        def combine(names: Names, run: Run) -> bool | None:
            unknown = False
            for operand in operands:
                value = operand(names, run)
                if value is decisive:
                    return bool(decisive)
                unknown = unknown or not isinstance(value, bool)
            return None if unknown else not decisive

        return combine

    def _membership(self, node: tree.Membership) -> Closure:
        value = self.build(node.value)
        tests = [self.build(test) for test in node.tests]

        def member(names: Names, run: Run) -> bool | None:
            return _one_holds(tests, {**names, "?": value(names, run)}, run)

        return member

    def _unarytest(self, node: tree.UnaryTest) -> Closure:
        operand = self.build(node.operand)
        if node.operator != "in":
            test = _COMPARE[node.operator]
            return lambda names, run: test(names.get("?"), operand(names, run))
        boolean = _mentions_input(node.operand)

        def within(names: Names, run: Run) -> bool | None:
            value = operand(names, run)
            if boolean:
                return value if isinstance(value, bool) else None
            return contains(value, names.get("?"))

        return within

    def _unarytests(self, node: tree.UnaryTests) -> Closure:
        tests = [self.build(test) for test in node.tests]
        if not tests:
            return lambda names, run: True
        if not node.negated:
            return lambda names, run: _one_holds(tests, names, run)

        def none_holds(names: Names, run: Run) -> bool | None:
            result = _one_holds(tests, names, run)
            return None if result is None else not result

        return none_holds

    def _interval(self, node: tree.Interval) -> Closure:
        low, high = self.build(node.low), self.build(node.high)
        ends = node.low_included, node.high_included
        return lambda names, run: Range(low(names, run), high(names, run), *ends)

    def _listof(self, node: tree.ListOf) -> Closure:
        items = [self.build(item) for item in node.items]
        return lambda names, run: [item(names, run) for item in items]

    def _contextof(self, node: tree.ContextOf) -> Closure:
        entries = [(key, self.build(value)) for key, value in node.entries]

        def make(names: Names, run: Run) -> dict[str, Any]:
            made: dict[str, Any] = {}
            seen = dict(names)
            for key, value in entries:
                made[key] = seen[key] = value(seen, run)
            return made

        return make

    def _if(self, node: tree.If) -> Closure:
        condition, yes, no = self.build(node.condition), self.build(node.yes), self.build(node.no)
        return lambda names, run: (yes if condition(names, run) is True else no)(names, run)

    def _iteration(self, node: tree.Iteration) -> Closure:
        variables = [(name, self.build(source)) for name, source in node.variables]
        body, kind, offset = self.build(node.body), node.kind, node.offset

        def iterate(names: Names, run: Run) -> Any:
            sources: list[list[Any]] = []
            for _, source in variables:
                items = _sequence(source(names, run))
                if items is None:
                    return run.fail(offset, "only lists and whole ranges can be walked")
                sources.append(items)
            results: list[Any] = []
            for values in itertools.product(*sources):
                run.step()
                inner = dict(names)
                inner.update(
                    (name, value) for (name, _), value in zip(variables, values, strict=True)
                )
                inner["partial"] = results
                results.append(body(inner, run))
            if kind == "for":
                return results
            decisive = kind == "some"
            if any(result is decisive for result in results):
                return decisive
            return None if any(not isinstance(result, bool) for result in results) else not decisive

        return iterate


def _one_holds(tests: list[Closure], names: Names, run: Run) -> bool | None:
    results = [test(names, run) for test in tests]
    return True if True in results else (None if None in results else False)


def _mentions_input(node: tree.Node) -> bool:
    """Whether a unary test speaks of ``?`` itself and so is a condition, not a value."""
    if isinstance(node, tree.Name):
        return node.name == "?"
    if isinstance(node, tree.Comparison | tree.Logic | tree.Membership):
        return True
    if isinstance(node, tree.Call):
        return any(_mentions_input(argument) for argument in node.arguments)
    if isinstance(node, tree.Path):
        return _mentions_input(node.source)
    return False


def _at(items: list[Any], index: Decimal) -> Any:
    place = int(index)
    if place != index or place == 0 or abs(place) > len(items):
        return None
    return items[place - 1] if place > 0 else items[place]


def _sequence(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        low, high = value.low, value.high
        if not isinstance(low, Decimal) or not isinstance(high, Decimal):
            return None
        if low != int(low) or high != int(high) or abs(high - low) > MAX_STEPS:
            return None
        step = 1 if low <= high else -1
        return [Decimal(number) for number in range(int(low), int(high) + step, step)]
    return None


_PROPERTIES: dict[str, tuple[type, ...]] = {
    "year": (dt.date,),
    "month": (dt.date,),
    "day": (dt.date,),
    "hour": (dt.datetime, dt.time),
    "minute": (dt.datetime, dt.time),
    "second": (dt.datetime, dt.time),
}


def _property(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if name in _PROPERTIES and isinstance(value, _PROPERTIES[name]):
        return Decimal(getattr(value, name))
    if name == "weekday" and isinstance(value, dt.date):
        return Decimal(value.isoweekday())
    if isinstance(value, YearsMonths) and name in ("years", "months"):
        whole = divmod(abs(value.months), 12)[name == "months"]
        return Decimal(whole if value.months >= 0 else -whole)
    if isinstance(value, dt.timedelta) and name in ("days", "hours", "minutes", "seconds"):
        total = int(abs(value).total_seconds())
        parts = {
            "days": total // 86400,
            "hours": total % 86400 // 3600,
            "minutes": total % 3600 // 60,
            "seconds": total % 60,
        }
        return Decimal(parts[name] if value >= dt.timedelta() else -parts[name])
    if isinstance(value, Range) and name in ("start", "end"):
        return value.low if name == "start" else value.high
    raise FeelError(f"a {kind_of(value)} has no {name}")


def _add_months(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=years, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    raise FeelError("the date is out of range")


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(operator, left, right)
    if operator == "+":
        return _plus(left, right)
    if operator == "-":
        return _minus(left, right)
    return _scaled(operator, left, right)


def _numbers(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator == "+":
        return ARITHMETIC.add(left, right)
    if operator == "-":
        return ARITHMETIC.subtract(left, right)
    if operator == "*":
        return ARITHMETIC.multiply(left, right)
    if operator == "/":
        return ARITHMETIC.divide(left, right)
    return ARITHMETIC.power(left, right)


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.months + right.months)
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        return left + right
    if isinstance(right, dt.date) and not isinstance(left, dt.date):
        left, right = right, left
    if isinstance(left, dt.date) and isinstance(right, YearsMonths):
        return _add_months(left, right.months)
    if isinstance(left, dt.date) and isinstance(right, dt.timedelta):
        return left + right
    raise FeelError(f"{kind_of(left)} and {kind_of(right)} do not add")


def _minus(left: Any, right: Any) -> Any:
    if isinstance(right, YearsMonths):
        return _plus(left, YearsMonths(-right.months))
    if isinstance(right, dt.timedelta):
        return _plus(left, -right)
    if isinstance(left, dt.date) and kind_of(left) == kind_of(right):
        return left - right
    raise FeelError(f"{kind_of(right)} cannot be taken from {kind_of(left)}")


def _scaled(operator: str, left: Any, right: Any) -> Any:
    if operator == "*" and isinstance(left, Decimal):
        left, right = right, left
    if operator in ("*", "/") and isinstance(right, Decimal):
        if isinstance(left, YearsMonths):
            months = Decimal(left.months)
            return YearsMonths(int(months * right if operator == "*" else months / right))
        if isinstance(left, dt.timedelta):
            whole = Decimal(left // dt.timedelta(microseconds=1))
            return dt.timedelta(
                microseconds=int(whole * right if operator == "*" else whole / right)
            )
    if operator == "/" and isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        one = dt.timedelta(microseconds=1)
        return ARITHMETIC.divide(Decimal(left // one), Decimal(right // one))
    raise FeelError(f"{kind_of(left)} {operator} {kind_of(right)} has no value")


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _at_most(left: Any, right: Any) -> bool | None:
    return _not(less(right, left))


_COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": lambda left, right: _not(equal(left, right)),
    "<": less,
    "<=": _at_most,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: _at_most(right, left),
}
