"""A model made ready to run: its requirement graph in order, each element a closure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.boxed import Closure, Compiler, Scope, fitted, taken
from touchstone.decisions.running import Evaluation
from touchstone.decisions.tables import CompiledTable
from touchstone.decisions.types import ANYTHING, Kind, Mismatch, TypeBook
from touchstone.decisions.units import Known, Unit, evaluate, handed_in, in_order, required
from touchstone.kernel import feel
from touchstone.kernel.problem import Problem


class Program:
    """One file with the programs it imports.

    Args:
        definitions: the file.
        imports: programs by the name under which they are imported, with their namespaces.
    """

    def __init__(self, definitions: model.Definitions, imports: Mapping[str, Program]) -> None:
        self.definitions = definitions
        self.imports = dict(imports)
        self.broken: list[Problem] = []
        self.problems: list[Problem] = []
        self.compiler = Compiler(definitions.file, self.problems.append, self._table)
        self.compiler.types = TypeBook(
            definitions,
            {name: other.compiler.types for name, other in imports.items()},
            self.compiler.tests,
            self.compiler.problem,
        )
        self.units = {item.id: self._unit(item) for item in definitions.elements}
        self._current: Unit | None = None
        self._link()
        if not self.broken:
            self.compiler.types.resolve()
            self._compile()

    def _unit(self, element: model.Element) -> Unit:
        kind = self.compiler.kind(element.variable.type, element.place)
        return Unit(element, self, kind, type=kind.type)

    def named(self, name: str) -> Unit | None:
        """The element of that name, an imported one as ``import.name``."""
        for unit in self.units.values():
            if unit.name == name or unit.element.variable.name == name:
                return unit
        for prefix, other in self.imports.items():
            if prefix and name.startswith(f"{prefix}."):
                return other.named(name[len(prefix) + 1 :])
        found = (other.named(name) for other in self.imports.values())
        return next((unit for unit in found if unit is not None), None)

    # The requirement graph

    def _link(self) -> None:
        for unit in self.units.values():
            element = unit.element
            if isinstance(element, model.Decision):
                unit.needs = self._found(unit, element.requires)
            if isinstance(element, (model.Decision, model.KnowledgeModel)):
                unit.knows = self._found(unit, element.knowledge)
            if isinstance(element, model.Service):
                for references in (
                    element.outputs,
                    element.encapsulated,
                    element.input_decisions,
                    element.input_data,
                ):
                    self._found(unit, references)
        if not self.broken:
            for unit in self.units.values():
                if isinstance(unit.element, model.Service):
                    self._decide_service(unit)
            self._refuse_cycles()

    def _found(
        self, unit: Unit, references: Sequence[model.Reference]
    ) -> list[tuple[tuple[str, ...], Unit]]:
        found = []
        for reference in references:
            program, path = self._place_of(reference)
            other = program.units.get(reference.id) if program else None
            if other is None:
                where = f" of {reference.namespace}" if reference.namespace else ""
                self.broken.append(
                    Problem(
                        self.definitions.file,
                        reference.line,
                        "decisions.unknown_element",
                        f"{unit.name} refers to {reference.id}{where}, which is not there",
                        "所引用的元素不存在",
                        unit.element.place.element,
                    )
                )
                continue
            found.append(((*path, other.element.variable.name), other))
        return found

    def _place_of(self, reference: model.Reference) -> tuple[Program | None, tuple[str, ...]]:
        if reference.namespace is None:
            return self, ()
        for name, other in self.imports.items():
            if other.definitions.namespace == reference.namespace:
                return other, (name,) if name else ()
        return None, ()

    def _decide_service(self, unit: Unit) -> None:
        """A service needs what its output decisions are, for the order of evaluation."""
        assert isinstance(unit.element, model.Service)
        unit.needs = self._found(unit, unit.element.outputs)

    def _refuse_cycles(self) -> None:
        done: set[Unit] = set()
        for unit in self.units.values():
            self._walk(unit, done)

    def _walk(self, start: Unit, done: set[Unit]) -> None:
        """Depth first without recursion; a problem where the graph has a cycle."""
        if start in done:
            return
        stack = [(start, required(start))]
        open_now = {start}
        while stack:
            unit, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                stack.pop()
                open_now.discard(unit)
                done.add(unit)
            elif other in open_now:
                self._circle([item.name for item, _ in stack] + [other.name], other)
            elif other not in done:
                open_now.add(other)
                stack.append((other, required(other)))

    def _circle(self, names: list[str], unit: Unit) -> None:
        text = f"the requirements go in a circle: {' → '.join(names[-6:])}"
        place, file = unit.element.place, unit.program.definitions.file
        self.broken.append(
            Problem(file, place.line, "decisions.cycle", text, "需求图存在循环", place.element)
        )

    # Compiling

    def _compile(self) -> None:
        every = in_order(self.units.values(), lambda item: list(required(item)))
        for unit in (item for item in every if item.program is self):
            self._current = unit
            if isinstance(unit.element, model.KnowledgeModel):
                self._compile_function(unit, unit.element)
            elif isinstance(unit.element, model.Service):
                self._compile_service(unit, unit.element)
            elif isinstance(unit.element, model.Decision):
                self._compile_decision(unit, unit.element)

    def _table(self, compiler: Compiler, box: model.Table, scope: Scope, wanted: Kind) -> Closure:
        assert self._current is not None
        table = CompiledTable(compiler, box, scope, wanted)
        table.name = self._current.name
        for column in table.columns:
            column.given = _kind_at(column.box.expression.text, self._current.needs)
        self._current.tables.append(table)
        return table.evaluate  # type: ignore[return-value]

    def _scope(self, unit: Unit) -> dict[str, feel.Type]:
        """The names an element may use; imported ones are members of the import's name."""
        scope: dict[str, Any] = {}
        for path, other in (*unit.needs, *unit.knows):
            _put(scope, path, other.type)
        return {name: _typed(part) for name, part in scope.items()}

    def _compile_decision(self, unit: Unit, element: model.Decision) -> None:
        for path, other in unit.knows:
            _put(unit.functions, path, other.value)
        scope = self._scope(unit)
        unit.closure = self.compiler.closure(element.logic, scope, unit.kind)
        if unit.kind is ANYTHING:
            unit.type = self.compiler.inferred(element.logic, scope)

    def _compile_function(self, unit: Unit, element: model.KnowledgeModel) -> None:
        logic = element.logic
        for path, other in unit.knows:
            _put(unit.functions, path, other.value)
        if logic is None or logic.kind.upper() != "FEEL":
            kind = logic.kind if logic else "no language"
            unit.value = None
            text = f"{element.name}: functions in {kind} are not run"
            self.compiler.problem(element.place, "function_kind", text, f"不运行{kind}函数")
            return
        kinds = [self.compiler.kind(part.type, logic.place) for part in logic.parameters]
        names = [part.name for part in logic.parameters]
        wanted = unit.kind
        if isinstance(wanted.type, feel.FunctionOf):
            wanted = wanted.result or ANYTHING
        own = self.compiler.kind(logic.type, logic.place)
        listed = tuple((name, kind.type) for name, kind in zip(names, kinds, strict=True))
        said = (wanted if own is ANYTHING else own).type
        scope = {**self._scope(unit), unit.name: feel.FunctionOf(listed, said), **dict(listed)}
        result = said if said is not feel.ANY else self.compiler.inferred(logic.body, scope)
        unit.type = feel.FunctionOf(listed, result)
        body = fitted(self.compiler.closure(logic.body, scope, own), wanted)

        def call(run: Any, *arguments: Any) -> Any:
            given = taken(names, kinds, arguments, run)
            return None if given is None else body({**unit.functions, **given}, run)

        unit.value = _function(unit, names, kinds, call)
        unit.functions[unit.name] = unit.value

    def _compile_service(self, unit: Unit, element: model.Service) -> None:
        inputs = [other for _, other in self._found(unit, element.input_data)]
        decided = [other for _, other in self._found(unit, element.input_decisions)]
        parameters = [*inputs, *decided]
        names = [other.element.variable.name for other in parameters]
        kinds = [other.kind for other in parameters]
        outputs = [other for _, other in unit.needs]
        wanted = unit.kind
        if isinstance(wanted.type, feel.FunctionOf):
            wanted = wanted.result or ANYTHING
        listed = tuple((name, kind.type) for name, kind in zip(names, kinds, strict=True))
        unit.type = feel.FunctionOf(listed, _served(wanted, outputs))

        def serve(known: Known, run: Evaluation) -> Any:
            for output in outputs:
                evaluate(output, known, run)
            found = [known[output] for output in outputs]
            value = (
                found[0]
                if len(found) == 1
                else {
                    output.element.variable.name: item
                    for output, item in zip(outputs, found, strict=True)
                }
            )
            try:
                return wanted.fitting(value, run)
            except Mismatch as mismatch:
                return run.fail(0, str(mismatch), mismatch.chinese)

        def call(run: Any, *arguments: Any) -> Any:
            given = taken(names, kinds, arguments, run)
            if given is None:
                return None
            return serve(
                {other: given[name] for other, name in zip(parameters, names, strict=True)}, run
            )

        unit.value = _function(unit, names, kinds, call)
        unit.closure = _service_closure(serve, inputs, decided)


def _served(wanted: Kind, outputs: Sequence[Unit]) -> feel.Type:
    """The type of what a service gives: as it says, else as its output decisions say."""
    if wanted is not ANYTHING:
        return wanted.type
    if len(outputs) == 1:
        return outputs[0].type
    return feel.ContextOf({output.element.variable.name: output.type for output in outputs})


def _kind_at(text: str, needs: Sequence[tuple[tuple[str, ...], Unit]]) -> Kind:
    """The kind of what a plain name or path means, ANYTHING where it is anything else."""
    for path, other in needs:
        name = ".".join(path)
        if text == name:
            return other.kind
        if text.startswith(f"{name}."):
            kind: Kind | None = other.kind
            for part in text[len(name) + 1 :].split("."):
                kind = None if kind is None else kind.members.get(part.strip())
            return kind or ANYTHING
    return ANYTHING


def _function(
    unit: Unit, names: Sequence[str], kinds: Sequence[Kind], call: Callable[..., Any]
) -> feel.FunctionValue:
    """An element as a function value."""
    assert isinstance(unit.type, feel.FunctionOf)
    types = tuple(kind.type for kind in kinds)
    return feel.FunctionValue(tuple(names), types, call, unit.type.result, unit.name)


def _service_closure(serve: Any, inputs: list[Unit], decided: list[Unit]) -> Closure:
    """A service asked for directly: its parameters are what was handed in, and nothing else."""

    def closure(names: Any, run: Any) -> Any:
        return serve({other: handed_in(other, run) for other in (*inputs, *decided)}, run)

    return closure


def _put(scope: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        scope = scope.setdefault(part, {})
    scope[path[-1]] = value


def _typed(part: Any) -> feel.Type:
    if isinstance(part, dict):
        return feel.ContextOf({name: _typed(inner) for name, inner in part.items()})
    assert isinstance(part, feel.Type)
    return part
