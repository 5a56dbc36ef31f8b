"""The types of FEEL: the simple ones by name, and lists, contexts, ranges and functions of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class Type:
    """What a name or a value is of; ``value`` is its name in FEEL."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The type as FEEL writes it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Simple(Type):
    """A type without parts."""

    name: str

    @property
    def value(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    """A list whose items are of one type."""

    item: Type

    @property
    def value(self) -> str:
        """``list<…>``."""
        return f"list<{self.item.value}>"


@dataclass(frozen=True)
class ContextOf(Type):
    """A context that has at least these members."""

    members: Mapping[str, Type]

    @property
    def value(self) -> str:
        """``context<…>``."""
        inside = ", ".join(f"{name}: {kind.value}" for name, kind in self.members.items())
        return f"context<{inside}>"

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.members)))


@dataclass(frozen=True, slots=True)
class RangeOf(Type):
    """A range between values of one type."""

    item: Type

    @property
    def value(self) -> str:
        """``range<…>``."""
        return f"range<{self.item.value}>"


@dataclass(frozen=True, slots=True)
class FunctionOf(Type):
    """A function by its parameters, in order, and its result."""

    parameters: tuple[tuple[str, Type], ...]
    result: Type

    @property
    def value(self) -> str:
        """``function<…> -> …``."""
        inside = ", ".join(kind.value for _, kind in self.parameters)
        return f"function<{inside}> -> {self.result.value}"


ANY = Simple("Any")
NULL = Simple("Null")
NUMBER = Simple("number")
STRING = Simple("string")
BOOLEAN = Simple("boolean")
DATE = Simple("date")
TIME = Simple("time")
DATE_TIME = Simple("date and time")
DAYS_DURATION = Simple("days and time duration")
YEARS_DURATION = Simple("years and months duration")
LIST = Simple("list")
CONTEXT = Simple("context")
RANGE = Simple("range")
FUNCTION = Simple("function")

BY_NAME: Mapping[str, Type] = {
    **{
        kind.name: kind
        for kind in (
            ANY,
            NULL,
            NUMBER,
            STRING,
            BOOLEAN,
            DATE,
            TIME,
            DATE_TIME,
            DAYS_DURATION,
            YEARS_DURATION,
            LIST,
            CONTEXT,
            RANGE,
            FUNCTION,
        )
    },
    "any": ANY,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS_DURATION,
    "yearMonthDuration": YEARS_DURATION,
}
"""Every simple type by the names that models use for it."""
