"""The tree of an expression; each node knows its offset in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.feel.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    offset: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value written out."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A declared name."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``source.name``."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``source[condition or index]``."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``name(arguments)``; ``named`` holds the names of named arguments, or is empty."""

    name: str
    arguments: tuple[Node, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``left operator right`` for ``+ - * / **``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left operator right`` for ``= != < <= > >=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or`` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """``value in tests`` and ``value between low and high``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """A test of the implicit input ``?``: ``< 5``, a range, a value, or a boolean expression."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """Several tests, one of which must hold; ``negated`` for ``not(…)``; none at all for ``-``."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``[low..high]`` with open or closed ends."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """``{a: 1, b: a + 1}``; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then yes else no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """``for``, ``some`` and ``every``: ``kind`` says which."""

    kind: str
    variables: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """``function(arguments)`` where the function is a value; ``named`` as in ``Call``."""

    function: Node
    arguments: tuple[Node, ...]
    named: tuple[str, ...]
    builtin: str = ""


@dataclass(frozen=True, slots=True)
class BuiltIn(Node):
    """A built-in function named without being called."""

    name: str


@dataclass(frozen=True, slots=True)
class UnaryRange(Node):
    """``(< operand)`` and its like as a value."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """``function(a: number, b) body``; ``body`` is None for an external one, which is not run."""

    parameters: tuple[tuple[str, Type], ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class Fault(Node):
    """A part that has no value whatever the input, kept where the text is read leniently."""

    english: str
    chinese: str


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for name in node.__slots__ if hasattr(node, "__slots__") else ():
        for part in _nodes(getattr(node, name)):
            yield from walk(part)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
