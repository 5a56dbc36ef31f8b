"""What the pages of procedures show: counts, steps with what stands at them, the heat of a period."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe

from touchstone.clocks.definition import ClockDefinition
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.course.names import Names
from touchstone.process.course.reading import diagram_of, names_of
from touchstone.process.decision_use import DecisionUse, decision_uses
from touchstone.process.decisions import decisions_of
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.heat import Heat, Measure, StepHeat, read_heat
from touchstone.process.listing import Load, loads
from touchstone.process.picture import NOTHING, Diagram, draw
from touchstone.process.procedure import Control, Procedure, Step
from touchstone.process.sight import Sight
from touchstone.ui.templatetags.say import active_language
from touchstone.web.access import no_such_page

MEASURES: Mapping[Measure, Text] = {
    "waiting": Text("等待", "Waiting"),
    "work": Text("办理", "Work"),
    "rework": Text("返工", "Rework"),
    "volume": Text("业务量", "Volume"),
    "breaches": Text("超时", "Overdue"),
}
HEAT_MINUTES = 5
_NO_LOAD = Load(0, 0, 0)


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """One procedure of the list."""

    procedure: Procedure
    people: int
    load: Load


@dataclass(frozen=True)
class StepLine:
    """One step: who does it, within which time, checked by what, under which clause."""

    step: Step
    posts: Text
    clocks: tuple[ClockDefinition, ...]
    controls: tuple[Control, ...]
    heat: StepHeat | None

    @cached_property
    def waiting(self) -> dt.timedelta | None:
        """Waiting per stay, working time."""
        return self.heat.mean(self.heat.waiting) if self.heat and self.heat.visits else None

    @cached_property
    def work(self) -> dt.timedelta | None:
        """Work per stay, working time."""
        return self.heat.mean(self.heat.work) if self.heat and self.heat.visits else None


@dataclass(frozen=True, slots=True)
class Apart:
    """A rule that steps of one case are done by different people."""

    id: str
    steps: tuple[Text, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One step that a decision settles, and what is controlled there."""

    use: DecisionUse
    title: Text
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class ProcedurePage:
    """Everything a page of one procedure shows."""

    deployed: Deployment
    names: Names
    diagram: Diagram | None
    steps: tuple[StepLine, ...]
    case_clocks: tuple[ClockDefinition, ...]
    apart: tuple[Apart, ...]
    load: Load
    heat: Heat | None
    decisions: tuple[RuleLine, ...]


def procedure_lines(sight: Sight) -> tuple[ProcedureLine, ...]:
    """Every procedure in force, in the standard's order, with the cases the visitor may see."""
    version, counted = catalogue().version, loads(sight)
    found = []
    for slug in catalogue().objects("procedure"):
        procedure = deployment(version, slug).procedure
        people = sum(bool(step.posts) for step in procedure.steps.values())
        found.append(ProcedureLine(procedure, people, counted.get(slug, _NO_LOAD)))
    return tuple(sorted(found, key=lambda line: line.procedure.number))


def procedure_page(slug: str, sight: Sight, heat: Heat | None) -> ProcedurePage:
    """One procedure in force.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    deployed = deployed_now(slug)
    procedure = deployed.procedure
    diagram = diagram_of(deployed.content, deployed)
    names = names_of(deployed, diagram)
    steps = tuple(_line(deployed, names, step, heat) for step in procedure.steps.values())
    placed = {clock.id for line in steps for clock in line.clocks}
    return ProcedurePage(
        deployed,
        names,
        diagram,
        steps,
        tuple(clock for clock in deployed.clocks if clock.id not in placed),
        _apart(procedure, names),
        loads(sight, slug).get(slug, _NO_LOAD),
        heat,
        _decisions(procedure),
    )


def _decisions(procedure: Procedure) -> tuple[RuleLine, ...]:
    """The steps that ask for a decision, in the order of the decisions."""
    version = catalogue().version
    known = decisions_of(version)
    return tuple(
        RuleLine(
            use,
            known[use.decision].title,
            tuple(item for item in procedure.controls if item.step == use.element),
        )
        for uses in decision_uses(version).values()
        for use in uses
        if use.procedure == procedure.slug
    )


def deployed_now(slug: str) -> Deployment:
    """A procedure of the standard in force.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    if slug not in catalogue().objects("procedure"):
        raise no_such_page()
    return deployment(catalogue().version, slug)


def _line(deployed: Deployment, names: Names, step: Step, heat: Heat | None) -> StepLine:
    return StepLine(
        step,
        names.post(step.group) if step.posts else Text("系统", "System"),
        tuple(clock for clock in deployed.clocks if clock.element == step.element),
        tuple(item for item in deployed.procedure.controls if item.step == step.element),
        heat.steps.get(step.element) if heat else None,
    )


def _apart(procedure: Procedure, names: Names) -> tuple[Apart, ...]:
    rules = [Apart(r.id, tuple(map(names.step, r.steps)), r.clause) for r in procedure.separation]
    rules += [
        Apart(item.id, tuple(map(names.step, (item.step, *item.distinct_from))), item.clause)
        for item in procedure.controls
        if item.kind == "four_eyes" and item.distinct_from
    ]
    return tuple(rules)


def heat_of(slug: str, period: str, unit: str | None, now: dt.datetime) -> Heat:
    """The heat of a month, at a unit and below it, at most ``HEAT_MINUTES`` old.

    It is one pass over the month's journal of the procedure, which nobody needs anew at every look.
    """
    key = f"heat:{catalogue().version}:{slug}:{period}:{unit or ''}"
    kept = cache.get(key)
    if isinstance(kept, Heat):
        return kept
    year, month = (int(part) for part in period.split("-"))
    first = dt.date(year, month, 1)
    last = first.replace(day=calendar.monthrange(year, month)[1])
    found = read_heat(slug, first, last, now=now, unit=unit)
    cache.set(key, found, HEAT_MINUTES * 60)
    return found


def picture(page: ProcedurePage, measure: Measure) -> SafeString:
    """The procedure's picture, each step leading to its row; with the heat where there is one."""
    if page.diagram is None:
        return SafeString("")
    language = active_language()
    procedure = page.deployed.procedure
    links = {element: f"#step-{element}" for element in procedure.steps}
    drawn = draw(
        page.diagram,
        language=language,
        titles={element: step.title for element, step in procedure.steps.items()},
        overlay=page.heat.overlay(measure, language, links=links) if page.heat else NOTHING,
        title=procedure.title.in_language(language),
        identity="procedure",
    )
    return mark_safe(drawn)  # noqa: S308 - drawn by process.picture, every text escaped there
