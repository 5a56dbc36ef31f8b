"""One value of many: sums, means, extremes, and what holds of all or any."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from touchstone.kernel.feel.arithmetic import compute
from touchstone.kernel.feel.builtins.arguments import define, items, spread
from touchstone.kernel.feel.evaluation import COMPARE
from touchstone.kernel.feel.reading import ARITHMETIC
from touchstone.kernel.feel.temporal import DAYS, YearsMonths
from touchstone.kernel.feel.values import FeelError, kind_of

_PLUS = ARITHMETIC.add


def _some(arguments: tuple[Any, ...]) -> list[Any]:
    found = spread(arguments)
    if not found:
        raise FeelError("the list is empty", "列表为空")
    return found


def _extreme(arguments: tuple[Any, ...], operator: str) -> Any:
    found = _some(arguments)
    best = found[0]
    for item in found:
        better = COMPARE[operator](item, best)
        if better is None:
            raise FeelError("the items have no order", "各项无法比较大小")
        best = item if better else best
    return best


def _numbers(arguments: tuple[Any, ...]) -> list[Decimal]:
    for item in (found := spread(arguments)):
        if type(item) is not Decimal:
            raise FeelError(f"a number is needed, not {kind_of(item)}", "此处需要数字")
    return found


def _some_numbers(arguments: tuple[Any, ...]) -> list[Decimal]:
    _some(arguments)
    return _numbers(arguments)


def _total(found: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for item in found:
        total = _PLUS(total, item)
    return total


def _sum(*arguments: Any) -> Any:
    found = _some(arguments)
    if isinstance(found[0], (*DAYS, YearsMonths)):
        total = found[0]
        for item in found[1:]:
            total = compute("+", total, item)
        return total
    return _total(_numbers(arguments))


def _mean(*arguments: Any) -> Any:
    total = _sum(*arguments)
    count = Decimal(len(spread(arguments)))
    if isinstance(total, Decimal):
        return ARITHMETIC.divide(total, count)
    return compute("/", total, count)


def _product(*arguments: Any) -> Decimal:
    product = Decimal(1)
    for item in _some_numbers(arguments):
        product = ARITHMETIC.multiply(product, item)
    return product


def _median(*arguments: Any) -> Decimal:
    found = sorted(_some_numbers(arguments))
    middle = len(found) // 2
    if len(found) % 2:
        return found[middle]
    return ARITHMETIC.divide(_PLUS(found[middle - 1], found[middle]), Decimal(2))


def _stddev(*arguments: Any) -> Decimal:
    found = _some_numbers(arguments)
    if len(found) < 2:
        raise FeelError("two numbers are needed", "至少需要两个数字")
    mean = ARITHMETIC.divide(_total(found), Decimal(len(found)))
    squares = [ARITHMETIC.power(ARITHMETIC.subtract(item, mean), Decimal(2)) for item in found]
    return ARITHMETIC.sqrt(ARITHMETIC.divide(_total(squares), Decimal(len(found) - 1)))


def _mode(*arguments: Any) -> list[Decimal]:
    counts: dict[Decimal, int] = {}
    for item in _numbers(arguments):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, count in counts.items() if count == most)


def _judge(arguments: tuple[Any, ...], decisive: bool) -> Any:
    unknown = False
    for item in items(arguments[0]) if len(arguments) == 1 else arguments:
        if item is decisive:
            return decisive
        unknown = unknown or not isinstance(item, bool)
    return None if unknown else not decisive


FUNCTIONS = (
    define("min", lambda *found: _extreme(found, "<"), "list…"),
    define("max", lambda *found: _extreme(found, ">"), "list…"),
    define("sum", _sum, "list…"),
    define("mean", _mean, "list…"),
    define("product", _product, "list…"),
    define("median", _median, "list…"),
    define("stddev", _stddev, "list…"),
    define("mode", _mode, "list…"),
    define("all", lambda *found: _judge(found, False), "list…"),
    define("any", lambda *found: _judge(found, True), "list…"),
)
