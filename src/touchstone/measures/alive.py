"""Whether a clause is alive: its control executed, its indicator was computed, its evidence is stored.

A clause served only by values that stand in for a foreign system is demonstrated, not alive. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from touchstone.measures.history import CaseHistory, EntryHistory, History
from touchstone.measures.selectors import Window

SIMULATED_FEEDS = frozenset({"screening"})
# A source of a register that calls itself this stands in for a foreign system.
SIMULATED = "simulated"
NORMATIVE = frozenset({"N", "T"})


@dataclass(frozen=True, slots=True)
class Liveness:
    """What a clause has shown in a period.

    Attributes:
        executions: executions of its controls, ``met`` of them with the condition met.
        clocks: runs of its clocks that stopped.
        indicators: its indicators that had a value.
        evidence: cases that keep proof of it: documents, or steps with the people who did them.
    """

    executions: int
    met: int
    clocks: int
    indicators: tuple[str, ...]
    evidence: int
    only_simulated: bool

    @property
    def control(self) -> bool:
        """Whether a control of it, or its clock, was at work."""
        return self.executions + self.clocks > 0

    @property
    def indicator(self) -> bool:
        """Whether an indicator of it was computed."""
        return bool(self.indicators)

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the three is missing."""
        shown = {
            "control": self.control,
            "indicator": self.indicator,
            "evidence": self.evidence > 0,
        }
        return tuple(name for name, there in shown.items() if not there)

    @property
    def is_alive(self) -> bool:
        """Whether all three are there, from acts through the engine."""
        return not self.missing and not self.only_simulated

    @property
    def is_demonstrated(self) -> bool:
        """Whether all three are there, but only over a simulated feed."""
        return not self.missing and self.only_simulated

    @property
    def state(self) -> str:
        """``alive``, ``demonstrated`` or ``dead``."""
        return "alive" if self.is_alive else "demonstrated" if self.is_demonstrated else "dead"


@dataclass
class Shown:
    """What the cases of a period have shown.

    Attributes:
        controls: control -> result -> executions.
        clocks: ``procedure number/clock`` -> in_time, late or running -> runs.
    """

    controls: dict[str, Counter[str]] = field(default_factory=dict)
    clocks: dict[str, Counter[str]] = field(default_factory=dict)
    executed: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    timed: Counter[str] = field(default_factory=Counter)
    proved: Counter[str] = field(default_factory=Counter)


def shown_in(history: History, window: Window, numbers: Mapping[str, str]) -> Shown:
    """Everything that controls and clocks did in ``window``; ``numbers`` maps a slug to its number."""
    shown = Shown()
    for case in history.cases:
        if case.ended_at is None or case.last_at >= window.start:
            _add(shown, case, window, numbers.get(case.procedure, case.procedure))
    return shown


def _add(shown: Shown, case: CaseHistory, window: Window, number: str) -> None:
    here: set[str] = set()
    for item in case.executions:
        if window.holds(item.at):
            here.add(item.clause)
            shown.executed[item.clause] += 1
            shown.met[item.clause] += item.result == "met"
            shown.controls.setdefault(item.control, Counter())[item.result] += 1
    for run in case.clocks:
        if run.started_at >= window.end:
            continue
        name = f"{number}/{run.clock}"
        if window.holds(run.stopped_at):
            assert run.stopped_at is not None
            here.add(run.clause)
            shown.timed[run.clause] += 1
            how = "in_time" if run.stopped_at < run.due_at else "late"
            shown.clocks.setdefault(name, Counter())[how] += 1
        elif run.stopped_at is None or run.stopped_at >= window.end:
            shown.clocks.setdefault(name, Counter())["running"] += 1
    if case.evidence or any(step.by for step in case.steps if window.holds(step.at)):
        shown.proved.update(here)


def liveness(
    clauses: Iterable[str],
    shown: Shown,
    computed: Mapping[str, Iterable[str]],
    procedures: Iterable[Mapping[str, Any]],
    fed_indicators: Collection[str] = frozenset(),
) -> dict[str, Liveness]:
    """Clause -> what it has shown; ``computed`` maps an indicator with a value to its clauses.

    ``fed_indicators`` rest on simulated figures alone (``fed_by_simulation``).
    """
    indicators: dict[str, list[str]] = {}
    for identity, served in computed.items():
        for clause in served:
            indicators.setdefault(clause, []).append(identity)
    fed = {
        step["clause"]
        for procedure in procedures
        for step in procedure["steps"].values()
        if step.get("clause") and step.get("handler") in SIMULATED_FEEDS
    }
    return {
        clause: Liveness(
            shown.executed[clause],
            shown.met[clause],
            shown.timed[clause],
            tuple(sorted(indicators.get(clause, ()))),
            shown.proved[clause],
            clause in fed
            or (bool(indicators.get(clause)) and set(indicators[clause]) <= set(fed_indicators)),
        )
        for clause in clauses
    }


def fed_by_simulation(
    measures: Mapping[str, Mapping[str, Any]], entries: Iterable[EntryHistory]
) -> frozenset[str]:
    """The indicators, by their ``measures``, that count registers whose every entry is simulated."""
    simulated: dict[str, bool] = {}
    for entry in entries:
        source = str(entry.values.get("source") or "")
        simulated[entry.register] = simulated.get(entry.register, True) and SIMULATED in source
    return frozenset(
        identity
        for identity, measure in measures.items()
        if (sides := [side for side in measure.values() if isinstance(side, Mapping)])
        and all(simulated.get(str(side.get("register")), False) for side in sides)
    )
