"""What built-in functions ask of their arguments, and how they are declared."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from touchstone.kernel.feel.temporal import DATE_TIMES, AnyDate, date_part, is_date
from touchstone.kernel.feel.values import FeelError, Function, FunctionValue, Range, kind_of

_MANY = 100_000


def define(name: str, call: Callable[..., Any], *signatures: str, run: bool = False) -> Function:
    """A built-in by its signatures: ``"list, delimiter?"``; ``?`` marks what may be left out, ``…`` more
    of the same, ``name=kind`` what kind it must be when given by name. ``run`` says that ``call`` gets
    the evaluation first."""
    ways = [[part.strip() for part in text.split(",") if part.strip()] for text in signatures]
    kinds = dict(part.split("=") for way in ways for part in way if "=" in part)
    ways = [[part.split("=")[0] for part in way] for way in ways]
    least = min(sum(1 for part in way if part[-1] != "?") for way in ways)
    most = max(_MANY if way and way[-1][-1] == "…" else len(way) for way in ways)
    names = tuple(tuple(part.rstrip("?…") for part in way) for way in ways)
    return Function(name, call, least, most, signatures=names, needs_run=run, kinds=kinds)


def single(value: Any) -> Any:
    """The item of a list of one where a single value is asked for."""
    return value[0] if type(value) is list and len(value) == 1 else value


def _unfit(value: Any, wanted: str) -> FeelError:
    kind = kind_of(value)
    return FeelError(f"a {wanted} is needed, not {kind}", f"此处需要{wanted}，不是{kind}")


def text(value: Any) -> str:
    """A string."""
    value = single(value)
    if type(value) is not str:
        raise _unfit(value, "string")
    return value


def number(value: Any) -> Decimal:
    """A number."""
    value = single(value)
    if type(value) is not Decimal:
        raise _unfit(value, "number")
    return value


def whole(value: Any) -> int:
    """A whole number; a fraction is cut off."""
    return int(number(value))


def strictly_whole(value: Any) -> int:
    """A whole number."""
    found = number(value)
    if found != found.to_integral_value():
        raise FeelError("a whole number is needed", "此处需要整数")
    return int(found)


def boolean(value: Any) -> bool:
    """True or false."""
    value = single(value)
    if type(value) is not bool:
        raise _unfit(value, "boolean")
    return value


def items(value: Any) -> list[Any]:
    """A list; a single value is a list of one."""
    if value is None:
        raise _unfit(value, "list")
    return value if type(value) is list else [value]


def spread(arguments: tuple[Any, ...]) -> list[Any]:
    """The values of a function that takes a list or its items."""
    return items(arguments[0]) if len(arguments) == 1 else list(arguments)


def context(value: Any) -> dict[str, Any]:
    """A context."""
    value = single(value)
    if type(value) is not dict:
        raise _unfit(value, "context")
    return value


def interval(value: Any) -> Range:
    """A range."""
    value = single(value)
    if type(value) is not Range:
        raise _unfit(value, "range")
    return value


def function(value: Any) -> FunctionValue:
    """A function."""
    value = single(value)
    if type(value) is not FunctionValue:
        raise _unfit(value, "function")
    return value


def present(value: Any) -> Any:
    """Anything but null."""
    if value is None:
        raise _unfit(value, "value")
    return value


def day_of(value: Any) -> AnyDate:
    """A date, or the date of a date and time."""
    value = single(present(value))
    if isinstance(value, DATE_TIMES):
        return date_part(value)
    if not is_date(value):
        raise FeelError(f"a {kind_of(value)} is no date", f"{kind_of(value)}不是日期")
    return cast(AnyDate, value)
