"""The templates of indicators: each counts a numerator and a denominator over one window. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.measures.history import CaseHistory, ClockRun, History
from touchstone.measures.selectors import Hit, Spec, Standard, Window, cases_of, hits, until

__all__ = ["TEMPLATES", "WHOLE", "Count", "Standard", "Window"]


@dataclass(frozen=True, slots=True)
class Count:
    """A result; ``excluded`` counts what a filter could not judge."""

    numerator: int
    denominator: int
    excluded: int = 0


Template = Callable[[History, Spec, Window, Standard], Count | None]


def on_time_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Clock runs decided in the window that stopped before they were due.

    A run that gave way in time to the clock named ``then`` (an approved extension) is judged by that.
    """
    met = decided = 0
    known = False
    for item in spec["clocks"]:
        slug = standard.slugs.get(item["procedure"])
        known = known or slug is not None
        for case in history.cases:
            if case.procedure != slug or case.ended_how == "cancelled":
                continue
            for began in case.clocks:
                if began.clock != item["clock"]:
                    continue
                run = _final(case, began, item.get("then"))
                at = min(run.due_at, run.stopped_at or run.due_at)
                if not window.holds(at) or at > history.last_at:
                    continue
                decided += 1
                met += run.stopped_at is not None and run.stopped_at < run.due_at
    return Count(met, decided) if known else None


def _final(case: CaseHistory, run: ClockRun, then: str | None) -> ClockRun:
    """The run itself, or the one it gave way to before it was late."""
    if run.stopped_at is None or run.stopped_at >= run.due_at:
        return run
    return next((item for item in reversed(case.clocks) if item.clock == then), run)


def share_of_cases(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """Cases with one event in the window that also have another by the window's end."""
    alike = {"of": spec["of"], "done": spec["with"], "match": "case"}
    return done_share(history, alike, window, standard)


def done_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Cases or customers selected in the window for whom something was done by its end.

    What was done counts wherever in the institution it was done.
    """
    match = spec["match"]
    found = hits(history, spec["of"], window, standard)
    done = hits(history.whole or history, spec["done"], until(window), standard)
    if found is None or done is None:
        return None
    wanted = {hit.key(match) for hit in found if hit.is_judged} - {None}
    unknown = {hit.key(match) or hit for hit in found if not (hit.is_judged and hit.key(match))}
    having = wanted & {hit.key(match) for hit in done if hit.is_judged}
    return Count(len(having), len(wanted), len(unknown - wanted))


def count(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Events or entries in the window, or the sum of a field of theirs."""
    found = hits(history, spec["of"], window, standard)
    if found is None:
        return None
    total, excluded = _sum(found)
    return Count(total, total, excluded)


def ratio_of_counts(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Count | None:
    """One count over another."""
    above = hits(history, spec["numerator"], window, standard)
    below = hits(history, spec["denominator"], window, standard)
    if above is None or below is None:
        return None
    numerator, unknown_above = _sum(above)
    denominator, unknown_below = _sum(below)
    return Count(numerator, denominator, unknown_above + unknown_below)


def _sum(found: Sequence[Hit]) -> tuple[int, int]:
    judged = [hit.amount for hit in found if hit.is_judged]
    return sum(judged), len(found) - len(judged)


def control_share(history: History, spec: Spec, window: Window, standard: Standard) -> Count | None:
    """Executions of control points that were effective."""
    effective = total = 0
    for case in cases_of(history, spec["procedures"], standard):
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
        for case in cases_of(history, [act["procedure"]], standard):
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
    for case in cases_of(history, spec["procedures"], standard):
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
    for case in cases_of(history, [spec["procedure"]], standard):
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


TEMPLATES: Mapping[str, Template] = {
    "on_time_share": on_time_share,
    "share_of_cases": share_of_cases,
    "control_share": control_share,
    "order_share": order_share,
    "conforming_share": conforming_share,
    "distinct_people_share": distinct_people_share,
    "standard_coverage": standard_coverage,
    "done_share": done_share,
    "count": count,
    "ratio_of_counts": ratio_of_counts,
}
# Counted over more than the cases, by ``measures.queries``.
WHOLE = frozenset({"record_share", "alive_share"})
