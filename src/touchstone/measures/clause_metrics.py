"""The metric of a normative clause that no indicator serves, from one of six templates. Pure.

It is read from what serves the clause, never typed, unless the clause names its template: a clock gives
the share in time, a control of evidence the share attested, a limit the count beyond it, any other
control the share of its executions that were met, and a step alone what was done of what fell due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TEMPLATES = (
    "on_time_share",
    "coverage_share",
    "count_against_limit",
    "duration_percentile",
    "done_due",
    "attested",
)
_BY_KIND = {"evidence": "attested", "limit": "count_against_limit"}


@dataclass(frozen=True, slots=True)
class ClauseMetric:
    """What the metric of a clause came to; shown on the clause's page alone.

    Attributes:
        template: one of ``TEMPLATES``.
        numerator, denominator: met of executed, in time of stopped, done of due; the executions beyond
            a limit of all; for the percentile, microseconds taken of those allowed.
    """

    template: str
    numerator: int
    denominator: int


@dataclass
class Served:
    """What the cases of a window showed of one clause.

    Attributes:
        executed, met: executions of its controls by kind of control.
        stopped: of its clocks' runs that stopped, what each took and what it was allowed, microseconds.
        due, done: its steps that were left, and those left because they were completed.
    """

    executed: dict[str, int] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    stopped: list[tuple[int, int]] = field(default_factory=list)
    due: int = 0
    done: int = 0


def metric_of(served: Served, named: str | None, percentile: int) -> ClauseMetric | None:
    """The metric of a clause in a window; None where nothing that serves it happened.

    Args:
        named: the template that the clause names for itself.
        percentile: of the durations, 1 to 100.
    """
    template = named or _template(served)
    if template is None:
        return None
    found = _count(template, served, percentile)
    return ClauseMetric(template, *found) if found and found[1] else None


def _template(served: Served) -> str | None:
    if served.stopped:
        return "on_time_share"
    if served.executed:
        most = max(sorted(served.executed), key=lambda kind: served.executed[kind])
        return _BY_KIND.get(most, "coverage_share")
    return "done_due" if served.due else None


def _count(template: str, served: Served, percentile: int) -> tuple[int, int] | None:
    executed, met = sum(served.executed.values()), sum(served.met.values())
    if template == "on_time_share":
        in_time = sum(took < allowed for took, allowed in served.stopped)
        return in_time, len(served.stopped)
    if template == "duration_percentile":
        return _percentile(served.stopped, percentile)
    if template == "done_due":
        return served.done, served.due
    if template == "count_against_limit":
        return executed - met, executed
    return met, executed


def _percentile(stopped: Sequence[tuple[int, int]], percentile: int) -> tuple[int, int] | None:
    """The run at the percentile (nearest rank), by the share that it took of what it was allowed."""
    if not stopped:
        return None
    ordered = sorted(stopped, key=lambda run: run[0] * 1_000_000 // max(run[1], 1))
    return ordered[max(0, -(-len(ordered) * percentile // 100) - 1)]


def describe(metric: ClauseMetric | None) -> Mapping[str, int | str] | None:
    """A metric as a fact holds it."""
    if metric is None:
        return None
    return {
        "template": metric.template,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
    }
