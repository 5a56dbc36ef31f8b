"""Numbers: rounding, roots, logarithms, remainders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
)
from typing import Any

from touchstone.kernel.feel.arithmetic import negate
from touchstone.kernel.feel.builtins.arguments import (
    define,
    number,
    single,
    strictly_whole,
    whole,
)
from touchstone.kernel.feel.reading import ARITHMETIC
from touchstone.kernel.feel.temporal import DAYS, YearsMonths, nanoseconds_of
from touchstone.kernel.feel.values import FeelError

_LEAST_SCALE, _GREATEST_SCALE = -6111, 6176  # the exponents of Decimal128


def _rounded(mode: str) -> Callable[..., Decimal]:
    def call(value: Any, scale: Any = Decimal(0)) -> Decimal:
        found, digits = number(value), whole(scale)
        if not _LEAST_SCALE <= digits <= _GREATEST_SCALE:
            raise FeelError("the scale is out of bounds", "小数位数超出范围")
        try:
            return found.quantize(Decimal((0, (1,), -digits)), rounding=mode, context=ARITHMETIC)
        except InvalidOperation:
            if found == found.to_integral_value() or digits > 0:
                return found
            raise

    return call


def _abs(value: Any) -> Any:
    value = single(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    if isinstance(value, DAYS):
        return negate(value) if nanoseconds_of(value) < 0 else value
    return ARITHMETIC.abs(number(value))


def _modulo(dividend: Any, divisor: Any) -> Decimal:
    first, second = number(dividend), number(divisor)
    if not second:
        raise FeelError("division by zero", "除数为零")
    rest = ARITHMETIC.remainder(first, second)
    return ARITHMETIC.add(rest, second) if rest and (rest < 0) != (second < 0) else rest


def _log(value: Any) -> Decimal:
    if number(value) <= 0:
        raise FeelError("only positive numbers have a logarithm", "只有正数才有对数")
    return ARITHMETIC.ln(number(value))


def _remainder_of_two(value: Any) -> int:
    return strictly_whole(value) % 2


FUNCTIONS = (
    define("decimal", _rounded(ROUND_HALF_EVEN), "n, scale"),
    define("floor", _rounded(ROUND_FLOOR), "n, scale?"),
    define("ceiling", _rounded(ROUND_CEILING), "n, scale?"),
    define("round up", _rounded(ROUND_UP), "n, scale"),
    define("round down", _rounded(ROUND_DOWN), "n, scale"),
    define("round half up", _rounded(ROUND_HALF_UP), "n, scale"),
    define("round half down", _rounded(ROUND_HALF_DOWN), "n, scale"),
    define("abs", _abs, "n"),
    define("modulo", _modulo, "dividend, divisor"),
    define("sqrt", lambda value: ARITHMETIC.sqrt(number(value)), "number"),
    define("log", _log, "number"),
    define("exp", lambda value: ARITHMETIC.exp(number(value)), "number"),
    define("odd", lambda value: _remainder_of_two(value) == 1, "number"),
    define("even", lambda value: _remainder_of_two(value) == 0, "number"),
)
