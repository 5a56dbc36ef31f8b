"""A procedure of one version of the standard, compiled: diagram, forms, conditions, parameters.

Built once per version and kept; a running case asks for the version it began with.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from touchstone.clocks.definition import ClockDefinition, read_clocks
from touchstone.clocks.queries import calendar
from touchstone.decisions.content import ContentDecision
from touchstone.kernel import feel
from touchstone.kernel.limits import deadline
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.process.decisions import decisions_of
from touchstone.process.diagram import Program, compile_diagram
from touchstone.process.forms import Form
from touchstone.process.procedure import Procedure, read_procedure
from touchstone.process.visibility import View
from touchstone.standard.parameters import parameters

_TYPES = {
    "number": feel.NUMBER,
    "string": feel.STRING,
    "boolean": feel.BOOLEAN,
    "date": feel.DATE,
    "date and time": feel.DATE_TIME,
    "list": feel.LIST,
    "context": feel.CONTEXT,
    "any": feel.ANY,
}
# Names that every procedure's expressions may use beside its own variables.
COMMON_NAMES: Mapping[str, feel.Type] = {
    "values": feel.CONTEXT,
    "actor": feel.CONTEXT,
    "opinion": feel.STRING,
}


@dataclass(frozen=True)
class Deployment:
    """A compiled procedure.

    Attributes:
        content: version of the standard.
        names: FEEL types of every variable.
        conditions: control id -> compiled condition.
        letter_conditions: condition of a step's letter -> compiled.
        limit_expressions: amount, subject or condition of a limit that is taken up -> compiled.
        start_expressions: value handed to a procedure that a step begins -> compiled.
    """

    content: int
    procedure: Procedure
    program: Program
    forms: Mapping[str, Form]
    names: Mapping[str, feel.Type]
    conditions: Mapping[str, feel.Expression]
    clocks: tuple[ClockDefinition, ...]
    clock_conditions: Mapping[str, feel.Expression]
    parameters: Mapping[str, Parameter]
    letter_conditions: Mapping[str, feel.Expression]
    limit_expressions: Mapping[str, feel.Expression]
    start_expressions: Mapping[str, feel.Expression]

    @cached_property
    def watched(self) -> frozenset[str]:
        """Elements whose completion or actors some rule asks about, or that may be sent back to."""
        procedure = self.procedure
        apart = {step for rule in procedure.separation for step in rule.steps}
        asked = {step for item in procedure.controls for step in (*item.after, *item.distinct_from)}
        told = {
            step
            for clock in self.clocks
            for trigger in (clock.starts, clock.stops)
            if trigger.kind == "delivered"
            for step in trigger.elements
        }
        returned = {target for step in procedure.steps.values() for target in step.back_to}
        return frozenset(apart | asked | told | returned)


def parameter_function(known: Mapping[str, Parameter]) -> feel.Function:
    """``parameter("topic.name")``: the value in force on the day of the evaluation."""

    def call(now: dt.datetime, identity: Any) -> Any:
        found = known.get(identity) if isinstance(identity, str) else None
        if found is None:
            raise feel.FeelError(f"there is no parameter {identity!r}")
        return feel.take_in(found.value_on(day_of(now)), feel.ANY)

    return feel.Function("parameter", call, 1, 1, needs_now=True)


def deadline_function(known: Mapping[str, Parameter], content: int | None) -> feel.Function:
    """``deadline("topic.name")``: when that limit runs out, begun now or at a second argument."""

    def call(now: dt.datetime, identity: Any, start: Any = None) -> Any:
        found = known.get(identity) if isinstance(identity, str) else None
        if found is None or found.unit != "limit":
            raise feel.FeelError(f"there is no time limit {identity!r}")
        begun = now if start is None else start
        if not isinstance(begun, dt.datetime) or begun.tzinfo is None:
            raise feel.FeelError("a limit begins at an instant")
        day = day_of(begun)
        # A running case keeps the calendar that its version of the standard names.
        used = calendar(on=day, version=content)
        return deadline(used, begun, found.limit_on(day)).due_at

    return feel.Function("deadline", call, 1, 2, needs_now=True)


def functions_of(
    known: Mapping[str, Parameter], content: int | None = None
) -> dict[str, feel.Function]:
    """The functions that expressions of the standard may call."""
    made = (parameter_function(known), deadline_function(known, content))
    return {function.name: function for function in made}


def names_of(procedure: Procedure, forms: Mapping[str, Form]) -> dict[str, feel.Type]:
    """Every name that the procedure's expressions may use."""
    names: dict[str, feel.Type] = dict(COMMON_NAMES)
    for form in forms.values():
        names.update(form.variables())
    names.update({name: _TYPES.get(kind, feel.ANY) for name, kind in procedure.variables.items()})
    return names


def sealed_fields(forms: Mapping[str, Form]) -> frozenset[str]:
    """Fields that are sealed in some form and open in none."""
    every = {name for form in forms.values() for name in form.properties}
    opened = {name for form in forms.values() for name in form.variables()}
    return frozenset(every - opened)


def build(
    content: int,
    slug: str,
    raw: Mapping[str, Any],
    diagram: bytes,
    schemas: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Parameter],
    decisions: Mapping[str, ContentDecision] | None = None,
) -> Deployment | tuple[Problem, ...]:
    """Compile a procedure from its content, or say everything that is wrong with it."""
    procedure = read_procedure(slug, raw)
    folder = f"procedures/{slug}"
    forms = {name: Form(name, schema) for name, schema in schemas.items()}
    sealed = sealed_fields(forms)
    names = {name: kind for name, kind in names_of(procedure, forms).items() if name not in sealed}
    functions = functions_of(known, content)
    view = View(names, sealed, functions)
    program = compile_diagram(
        diagram,
        file=f"{folder}/{procedure.bpmn}",
        names=names,
        functions=functions,
        process=slug,
        sealed=sealed,
        decisions=decisions,
    )
    problems: list[Problem] = [] if isinstance(program, Program) else list(program)
    file = f"{folder}/procedure.yaml"

    def compiled(text: str, place: str, step: str | None = None) -> feel.Expression | None:
        at = procedure.steps.get(step or "")
        form = forms.get(at.form or "") if at else None
        submitted = frozenset(form.properties.keys() - form.open_fields) if form else frozenset()
        found = view.compile(text, file=file, line=0, element=place, submitted=submitted)
        if isinstance(found, feel.Expression):
            return found
        problems.extend(found)
        return None

    conditions = {
        control.id: found
        for control in procedure.controls
        if control.condition and (found := compiled(control.condition, control.id, control.step))
    }
    read = read_clocks(procedure.clocks, file)
    problems.extend(item for item in read if isinstance(item, Problem))
    clocks = tuple(item for item in read if isinstance(item, ClockDefinition))
    clock_conditions = {
        text: found
        for clock in clocks
        for text in clock.conditions()
        if (found := compiled(text, clock.id))
    }
    letter_conditions = {
        text: found
        for element, step in procedure.steps.items()
        if step.letter
        for text in (step.letter.when, step.letter.told_when)
        if text and (found := compiled(text, element))
    }
    limit_expressions = {
        text: found
        for item in procedure.limits
        for text in item.expressions()
        if (found := compiled(text, item.limit))
    }
    start_expressions = {
        text: found
        for element, step in procedure.steps.items()
        if step.starts
        for text in step.starts.values.values()
        if (found := compiled(text, element))
    }
    if problems or not isinstance(program, Program):
        return tuple(problems)
    return Deployment(
        content,
        procedure,
        program,
        forms,
        names,
        conditions,
        clocks,
        clock_conditions,
        known,
        letter_conditions,
        limit_expressions,
        start_expressions,
    )


@per_version
def deployment(content: int, slug: str) -> Deployment:
    """The procedure ``slug`` as it was at version ``content`` of the standard.

    Raises:
        Refusal: ``process.no_such_procedure``.
    """
    standard = catalogue(content)
    found = standard.get("procedure", slug)
    if found is None:
        raise refuse(
            "process.no_such_procedure", f"没有流程 {slug}", f"There is no procedure {slug}"
        )
    diagram = standard.get("diagram", f"{slug}/{found.data['bpmn']}")
    schemas = {
        identity.partition("/")[2]: json.loads(item.content)
        for identity, item in standard.objects("form").items()
        if identity.startswith(f"{slug}/")
    }
    assert diagram is not None, slug
    built = build(
        standard.version,
        slug,
        found.data,
        diagram.content,
        schemas,
        parameters(standard.version),
        decisions_of(standard.version),
    )
    assert isinstance(built, Deployment), built
    return built
