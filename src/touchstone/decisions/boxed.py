"""Boxed expressions as closures over names; what fails is null with a note in the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from touchstone.decisions import model
from touchstone.decisions.types import ANYTHING, Kind, Mismatch, TypeBook, shown
from touchstone.kernel import feel
from touchstone.kernel.feel import calling
from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.evaluation import CANNOT
from touchstone.kernel.feel.expression import Form
from touchstone.kernel.feel.inference import type_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text

Names: TypeAlias = Mapping[str, Any]
Scope: TypeAlias = Mapping[str, feel.Type]
Closure: TypeAlias = Callable[[Names, feel.Run], Any]
_SOURCE = "filtered list"
TableCompiler: TypeAlias = Callable[["Compiler", model.Table, Scope, Kind], Closure]


class Compiler:
    """Compiles the expressions of one file.

    Args:
        file: for problems.
        note: takes what is wrong in an expression; the expression is then null.
        table: compiles decision tables.
    """

    def __init__(self, file: str, note: Callable[[Problem], None], table: TableCompiler) -> None:
        self.file = file
        self.types: TypeBook
        self._note = note
        self._table_compiler = table
        self._noted: set[Problem] = set()

    def problem(self, place: model.Place, code: str, english: str, chinese: str) -> None:
        """Note what is wrong at ``place``, once."""
        found = Problem(self.file, place.line, f"decisions.{code}", english, chinese, place.element)
        if found not in self._noted:
            self._noted.add(found)
            self._note(found)

    def kind(self, name: model.TypeName | None, place: model.Place) -> Kind:
        """The kind a type name means here."""
        return self.types.kind(name, place)

    def closure(self, expression: model.Expression | None, scope: Scope, wanted: Kind) -> Closure:
        """The closure of any expression, its value of the ``wanted`` kind and of its own."""
        if expression is None:
            return failing("there is no logic", "没有决策逻辑")
        if isinstance(expression, model.Literal):
            made = self.literal(expression, scope)
        elif isinstance(expression, model.Table):
            made = self._table_compiler(self, expression, scope, wanted)
        else:
            name = f"_{type(expression).__name__.lower()}"
            made = getattr(self, name)(expression, scope)
        own = self.kind(expression.type, expression.place)
        return fitted(fitted(made, own), wanted if wanted is not own else ANYTHING)

    def literal(self, literal: model.Literal, scope: Scope, form: Form = "expression") -> Closure:
        """The closure of a FEEL text."""
        made = self.compiled(literal, scope, form)
        return failing(made.en, made.zh) if isinstance(made, Text) else made

    def compiled(
        self, literal: model.Literal, scope: Scope, form: Form = "expression"
    ) -> Closure | Text:
        """The closure of a FEEL text, or why there is none."""
        if literal.language:
            text = f"expressions in {literal.language} are not run"
            chinese = f"不运行{literal.language}表达式"
            self.problem(literal.place, "language", text, chinese)
            return Text(chinese, text)
        if not literal.text:
            return lambda names, run: None
        made = feel.compile(
            literal.text,
            names=scope,
            form=form,
            file=self.file,
            line=literal.place.line,
            types=self.types.feel_types(),
            strict=False,
        )
        if isinstance(made, feel.Expression):
            for part in tree.walk(made.tree):
                if isinstance(part, tree.Fault):
                    self.problem(literal.place, "expression", part.english, part.chinese)
            return made.run
        for item in made:
            self._note(
                Problem(
                    item.file,
                    item.line,
                    item.code,
                    item.text_en,
                    item.text_zh,
                    literal.place.element,
                )
            )
        english = "; ".join(item.text_en for item in made)
        return Text(";".join(item.text.zh for item in made), english)

    def inferred(self, expression: model.Expression | None, scope: Scope) -> feel.Type:
        """The type an expression is bound to have: as it says, else as its text tells."""
        if expression is None:
            return feel.ANY
        said = self.kind(expression.type, expression.place)
        if said is not ANYTHING:
            return said.type
        if isinstance(expression, model.Literal) and not expression.language:
            parsed = feel.parse(
                expression.text, names=scope, types=self.types.feel_types(), strict=False
            )
            found = type_of(parsed, scope) if isinstance(parsed, tree.Node) else None
            return feel.ANY if found is None else found
        if isinstance(expression, model.FunctionDefinition):
            listed = tuple(
                (part.name, self.kind(part.type, expression.place).type)
                for part in expression.parameters
            )
            result = self.inferred(expression.body, {**scope, **dict(listed)})
            return feel.FunctionOf(listed, result)
        return feel.ANY

    def tests(
        self, literal: model.Literal, of: feel.Type
    ) -> Callable[[Any, feel.Run], bool] | None:
        """Unary tests of a value without other names, None where they cannot be compiled."""
        made = self.compiled(literal, {"?": of}, "unary_tests")
        if isinstance(made, Text):
            return None
        return lambda value, run: made({"?": value}, run) is True

    def _context(self, box: model.Context, scope: Scope) -> Closure:
        inner = dict(scope)
        steps: list[tuple[str | None, Closure]] = []
        for entry in box.entries:
            if entry.variable is None:
                steps.append((None, self.closure(entry.value, inner, ANYTHING)))
                continue
            kind = self.kind(entry.variable.type, box.place)
            steps.append((entry.variable.name, self.closure(entry.value, inner, kind)))
            typed = kind.type if kind is not ANYTHING else self.inferred(entry.value, inner)
            inner[entry.variable.name] = typed

        def context(names: Names, run: feel.Run) -> Any:
            known, made = dict(names), {}
            for name, closure in steps:
                value = closure(known, run)
                if name is None:
                    return value
                known[name] = made[name] = value
            return made

        return context

    def _listof(self, box: model.ListOf, scope: Scope) -> Closure:
        items = [self.closure(item, scope, ANYTHING) for item in box.items]
        return lambda names, run: [item(names, run) for item in items]

    def _relation(self, box: model.Relation, scope: Scope) -> Closure:
        kinds = [self.kind(column.type, box.place) for column in box.columns]
        columns = [column.name for column in box.columns]
        rows = [
            [self.closure(cell, scope, kind) for cell, kind in zip(row, kinds, strict=True)]
            for row in box.rows
        ]
        return lambda names, run: [
            {name: cell(names, run) for name, cell in zip(columns, row, strict=True)}
            for row in rows
        ]

    def _functiondefinition(self, box: model.FunctionDefinition, scope: Scope) -> Closure:
        if box.kind.upper() != "FEEL":
            text = f"functions in {box.kind} are not run"
            self.problem(box.place, "function_kind", text, f"不运行{box.kind}函数")
            return failing(text, f"不运行{box.kind}函数")
        kinds = [self.kind(part.type, box.place) for part in box.parameters]
        names_of = [part.name for part in box.parameters]
        inner = {**scope, **{name: kind.type for name, kind in zip(names_of, kinds, strict=True)}}
        body = self.closure(box.body, inner, ANYTHING)
        types = tuple(kind.type for kind in kinds)
        result = self.inferred(box.body, inner)

        def define(names: Names, run: feel.Run) -> Any:
            def call(run: feel.Run, *arguments: Any) -> Any:
                given = taken(names_of, kinds, arguments, run)
                return None if given is None else body({**names, **given}, run)

            return feel.FunctionValue(tuple(names_of), types, call, result)

        return define

    def _invocation(self, box: model.Invocation, scope: Scope) -> Closure:
        bindings = [(name, self.closure(value, scope, ANYTHING)) for name, value in box.bindings]
        function = self.closure(box.function, scope, ANYTHING)

        def invoke(names: Names, run: feel.Run) -> Any:
            found = function(names, run)
            if not isinstance(found, feel.FunctionValue):
                return run.fail(0, f"{shown(found)} is not a function", f"{shown(found)}不是函数")
            given = {name: value(names, run) for name, value in bindings}
            try:
                arguments = calling.by_name((found.parameters,), given)
                arguments += [None] * (len(found.parameters) - len(arguments))
                return calling.call_value(found, arguments, run)
            except CANNOT as error:
                return run.failed(0, error, found.name)

        return invoke

    def _conditional(self, box: model.Conditional, scope: Scope) -> Closure:
        condition = self.closure(box.condition, scope, ANYTHING)
        then = self.closure(box.then, scope, ANYTHING)
        otherwise = self.closure(box.otherwise, scope, ANYTHING)

        def conditional(names: Names, run: feel.Run) -> Any:
            found = condition(names, run)
            if found is True:
                return then(names, run)
            if found is False or found is None:
                return otherwise(names, run)
            return run.fail(
                0,
                f"a condition is true or false, not {shown(found)}",
                f"条件应为真或假，而不是{shown(found)}",
            )

        return conditional

    def _filter(self, box: model.Filter, scope: Scope) -> Closure:
        """As FEEL filters: ``item`` and, of contexts, their members are names of the test."""
        source = self.closure(box.source, scope, ANYTHING)
        if isinstance(box.match, model.Literal) and not box.match.language:
            inner = {**scope, _SOURCE: feel.ANY}
            text = model.Literal(box.match.place, f"{_SOURCE}[({box.match.text}\n)]")
            run_filter = self.literal(text, inner)
            return lambda names, run: run_filter({**names, _SOURCE: source(names, run)}, run)
        match = self.closure(box.match, {**scope, "item": feel.ANY}, ANYTHING)

        def filtered(names: Names, run: feel.Run) -> Any:
            kept = []
            for item in listed(source(names, run)):
                run.charge(1)
                members = item if isinstance(item, dict) else {}
                found = match({**names, **members, "item": item}, run)
                if found is True:
                    kept.append(item)
                elif not isinstance(found, bool):
                    return run.fail(
                        0,
                        f"a filter is true or false, not {shown(found)}",
                        f"筛选条件应为真或假，而不是{shown(found)}",
                    )
            return kept

        return filtered

    def _iteration(self, box: model.Iteration, scope: Scope) -> Closure:
        source = self.closure(box.source, scope, ANYTHING)
        inner = {**scope, box.variable: feel.ANY}
        if box.kind == "for":
            inner["partial"] = feel.LIST
        body = self.closure(box.body, inner, ANYTHING)
        variable = box.variable

        def collect(names: Names, run: feel.Run) -> Any:
            made: list[Any] = []
            for item in listed(source(names, run)):
                run.charge(1)
                made.append(body({**names, variable: item, "partial": list(made)}, run))
            return made

        def quantify(names: Names, run: feel.Run) -> Any:
            found: list[Any] = []
            for item in listed(source(names, run)):
                run.charge(1)
                found.append(body({**names, variable: item}, run))
            if any(value is not None and not isinstance(value, bool) for value in found):
                return run.fail(0, f"{box.kind} needs true or false", f"{box.kind}需要真或假")
            decisive = box.kind == "some"
            if decisive in found:
                return decisive
            return None if None in found else not decisive

        return collect if box.kind == "for" else quantify


def failing(english: str, chinese: str) -> Closure:
    """A closure without a value."""
    return lambda names, run: run.fail(0, english, chinese)


def fitted(closure: Closure, kind: Kind) -> Closure:
    """``closure`` with its value made to be of ``kind``, null with a note where it cannot."""
    if kind.free:
        return closure
    exact = kind.exact

    def fit(names: Names, run: feel.Run) -> Any:
        value = closure(names, run)
        if value is None or type(value) is exact:
            return value
        try:
            return kind.fitting(value, run)
        except Mismatch as mismatch:
            return run.fail(0, str(mismatch), mismatch.chinese)

    return fit


def taken(
    names: Sequence[str], kinds: Sequence[Kind], arguments: Sequence[Any], run: feel.Run
) -> dict[str, Any] | None:
    """Arguments by parameter, each of its kind; None, with a note, where one is not."""
    given = {}
    for name, kind, value in zip(names, kinds, arguments, strict=True):
        try:
            given[name] = kind.fitting(value, run)
        except Mismatch as mismatch:
            run.fail(0, f"{name}: {mismatch}", f"{name}:{mismatch.chinese}")
            return None
    return given


def listed(value: Any) -> Iterator[Any]:
    """What an iteration goes over: a list, the whole numbers of a range, or one value."""
    if isinstance(value, list):
        yield from value
    elif isinstance(value, feel.Range) and isinstance(value.low, Decimal):
        low, high = int(value.low), int(value.high)
        turns = range(low, high + 1) if low <= high else range(low, high - 1, -1)
        yield from (Decimal(number) for number in turns)
    elif value is not None:
        yield value
