"""A model made ready to run: its requirement graph in order, each element a closure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.boxed import Closure, Compiler, Scope, failing, fitted, taken
from touchstone.decisions.running import Evaluation
from touchstone.decisions.tables import CompiledTable
from touchstone.decisions.types import ANYTHING, Kind, Mismatch, TypeBook
from touchstone.kernel import feel
from touchstone.kernel.problem import Problem


@dataclass(eq=False, slots=True)
class Unit:
    """One element of a program.

    Attributes:
        element: as written.
        kind: of its value.
        needs: by path (import names before the name), the input data and decisions it requires.
        functions: by path, the functions it knows.
        closure: its logic over the names.
        plan: all that must be known before it, in order, and itself; made when first asked for.
    """

    element: model.Element
    program: Program
    kind: Kind
    needs: list[tuple[tuple[str, ...], Unit]] = field(default_factory=list)
    knows: list[tuple[tuple[str, ...], Unit]] = field(default_factory=list)
    closure: Closure = field(default=failing("not compiled"))
    plan: tuple[Unit, ...] = ()
    functions: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    tables: list[CompiledTable] = field(default_factory=list)
    type: feel.Type = feel.ANY

    @property
    def name(self) -> str:
        """As the model calls it."""
        return self.element.name


Known = dict[Unit, Any]


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
        stack = [(start, _required(start))]
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
                stack.append((other, _required(other)))

    def _circle(self, names: list[str], unit: Unit) -> None:
        text = f"the requirements go in a circle: {' → '.join(names[-6:])}"
        place, file = unit.element.place, unit.program.definitions.file
        self.broken.append(
            Problem(file, place.line, "decisions.cycle", text, "需求图存在循环", place.element)
        )

    # Compiling

    def _compile(self) -> None:
        every = _in_order(self.units.values(), lambda item: list(_required(item)))
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
                return run.fail(0, str(mismatch))

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


def _required(unit: Unit) -> Iterator[Unit]:
    for _, other in unit.needs:
        yield other
    for _, other in unit.knows:
        yield other


def _in_order(starts: Iterable[Unit], after: Callable[[Unit], list[Unit]]) -> list[Unit]:
    """Every element that the ``starts`` come after and themselves, each after those it needs."""
    order: list[Unit] = []
    done: set[Unit] = set()
    for start in starts:
        if start in done:
            continue
        done.add(start)
        stack = [(start, iter(after(start)))]
        while stack:
            unit, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                stack.pop()
                order.append(unit)
            elif other not in done:
                done.add(other)
                stack.append((other, iter(after(other))))
    return order


def _plan(unit: Unit) -> tuple[Unit, ...]:
    if not unit.plan:
        unit.plan = tuple(_in_order([unit], lambda item: [other for _, other in item.needs]))
    return unit.plan


def _put(scope: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        scope = scope.setdefault(part, {})
    scope[path[-1]] = value


def _typed(part: Any) -> feel.Type:
    if isinstance(part, dict):
        return feel.ContextOf({name: _typed(inner) for name, inner in part.items()})
    assert isinstance(part, feel.Type)
    return part


def handed_in(unit: Unit, run: Evaluation) -> Any:
    """The value that was given for an input, of its kind."""
    name = unit.element.variable.name
    value = run.given.get(name)
    if value is None:
        value = _by_long_name(name, run)
        if value is None:
            return None
    try:
        value = unit.kind.fitting(unit.kind.taken_in(value), run)
    except Mismatch as mismatch:
        run.fail(0, f"{name}: {mismatch}")
        value = None
    run.used[name] = value
    return value


def _by_long_name(name: str, run: Evaluation) -> Any:
    """An imported input may be handed in under the names of the imports before its own."""
    ending = f".{name}"
    found = (value for key, value in run.given.items() if str(key).endswith(ending))
    return next(found, None)


def evaluate(unit: Unit, known: Known, run: Evaluation) -> Any:
    """The value of an element, after all that it needs; what is known is not evaluated again."""
    if unit in known:
        return known[unit]
    for step in _open_plan(unit, known):
        failures = len(run.problems)
        element = step.element
        if isinstance(element, model.InputData):
            known[step] = handed_in(step, run)
            run.done(step.name, "input", known[step], failures)
        elif isinstance(element, model.Decision):
            if element.logic is None and run.given.get(element.variable.name) is not None:
                known[step] = handed_in(step, run)
                run.done(step.name, "decision", known[step], failures)
                continue
            names = dict(step.functions)
            for path, other in step.needs:
                _put_copied(names, path, known[other])
            try:
                known[step] = step.closure(names, run)
            except feel.FeelError as error:
                known[step] = None
                run.failed(0, error)
            run.done(step.name, "decision", known[step], failures)
    return known[unit]


def _open_plan(unit: Unit, known: Known) -> tuple[Unit, ...]:
    """What is left to evaluate: nothing that only known elements need."""
    if not known:
        return _plan(unit)
    wanted: set[Unit] = set()
    stack = [unit]
    while stack:
        now = stack.pop()
        if now in wanted or now in known:
            continue
        wanted.add(now)
        stack.extend(other for _, other in now.needs)
    return tuple(step for step in _plan(unit) if step in wanted)


def _put_copied(names: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """As ``_put``, leaving the functions' own dictionaries as they are."""
    for part in path[:-1]:
        names[part] = names = dict(names.get(part) or {})
    names[path[-1]] = value
