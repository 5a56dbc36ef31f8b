"""Compiling and evaluating: neither raises, whatever the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.feel import calling, membership, walking
from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.builtins import BUILTINS, LONG_NAMES
from touchstone.kernel.feel.evaluation import Builder
from touchstone.kernel.feel.lexer import NameTable, SyntaxProblem
from touchstone.kernel.feel.parser import Parser
from touchstone.kernel.feel.run import Closure, Run
from touchstone.kernel.feel.values import (
    ANY,
    Exhausted,
    FeelError,
    Function,
    Type,
    plain_kinds,
    take_in,
)
from touchstone.kernel.problem import Problem

Form = Literal["expression", "unary_tests"]
# calling, membership and walking build closures of their own; importing them makes these known.
__all__ = ["Expression", "Form", "Result", "calling", "compile", "membership", "parse", "walking"]


@dataclass(frozen=True, slots=True)
class Result:
    """A value and why parts of it are null.

    Attributes:
        value: a FEEL value; null where the whole has none.
        problems: texts with the column they concern.
        chinese: the same in Chinese.
    """

    value: Any
    problems: tuple[str, ...]
    chinese: tuple[str, ...] = ()


class Expression:
    """A compiled text.

    Attributes:
        text: as written.
        names: the declared names it uses.
        functions: the functions it calls.
        paths: (name, member) of every ``name.member`` in it.
        tree: its syntax.
    """

    __slots__ = ("_closure", "_declared", "functions", "names", "paths", "text", "tree")

    def __init__(
        self,
        text: str,
        node: tree.Node,
        closure: Closure,
        declared: Mapping[str, Type],
        read: Parser,
    ) -> None:
        self.text = text
        self.tree = node
        self.paths = frozenset(read.paths)
        self.names = frozenset(read.used)
        self.functions = frozenset(read.called)
        self._closure = closure
        self._declared = tuple(
            (name, kind, plain_kinds(kind))
            for name, kind in ((name, declared.get(name, ANY)) for name in sorted(read.used))
        )

    def evaluate(self, context: Mapping[str, Any], *, now: dt.datetime) -> Result:
        """The value under ``context`` (plain host values) at ``now``; never raises."""
        run = Run(now)
        names: dict[str, Any] = {}
        for name, declared, plain in self._declared:
            value = context.get(name)
            if type(value) in plain:
                names[name] = value
            elif value is not None:
                try:
                    names[name] = take_in(value, declared)
                except FeelError as error:
                    run.fail(0, f"{name}: {error}", f"{name}: {error.chinese}")
        value = None
        try:
            value = self._closure(names, run)
        except _STOPPED as error:
            _stopped(run, error)
        if not run.problems:
            return Result(value, ())
        return Result(
            value,
            tuple(f"{english} (at {place + 1})" for place, english, _ in run.problems),
            tuple(f"{chinese}（第{place + 1}个字符）" for place, _, chinese in run.problems),
        )

    def run(self, names: Mapping[str, Any], run: Run) -> Any:
        """The value where ``names`` hold FEEL values already; problems gather in ``run``. Never raises."""
        try:
            return self._closure(names, run)
        except _STOPPED as error:
            return _stopped(run, error)


_STOPPED = (FeelError, Exhausted, RecursionError, MemoryError)


def _stopped(run: Run, error: BaseException) -> Any:
    """Note why an evaluation ended before it had a value."""
    if isinstance(error, FeelError | Exhausted):
        return run.fail(0, str(error), error.chinese)
    return run.fail(0, "the evaluation is nested too deep or too large", "求值过深或过大")


def compile(
    text: str,
    *,
    names: Mapping[str, Type],
    form: Form = "expression",
    functions: Mapping[str, Function] | None = None,
    types: Mapping[str, Type] | None = None,
    strict: bool = True,
    file: str = "",
    line: int = 1,
) -> Expression | tuple[Problem, ...]:
    """Compile FEEL ``text`` over the declared ``names``.

    Args:
        text: an expression, or unary tests of the implicit input ``?``.
        names: every name the text may use, with its type.
        form: what the text is.
        functions: host functions by name, beside the built-in ones.
        types: types that the text may name, beside FEEL's own.
        strict: refuse what can have no value (unknown names, wrong numbers of arguments); otherwise
            such a part is null with a problem when it runs, as DMN asks.
        file, line: where the text stands, for problems.

    Returns:
        The expression, or the problems: ``feel.syntax``, ``feel.unknown_name``, ``feel.unknown_type``,
        ``feel.arguments``.
    """
    known = {**BUILTINS, **functions} if functions else BUILTINS
    try:
        parser = _parser(text, names, functions, types, strict)
        node = parser.expression_alone() if form == "expression" else parser.unary_tests_alone()
        closure = Builder(known).build(node)
    except SyntaxProblem as problem:
        return (_problem(text, problem, file, line),)
    except RecursionError:
        return (Problem(file, line, "feel.syntax", "the text is nested too deep", "嵌套过深"),)
    return Expression(text, node, closure, names, parser)


def parse(
    text: str,
    *,
    names: Mapping[str, Type] | None = None,
    form: Form = "expression",
    functions: Mapping[str, Function] | None = None,
    types: Mapping[str, Type] | None = None,
    strict: bool = True,
    file: str = "",
    line: int = 1,
) -> tree.Node | tuple[Problem, ...]:
    """The syntax of ``text``, for those who study it; arguments and problems as of ``compile``."""
    try:
        parser = _parser(text, names or {}, functions, types, strict)
        return parser.expression_alone() if form == "expression" else parser.unary_tests_alone()
    except SyntaxProblem as problem:
        return (_problem(text, problem, file, line),)
    except RecursionError:
        return (Problem(file, line, "feel.syntax", "the text is nested too deep", "嵌套过深"),)


def _parser(
    text: str,
    names: Mapping[str, Type],
    functions: Mapping[str, Function] | None,
    types: Mapping[str, Type] | None,
    strict: bool,
) -> Parser:
    known = {**BUILTINS, **functions} if functions else BUILTINS
    own = [name for name in functions or () if " " in name]
    long_names = NameTable([*LONG_NAMES.names, *own]) if own else LONG_NAMES
    return Parser(text, names, known, types=types, strict=strict, long_builtins=long_names)


def _problem(text: str, problem: SyntaxProblem, file: str, line: int) -> Problem:
    before = text[: problem.offset]
    row = before.count("\n")
    column = problem.offset - (before.rfind("\n") + 1) + 1
    english = f"{problem.text} (line {row + 1}, column {column} of {text[:60]!r})"
    chinese = f"表达式第{row + 1}行第{column}列：{problem.chinese}"
    return Problem(file, line + row, problem.code, english, chinese)
