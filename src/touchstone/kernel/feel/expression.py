"""Compiling and evaluating: neither raises, whatever the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.feel.builtins import BUILTINS
from touchstone.kernel.feel.evaluation import Builder, Closure, Run
from touchstone.kernel.feel.lexer import SyntaxProblem
from touchstone.kernel.feel.parser import Parser
from touchstone.kernel.feel.values import ANY, FeelError, Function, Type, take_in
from touchstone.kernel.problem import Problem

Form = Literal["expression", "unary_tests"]


@dataclass(frozen=True, slots=True)
class Result:
    """A value and why parts of it are null.

    Attributes:
        value: a FEEL value; null where the whole has none.
        problems: texts with the column they concern.
    """

    value: Any
    problems: tuple[str, ...]


class Expression:
    """A compiled text.

    Attributes:
        text: as written.
        names: the declared names it uses.
        functions: the functions it calls.
        paths: (name, member) of every ``name.member`` in it.
    """

    __slots__ = ("_closure", "_declared", "functions", "names", "paths", "text")

    def __init__(
        self,
        text: str,
        closure: Closure,
        declared: Mapping[str, Type],
        names: frozenset[str],
        functions: frozenset[str],
        paths: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.text = text
        self.paths = paths
        self.names = names
        self.functions = functions
        self._closure = closure
        self._declared = tuple((name, declared.get(name, ANY)) for name in sorted(names))

    def evaluate(self, context: Mapping[str, Any], *, now: dt.datetime) -> Result:
        """The value under ``context`` (plain host values) at ``now``; never raises."""
        run = Run(now)
        names: dict[str, Any] = {}
        for name, declared in self._declared:
            value = context.get(name)
            if value is not None:
                try:
                    names[name] = take_in(value, declared)
                except FeelError as error:
                    run.fail(0, f"{name}: {error}")
        try:
            value = self._closure(names, run)
        except (FeelError, RecursionError, MemoryError) as error:
            run.fail(0, str(error) or type(error).__name__)
            value = None
        if not run.problems:
            return Result(value, ())
        return Result(value, tuple(f"{text} (at {place + 1})" for place, text in run.problems))


def compile(
    text: str,
    *,
    names: Mapping[str, Type],
    form: Form = "expression",
    functions: Mapping[str, Function] | None = None,
    file: str = "",
    line: int = 1,
) -> Expression | tuple[Problem, ...]:
    """Compile FEEL ``text`` over the declared ``names``.

    Args:
        text: an expression, or unary tests of the implicit input ``?``.
        names: every name the text may use, with its type.
        form: what the text is.
        functions: host functions by name, beside the built-in ones.
        file, line: where the text stands, for problems.

    Returns:
        The expression, or the problems: ``feel.syntax``, ``feel.unknown_name``, ``feel.not_yet``.
    """
    known = {**BUILTINS, **(functions or {})}
    try:
        parser = Parser(text, names, known)
        node = parser.expression_alone() if form == "expression" else parser.unary_tests_alone()
        closure = Builder(known).build(node)
    except SyntaxProblem as problem:
        return (_problem(text, problem, file, line),)
    except RecursionError:
        return (Problem(file, line, "feel.syntax", "the text is nested too deep", "嵌套过深"),)
    return Expression(
        text,
        closure,
        names,
        frozenset(parser.used),
        frozenset(parser.called),
        frozenset(parser.paths),
    )


def _problem(text: str, problem: SyntaxProblem, file: str, line: int) -> Problem:
    before = text[: problem.offset]
    row = before.count("\n")
    column = problem.offset - (before.rfind("\n") + 1) + 1
    english = f"{problem.text} (line {row + 1}, column {column} of {text[:60]!r})"
    return Problem(
        file, line + row, problem.code, english, f"表达式第{row + 1}行第{column}列:{problem.text}"
    )
