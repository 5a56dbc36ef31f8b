"""Whether a clause is alive: its control executed, its indicator was computed, its evidence is stored.

A clause served only by values that stand in for a foreign system is demonstrated, not alive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.measures.history import History
from touchstone.measures.indicators import Measurement
from touchstone.measures.templates import Window

SIMULATED_FEEDS = frozenset({"screening"})
NORMATIVE = frozenset({"N", "T"})


@dataclass(frozen=True, slots=True)
class Liveness:
    """What a clause has shown in a period."""

    control: bool
    indicator: bool
    evidence: bool
    only_simulated: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the three is missing."""
        shown = {"control": self.control, "indicator": self.indicator, "evidence": self.evidence}
        return tuple(name for name, there in shown.items() if not there)

    @property
    def is_alive(self) -> bool:
        """Whether all three are there, from acts through the engine."""
        return not self.missing and not self.only_simulated

    @property
    def is_demonstrated(self) -> bool:
        """Whether all three are there, but only over a simulated feed."""
        return not self.missing and self.only_simulated


def liveness(
    clauses: Iterable[str],
    history: History,
    window: Window,
    measured: Iterable[Measurement],
    indicator_clauses: Mapping[str, Iterable[str]],
    procedures: Iterable[Mapping[str, Any]],
) -> dict[str, Liveness]:
    """Clause -> what it has shown in ``window``."""
    executed: set[str] = set()
    proved: set[str] = set()
    for case in history.cases:
        here = {item.clause for item in case.executions if window.holds(item.at)}
        timed = {run.clause for run in case.clocks if window.holds(run.stopped_at)}
        executed |= here | timed
        if case.evidence or any(step.by for step in case.steps if window.holds(step.at)):
            proved |= here | timed
    computed = {
        clause
        for item in measured
        if item.status not in ("no_data", "not_run")
        for clause in indicator_clauses[item.id]
    }
    fed = {
        step["clause"]
        for procedure in procedures
        for step in procedure["steps"].values()
        if step.get("clause") and step.get("handler") in SIMULATED_FEEDS
    }
    return {
        clause: Liveness(clause in executed, clause in computed, clause in proved, clause in fed)
        for clause in clauses
    }
