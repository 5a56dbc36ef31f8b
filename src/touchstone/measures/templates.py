"""The templates of indicators: each counts a numerator and a denominator over one window. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.time import from_microseconds
from touchstone.measures.history import CaseHistory, History, StepEnd


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, microseconds since the epoch."""

    start: int
    end: int

    def holds(self, at: int | None) -> bool:
        """Whether ``at`` lies in the window."""
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Count:
    """A result; ``excluded`` counts what a filter could not judge."""

    numerator: int
    denominator: int
    excluded: int = 0


@dataclass(frozen=True)
class Standard:
    """What the templates ask of the standard.

    Attributes:
        slugs: procedure number -> slug, of the procedures in force.
        procedures: slug -> raw procedure.
        clauses: ids in force.
        compile: FEEL text of a filter -> expression over ``fact``, ``variables``, ``case``.
    """

    slugs: Mapping[str, str]
    procedures: Mapping[str, Mapping[str, Any]]
    clauses: frozenset[str]
    compile: Callable[[str], feel.Expression]


Spec = Mapping[str, Any]
Template = Callable[[History, Spec, Window, Standard], Count | None]


def _cases(history: History, numbers: Any, standard: Standard) -> Iterator[CaseHistory]:
    slugs = {standard.slugs[number] for number in numbers if number in standard.slugs}
    return (case for case in history.cases if case.procedure in slugs)


def on_time_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Clock runs decided in the window that stopped before they were due."""
    met = decided = 0
    known = False
    for item in spec["clocks"]:
        slug = standard.slugs.get(item["procedure"])
        known = known or slug is not None
        for case in history.cases:
            if case.procedure != slug or case.ended_how == "cancelled":
                continue
            for run in case.clocks:
                if run.clock != item["clock"]:
                    continue
                at = min(run.due_at, run.stopped_at or run.due_at)
                if not window.holds(at) or at > history.last_at:
                    continue
                decided += 1
                met += run.stopped_at is not None and run.stopped_at < run.due_at
    return Count(met, decided) if known else None


def _matches(step: StepEnd, case: CaseHistory, spec: Spec, standard: Standard) -> bool | None:
    if spec.get("step") not in (None, step.element):
        return False
    where = spec.get("where")
    if where is None:
        return True
    about = {"procedure": case.procedure, "unit": case.unit}
    context = {"fact": step.data, "variables": step.variables, "case": about}
    value = standard.compile(where).evaluate(context, now=from_microseconds(step.at)).value
    return value if isinstance(value, bool) else None


def share_of_cases(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Cases with one event in the window that also have another by the window's end."""
    if spec["of"]["procedure"] not in standard.slugs:
        return None
    having = total = excluded = 0
    for case in _cases(history, [spec["of"]["procedure"]], standard):
        found = [
            _matches(step, case, spec["of"], standard)
            for step in case.steps
            if window.holds(step.at)
        ]
        excluded += None in found and True not in found
        if True not in found:
            continue
        total += 1
        having += any(
            _matches(step, case, spec["with"], standard) is True
            for step in case.steps
            if step.at < window.end
        )
    return Count(having, total, excluded)


def control_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Executions of control points that were effective."""
    effective = total = 0
    for case in _cases(history, spec["procedures"], standard):
        for item in case.executions:
            if not window.holds(item.at):
                continue
            total += 1
            refused = item.result == "not_met" and item.mode in ("block", "hold")
            effective += item.result == "met" or (
                refused and spec.get("refused_counts") == "effective"
            )
    return Count(effective, total)


def order_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Executions that came after everything that must come before them."""
    in_order = total = 0
    for act in spec["acts"]:
        for case in _cases(history, [act["procedure"]], standard):
            for element, at, before in case.completions:
                if element != act["act"] or not window.holds(at):
                    continue
                total += 1
                in_order += all(
                    bool(before & set(item)) if isinstance(item, list) else item in before
                    for item in act["after"]
                )
    return Count(in_order, total)


def conforming_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Ended cases whose history breaks no order control and no separation of duties."""
    fitting = total = 0
    for case in _cases(history, spec["procedures"], standard):
        if not window.holds(case.ended_at):
            continue
        total += 1
        fitting += _conforms(case, standard.procedures[case.procedure])
    return Count(fitting, total)


def _conforms(case: CaseHistory, procedure: Mapping[str, Any]) -> bool:
    for rule in procedure.get("separation") or ():
        persons = [person for step in rule["steps"] for person in case.actors.get(step, ())]
        if len(persons) != len(set(persons)):
            return False
    for control in procedure.get("controls") or ():
        if control["kind"] != "order":
            continue
        for element, _, before in case.completions:
            if element == control["at"]["step"] and not set(control["after"]) <= before:
                return False
    return True


def distinct_people_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Decided cases in which every level was done, each by people of its own."""
    if spec["procedure"] not in standard.slugs:
        return None
    distinct = total = 0
    for case in _cases(history, [spec["procedure"]], standard):
        if not any(
            step.element in spec["decided"] and step.how == "completed" and window.holds(step.at)
            for step in case.steps
        ):
            continue
        total += 1
        levels = [
            {person for element in level for person in case.actors.get(element, ())}
            for level in spec["levels"]
        ]
        everybody = [person for level in levels for person in level]
        distinct += all(levels) and len(everybody) == len(set(everybody))
    return Count(distinct, total)


def standard_coverage(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Steps and control points of the procedures in force that name a clause in force."""
    named = total = 0
    for procedure in standard.procedures.values():
        links = [*procedure["steps"].values(), *(procedure.get("controls") or ())]
        total += len(links)
        named += sum(item.get("clause") in standard.clauses for item in links)
    return Count(named, total)


def without_source(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Registers hold nothing yet, so whatever counts their entries has no data."""
    return None


TEMPLATES: Mapping[str, Template] = {
    "on_time_share": on_time_share,
    "share_of_cases": share_of_cases,
    "control_share": control_share,
    "order_share": order_share,
    "conforming_share": conforming_share,
    "distinct_people_share": distinct_people_share,
    "standard_coverage": standard_coverage,
    "done_share": without_source,
    "count": without_source,
    "ratio_of_counts": without_source,
}
# Counted over more than the cases, by ``measures.queries``.
WHOLE = frozenset({"record_share", "alive_share"})
