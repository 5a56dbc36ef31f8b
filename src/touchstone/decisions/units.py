"""Elements of a program, the order among them, and their evaluation within one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from touchstone.decisions import model
from touchstone.decisions.boxed import Closure, failing
from touchstone.decisions.running import Evaluation
from touchstone.decisions.tables import CompiledTable
from touchstone.decisions.types import Kind, Mismatch
from touchstone.kernel import feel

if TYPE_CHECKING:
    from touchstone.decisions.program import Program


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
    closure: Closure = field(default=failing("not compiled", "未编译"))
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


def required(unit: Unit) -> Iterator[Unit]:
    """What an element needs and knows."""
    for _, other in unit.needs:
        yield other
    for _, other in unit.knows:
        yield other


def in_order(starts: Iterable[Unit], after: Callable[[Unit], list[Unit]]) -> list[Unit]:
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
        unit.plan = tuple(in_order([unit], lambda item: [other for _, other in item.needs]))
    return unit.plan


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
        run.fail(0, f"{name}: {mismatch}", f"{name}:{mismatch.chinese}")
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
