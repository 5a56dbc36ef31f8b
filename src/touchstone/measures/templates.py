"""The templates of indicators: each picks what counts over one window, item by item. Pure.

None means that there is no source; no item that there is one, and nothing in the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from touchstone.measures.counting import Count, Counted, Item, Origin, origin_of
from touchstone.measures.durations import fall_from_baseline, mean_duration
from touchstone.measures.history import CaseHistory, ClockRun, Execution, History
from touchstone.measures.selectors import Hit, Spec, Standard, Window, cases_of, hits, until

__all__ = ["TEMPLATES", "WHOLE", "Count", "Counted", "Standard", "Window"]
Template = Callable[[History, Spec, Window, Standard], Counted | None]


def on_time_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Clock runs decided in the window that stopped before they were due.

    A run that gave way in time to the clock named ``then`` (an approved extension) is judged by that.
    """
    found: list[Item] = []
    known = False
    for item in spec["clocks"]:
        slug = standard.slugs.get(item["procedure"])
        known = known or slug is not None
        for case in history.cases:
            if case.procedure != slug or case.ended_how == "cancelled":
                continue
            for began in case.clocks:
                run = _final(case, began, item.get("then"))
                at = min(run.due_at, run.stopped_at or run.due_at)
                if began.clock == item["clock"] and window.holds(at) and at <= history.last_at:
                    found.append(_timed(case, run, at))
    return Counted(tuple(found)) if known else None


def _final(case: CaseHistory, run: ClockRun, then: str | None) -> ClockRun:
    """The run itself, or the one it gave way to before it was late."""
    if run.stopped_at is None or run.stopped_at >= run.due_at:
        return run
    return next((item for item in reversed(case.clocks) if item.clock == then), run)


def _timed(case: CaseHistory, run: ClockRun, at: int) -> Item:
    in_time = run.stopped_at is not None and run.stopped_at < run.due_at
    reason = "in_time" if in_time else "overdue" if run.stopped_at is None else "late"
    return Item(case.id, origin_of(case), run.clock, run.position, at, int(in_time), 1, reason)


def share_of_cases(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Cases with one event in the window that also have another by the window's end."""
    alike = {"of": spec["of"], "done": spec["with"], "match": "case"}
    return done_share(history, alike, window, standard)


def done_share(history: History, spec: Spec, window: Window, standard: Standard) -> Counted | None:
    """Cases or customers selected in the window for whom something was done by its end.

    What was done counts wherever in the institution it was done.
    """
    match = spec["match"]
    found = hits(history, spec["of"], window, standard)
    done = hits(history, spec["done"], until(window), standard)
    if found is None or done is None:
        return None
    having = {hit.key(match) for hit in done if hit.is_judged}
    return Counted(tuple(_having(hit, hit.key(match), having) for hit in found), is_distinct=True)


def _having(hit: Hit, key: str | None, having: set[str | None]) -> Item:
    if not hit.is_judged or key is None:
        subject = key or f"{hit.origin.stream}#{hit.position}"
        return _of_hit(hit, subject, 0, 0, "not_judged")
    has = key in having
    return _of_hit(hit, key, int(has), 1, "done" if has else "not_done")


def _of_hit(hit: Hit, subject: str, numerator: int, denominator: int, reason: str) -> Item:
    return Item(
        subject,
        hit.origin,
        hit.what,
        hit.position,
        hit.at,
        numerator,
        denominator,
        reason,
        is_judged=reason != "not_judged",
    )


def count(history: History, spec: Spec, window: Window, standard: Standard) -> Counted | None:
    """Events or entries in the window, or the sum of a field of theirs."""
    found = hits(history, spec["of"], window, standard)
    if found is None:
        return None
    return Counted(tuple(_summed(hit, 1, 1, "counted") for hit in found))


def ratio_of_counts(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """One count over another."""
    above = hits(history, spec["numerator"], window, standard)
    below = hits(history, spec["denominator"], window, standard)
    if above is None or below is None:
        return None
    return Counted(
        (
            *(_summed(hit, 1, 0, "counted_above") for hit in above),
            *(_summed(hit, 0, 1, "counted_below") for hit in below),
        )
    )


def _summed(hit: Hit, above: int, below: int, reason: str) -> Item:
    subject = hit.origin.stream.partition(":")[2]
    if not hit.is_judged:
        return _of_hit(hit, subject, 0, 0, "not_judged")
    return _of_hit(hit, subject, above * hit.amount, below * hit.amount, reason)


def control_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Executions of control points that were effective."""
    refused_counts = spec.get("refused_counts") == "effective"
    found: list[Item] = []
    for case in cases_of(history, spec["procedures"], standard):
        origin = origin_of(case)
        for item in case.executions:
            if window.holds(item.at):
                reason = _effect(item)
                effective = reason == "met" or (reason == "stopped" and refused_counts)
                place = (item.control, item.position, item.at)
                found.append(Item(case.id, origin, *place, int(effective), 1, reason))
    return Counted(tuple(found))


def _effect(item: Execution) -> str:
    if item.result == "not_met" and item.mode in ("block", "hold"):
        return "stopped"
    return item.result if item.result in ("met", "not_met") else "control_not_judged"


def order_share(history: History, spec: Spec, window: Window, standard: Standard) -> Counted | None:
    """Executions that came after everything that must come before them."""
    found: list[Item] = []
    for act in spec["acts"]:
        for case in cases_of(history, [act["procedure"]], standard):
            for item in case.completions:
                if item.element != act["act"] or not window.holds(item.at):
                    continue
                right = all(
                    bool(item.before & set(earlier))
                    if isinstance(earlier, list)
                    else earlier in item.before
                    for earlier in act["after"]
                )
                reason = "in_order" if right else "out_of_order"
                place = (item.element, item.position, item.at)
                found.append(Item(case.id, origin_of(case), *place, int(right), 1, reason))
    return Counted(tuple(found))


def conforming_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Ended cases whose history breaks no order control and no separation of duties."""
    found: list[Item] = []
    for case in cases_of(history, spec["procedures"], standard):
        if case.ended_at is None or not window.holds(case.ended_at):
            continue
        broken = next(_broken_rules(case, standard.procedures[case.procedure]), None)
        reason = "conforms" if broken is None else "breaks_rule"
        place = (broken or case.procedure, case.position, case.ended_at)
        found.append(Item(case.id, origin_of(case), *place, int(broken is None), 1, reason))
    return Counted(tuple(found))


def _broken_rules(case: CaseHistory, procedure: Mapping[str, Any]) -> Iterator[str]:
    for rule in procedure.get("separation") or ():
        persons = [person for step in rule["steps"] for person in case.actors.get(step, ())]
        if len(persons) != len(set(persons)):
            yield rule["id"]
    for control in procedure.get("controls") or ():
        if control["kind"] != "order":
            continue
        for item in case.completions:
            if item.element == control["at"]["step"] and not set(control["after"]) <= item.before:
                yield control["id"]


def distinct_people_share(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Decided cases in which every level was done, each by people of its own."""
    if spec["procedure"] not in standard.slugs:
        return None
    found: list[Item] = []
    for case in cases_of(history, [spec["procedure"]], standard):
        decided = [
            step
            for step in case.steps
            if step.element in spec["decided"] and step.how == "completed" and window.holds(step.at)
        ]
        if not decided:
            continue
        levels = [
            {person for element in level for person in case.actors.get(element, ())}
            for level in spec["levels"]
        ]
        everybody = [person for level in levels for person in level]
        complete = all(levels)
        distinct = complete and len(everybody) == len(set(everybody))
        reason = "distinct_people" if distinct else "same_person" if complete else "level_missing"
        last = decided[-1]
        place = (last.element, last.position, last.at)
        found.append(Item(case.id, origin_of(case), *place, int(distinct), 1, reason))
    return Counted(tuple(found))


def standard_coverage(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Steps and control points of the procedures in force that name a clause in force.

    Each stands from the window's start, so that one that is the same tomorrow is the same item.
    """
    nowhere = Origin("content")
    found: list[Item] = []
    for slug, procedure in sorted(standard.procedures.items()):
        links = [*procedure["steps"].items()]
        links += [(control["id"], control) for control in procedure.get("controls") or ()]
        for name, link in links:
            named = link.get("clause") in standard.clauses
            reason = "names_clause" if named else "names_no_clause"
            subject = f"{slug}/{name}"
            what = str(link.get("clause") or "")
            found.append(Item(subject, nowhere, what, 0, window.start, int(named), 1, reason))
    return Counted(tuple(found))


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
    "mean_duration": mean_duration,
    "fall_from_baseline": fall_from_baseline,
}
# Counted over more than the cases, by ``measures.computing``.
WHOLE = frozenset({"record_share", "alive_share", "on_target_share"})
