"""Templates over time taken and over a frozen baseline. Pure.

A baseline is what was measured in the first days of the record, so many as the standard says (MON-06). The
journal only grows, so nothing can change it afterwards; until it is complete there is no data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from touchstone.kernel.limits import Limit
from touchstone.kernel.time import day_of, from_microseconds
from touchstone.measures.counting import Counted, Item, Origin, origin_of
from touchstone.measures.history import CaseHistory, History, start_of
from touchstone.measures.selectors import Hit, Spec, Standard, Window, cases_of, hits

_IN: Mapping[str, int] = {"minutes": 60_000_000, "hours": 3_600_000_000}
_BASELINE = "measures.baseline_window"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one subject took: ``above`` of ``below``; for time taken ``below`` is 1."""

    subject: str
    origin: Origin
    what: str
    position: int
    at: int
    above: int
    below: int


def mean_duration(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """Time from a case's start to the first of some steps, whole units begun, for each case."""
    if spec["procedure"] not in standard.slugs:
        return None
    return Counted(
        tuple(
            Item(
                one.subject, one.origin, one.what, one.position, one.at, one.above, 1, "time_taken"
            )
            for one in _durations(history, spec, window, standard)
        )
    )


def fall_from_baseline(
    history: History, spec: Spec, window: Window, standard: Standard
) -> Counted | None:
    """How far something lies under its mean in the baseline, as a share of that mean.

    Each item is worth ``baseline - what it took`` of ``baseline``, so that the items add up to the fall.
    """
    of = spec["of"]
    since = _since(history, of, standard)
    if since is None:
        return None
    end = since + _baseline_days(standard, since) * 86_400_000_000
    if window.end <= end:
        return Counted(())
    base = list(_taken(history, of, Window(since, end), standard))
    above, below = sum(one.above for one in base), sum(one.below for one in base)
    if not above or not below:
        return Counted(())
    lived = Window(max(window.start, end), window.end)
    return Counted(
        tuple(
            Item(
                one.subject,
                one.origin,
                one.what,
                one.position,
                one.at,
                above * one.below - one.above * below,
                above * one.below,
                "against_baseline",
            )
            for one in _taken(history, of, lived, standard)
        )
    )


def _baseline_days(standard: Standard, since: int) -> int:
    known = standard.parameters.get(_BASELINE)
    assert known is not None, f"no parameter {_BASELINE}"
    limit: Limit = known.limit_on(day_of(from_microseconds(since)))
    return int(limit.amount)


def _since(history: History, of: Spec, standard: Standard) -> int | None:
    """The midnight on which what is measured began to be recorded; None: it never did."""
    if "procedure" in of:
        began = [case.started_at for case in cases_of(history, (of["procedure"],), standard)]
    else:
        register = of["denominator"].get("register")
        kept = history.kept_since.get(register) if register else None
        began = [kept] if kept is not None else []
    if not began:
        return None
    day: dt.date = day_of(from_microseconds(min(began)))
    return start_of(day)


def _taken(history: History, of: Spec, window: Window, standard: Standard) -> Iterator[Taken]:
    if "procedure" in of:
        yield from _durations(history, of, window, standard)
        return
    for side, is_above in (("numerator", True), ("denominator", False)):
        for hit in hits(history, of[side], window, standard) or ():
            if hit.is_judged:
                yield _of(hit, is_above)


def _of(hit: Hit, is_above: bool) -> Taken:
    subject = hit.origin.stream.partition(":")[2]
    place = (subject, hit.origin, hit.what, hit.position, hit.at)
    return Taken(*place, hit.amount if is_above else 0, 0 if is_above else hit.amount)


def _durations(history: History, spec: Spec, window: Window, standard: Standard) -> Iterator[Taken]:
    unit = _IN[spec.get("in", "minutes")]
    steps = frozenset(spec.get("steps") or ())
    for case in cases_of(history, (spec["procedure"],), standard):
        ended = _ended(case, steps)
        if ended is not None and window.holds(ended[0]):
            at, what, position = ended
            took = -(-(at - case.started_at) // unit)
            yield Taken(case.id, origin_of(case), what, position, at, took, 1)


def _ended(case: CaseHistory, steps: frozenset[str]) -> tuple[int, str, int] | None:
    """When the first of the steps was done, or without steps the case ended."""
    if not steps:
        if case.ended_at is None or case.ended_how in ("withdrawn", "cancelled"):
            return None
        return case.ended_at, "process.case_ended", case.position
    for item in case.completions:
        if item.element in steps:
            return item.at, item.element, item.position
    return None
