"""Whether a clause is alive: its control executed, its indicator was computed, its evidence is stored.

A clause served only by values that stand in for a foreign system is demonstrated, not alive. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from touchstone.measures.clause_metrics import ClauseMetric, Served, metric_of
from touchstone.measures.history import CaseHistory, EntryHistory, History
from touchstone.measures.selectors import Window

SIMULATED_FEEDS = frozenset({"screening"})
# A source of a register that calls itself this stands in for a foreign system.
SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Liveness:
    """What a clause has shown in a period.

    Attributes:
        executions: executions of its controls, ``met`` of them with the condition met.
        clocks: runs of its clocks that stopped.
        indicators: its indicators that had a value.
        evidence: cases that keep proof of it: documents, or steps with the people who did them.
        metric: its own metric, where no indicator of the standard serves it.
    """

    executions: int
    met: int
    clocks: int
    indicators: tuple[str, ...]
    evidence: int
    only_simulated: bool
    metric: ClauseMetric | None = None

    @property
    def control(self) -> bool:
        """Whether a control of it, or its clock, was at work."""
        return self.executions + self.clocks > 0

    @property
    def indicator(self) -> bool:
        """Whether an indicator of it, or its metric, was computed."""
        return bool(self.indicators) or self.metric is not None

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
    served: dict[str, Served] = field(default_factory=dict)
    proved: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Bound:
    """How a procedure in force serves clauses.

    Attributes:
        number: its number (``P03``).
        kinds: control -> its kind.
        clocks: its clocks.
        steps: element -> clause that the step names.
    """

    number: str
    kinds: Mapping[str, str]
    clocks: frozenset[str]
    steps: Mapping[str, str]


_NOT_BOUND = Bound("", {}, frozenset(), {})


def bound(procedures: Mapping[str, Mapping[str, Any]]) -> dict[str, Bound]:
    """Slug -> how that procedure serves clauses, of raw procedures."""
    return {
        slug: Bound(
            raw["id"],
            {control["id"]: control["kind"] for control in raw.get("controls") or ()},
            frozenset(clock["id"] for clock in raw.get("clocks") or ()),
            {
                element: step["clause"]
                for element, step in raw["steps"].items()
                if step.get("clause")
            },
        )
        for slug, raw in procedures.items()
    }


def shown_in(history: History, window: Window, procedures: Mapping[str, Bound]) -> Shown:
    """Everything that controls and clocks did in ``window``.

    What the procedures in force no longer have is shown, but serves no clause.
    """
    shown = Shown()
    for case in history.cases:
        if case.ended_at is None or case.last_at >= window.start:
            _add(shown, case, window, procedures.get(case.procedure, _NOT_BOUND))
    return shown


def _add(shown: Shown, case: CaseHistory, window: Window, by: Bound) -> None:
    here: set[str] = set()
    number = by.number or case.procedure
    for item in case.executions:
        if window.holds(item.at):
            kind = by.kinds.get(item.control)
            if kind is not None:
                is_met = item.result == "met"
                here.add(item.clause)
                shown.executed[item.clause] += 1
                shown.met[item.clause] += is_met
                served = shown.served.setdefault(item.clause, Served())
                served.executed[kind] = served.executed.get(kind, 0) + 1
                served.met[kind] = served.met.get(kind, 0) + is_met
            shown.controls.setdefault(item.control, Counter())[item.result] += 1
    for run in case.clocks:
        if run.started_at >= window.end:
            continue
        name = f"{number}/{run.clock}"
        if window.holds(run.stopped_at):
            assert run.stopped_at is not None
            if run.clock in by.clocks:
                here.add(run.clause)
                shown.timed[run.clause] += 1
                took = (run.stopped_at - run.started_at, run.due_at - run.started_at)
                shown.served.setdefault(run.clause, Served()).stopped.append(took)
            how = "in_time" if run.stopped_at < run.due_at else "late"
            shown.clocks.setdefault(name, Counter())[how] += 1
        elif run.stopped_at is None or run.stopped_at >= window.end:
            shown.clocks.setdefault(name, Counter())["running"] += 1
    for step in case.steps if by.steps else ():
        clause = by.steps.get(step.element)
        if clause is not None and window.holds(step.at):
            served = shown.served.setdefault(clause, Served())
            served.due += 1
            served.done += step.how == "completed"
    if case.evidence or any(step.by for step in case.steps if window.holds(step.at)):
        shown.proved.update(here)


@dataclass(frozen=True)
class Asked:
    """What liveness asks of a clause.

    Attributes:
        shown: what happened in the clause's own period.
        is_measured: an indicator of the standard serves it.
        metric: the template that it names for its metric.
    """

    shown: Shown
    is_measured: bool
    metric: str | None = None


def liveness(
    clauses: Mapping[str, Asked],
    computed: Mapping[str, Iterable[str]],
    procedures: Iterable[Mapping[str, Any]],
    fed_indicators: Collection[str] = frozenset(),
    *,
    percentile: int,
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
    found: dict[str, Liveness] = {}
    for clause, asked in clauses.items():
        shown, mine = asked.shown, tuple(sorted(indicators.get(clause, ())))
        done = shown.served.get(clause)
        found[clause] = Liveness(
            shown.executed[clause],
            shown.met[clause],
            shown.timed[clause],
            mine,
            shown.proved[clause],
            clause in fed or (bool(mine) and set(mine) <= set(fed_indicators)),
            None
            if asked.is_measured or done is None
            else metric_of(done, asked.metric, percentile),
        )
    return found


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
