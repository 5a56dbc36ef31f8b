"""A clause as it lives: wording, numbers, controls, clocks, indicators, evidence, and whether alive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.measures.clause_metrics import ClauseMetric
from touchstone.measures.queries.scopes import INSTITUTION
from touchstone.measures.queries.stored import latest_rows, liveness_row
from touchstone.measures.queries.values import (
    Value,
    Words,
    function_title,
    unmeasured,
    value_of,
    words,
)
from touchstone.packs.catalogue import Catalogue, catalogue_on
from touchstone.records.queries import count as count_entries
from touchstone.standard.chapters import NORMATIVE
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, chapters, clauses


@dataclass(frozen=True, slots=True)
class State:
    """Whether a clause is alive in a period, and what it lacks.

    Attributes:
        state: alive, demonstrated, dead, exempt; ``not_normative`` where nothing is asked of it;
            ``not_run`` where the period was not measured.
        executions, met, clocks, evidence: in the clause's own period (``Clause.period``).
        metric: its own metric, where no indicator serves it.
        missing: which of control, indicator and evidence; an exempt clause may lack them.
    """

    state: str
    missing: tuple[str, ...]
    executions: int
    met: int
    clocks: int
    evidence: int
    only_simulated: bool
    metric: ClauseMetric | None = None


@dataclass(frozen=True, slots=True)
class ControlUse:
    """A control point of the clause, and how often each result came of it in the period."""

    id: str
    title: Text
    kind: str
    mode: str
    procedure: str
    number: str
    procedure_title: Text
    step: str
    step_title: Text | None
    when: str
    executions: int
    met: int
    not_met: int
    not_judged: int


@dataclass(frozen=True, slots=True)
class ClockUse:
    """A clock of the clause, and its runs in the period; ``running`` counts those still open."""

    id: str
    title: Text
    procedure: str
    number: str
    procedure_title: Text
    parameter: str
    in_time: int
    late: int
    running: int


@dataclass(frozen=True, slots=True)
class StepUse:
    """A step that names the clause."""

    element: str
    title: Text
    procedure: str
    number: str
    procedure_title: Text


@dataclass(frozen=True, slots=True)
class IndicatorUse:
    """An indicator of the clause with its latest value."""

    words: Words
    value: Value


@dataclass(frozen=True, slots=True)
class RegisterUse:
    """A register of the clause, with its entries about the period."""

    id: str
    title: Text
    entries: int


@dataclass(frozen=True, slots=True)
class ClausePage:
    """Everything the page of one clause shows."""

    clause: Clause
    owner_title: Text
    version: int
    period: str
    as_of: dt.date | None
    state: State
    parameters: tuple[Parameter, ...]
    controls: tuple[ControlUse, ...]
    clocks: tuple[ClockUse, ...]
    steps: tuple[StepUse, ...]
    indicators: tuple[IndicatorUse, ...]
    registers: tuple[RegisterUse, ...]


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """A clause in its chapter's list."""

    clause: Clause
    state: State


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A chapter with its clauses in order, and how many are in which state."""

    id: str
    title: Text
    lines: tuple[ClauseLine, ...]
    counts: Mapping[str, int]


def clause_page(identity: str, *, as_of: dt.date | None = None) -> ClausePage:
    """The page of a clause of the standard in force on a day, in the latest period measured by then.

    Raises:
        Refusal: ``standard.no_such_clause``.
    """
    standard = catalogue_on(as_of)
    clause = clauses(standard.version).get(identity) if standard.version else None
    if clause is None:
        raise refuse(
            "standard.no_such_clause",
            f"现行标准中没有条款 {identity}",
            f"The standard in force has no clause {identity}",
        )
    shown = liveness_row(as_of.isoformat() if as_of else "9999-12-31")
    numbers = parameters(standard.version)
    return ClausePage(
        clause,
        function_title(standard, clause.owner),
        standard.version,
        shown["period"] if shown else "",
        dt.date.fromisoformat(shown["as_of"]) if shown else None,
        state_of(clause, shown),
        tuple(item for _, item in sorted(numbers.items()) if item.clause == identity),
        tuple(_controls(standard, identity, shown)),
        tuple(_clocks(standard, identity, shown)),
        tuple(_steps(standard, identity)),
        tuple(_indicators(standard, identity, shown)),
        tuple(_registers(standard, identity, shown)),
    )


def chapter_pages(*, as_of: dt.date | None = None) -> tuple[ChapterPage, ...]:
    """Every chapter of the standard in force on a day with the state of its clauses."""
    standard = catalogue_on(as_of)
    if not standard.version:
        return ()
    shown = liveness_row(as_of.isoformat() if as_of else "9999-12-31")
    found = []
    for chapter in chapters(standard.version):
        lines = tuple(ClauseLine(clause, state_of(clause, shown)) for clause in chapter.clauses)
        counts: dict[str, int] = {}
        for line in lines:
            counts[line.state.state] = counts.get(line.state.state, 0) + 1
        found.append(ChapterPage(chapter.id, chapter.title, lines, counts))
    return tuple(found)


def state_of(clause: Clause, shown: Values | None) -> State:
    """What the clause had shown, by a stored row of liveness."""
    known = (shown["clauses"] if shown else {}).get(clause.id)
    if clause.kind not in NORMATIVE:
        return State("not_normative", (), 0, 0, 0, 0, False)
    if known is None or shown is None:
        return State("not_run", (), 0, 0, 0, 0, False)
    there = {
        "control": known["executions"] + known["clocks"] > 0,
        "indicator": bool(known["indicators"]) or bool(known.get("metric")),
        "evidence": known["evidence"] > 0,
    }
    is_exempt = bool(clause.exempt and clause.exempt["expires"] >= shown["as_of"])
    return State(
        "exempt" if is_exempt and known["state"] != "alive" else known["state"],
        tuple(name for name, is_there in there.items() if not is_there),
        known["executions"],
        known["met"],
        known["clocks"],
        known["evidence"],
        known["only_simulated"],
        ClauseMetric(**known["metric"]) if known.get("metric") else None,
    )


def _procedures(standard: Catalogue) -> Iterator[tuple[str, Text, Mapping[str, Any]]]:
    for slug, item in sorted(standard.objects("procedure").items()):
        yield slug, Text.from_mapping(item.data["title"]), item.data


def _controls(standard: Catalogue, clause: str, shown: Values | None) -> Iterator[ControlUse]:
    executed = shown["controls"] if shown else {}
    for slug, title, raw in _procedures(standard):
        for control in raw.get("controls") or ():
            if control["clause"] != clause:
                continue
            results = executed.get(control["id"], {})
            met, not_met = results.get("met", 0), results.get("not_met", 0)
            total = sum(results.values())
            step = raw["steps"].get(control["at"]["step"])
            yield ControlUse(
                control["id"],
                Text.from_mapping(control["title"]),
                control["kind"],
                control.get("mode", "block"),
                slug,
                raw["id"],
                title,
                control["at"]["step"],
                Text.from_mapping(step["title"]) if step else None,
                control["at"].get("when", "complete"),
                total,
                met,
                not_met,
                total - met - not_met,
            )


def _clocks(standard: Catalogue, clause: str, shown: Values | None) -> Iterator[ClockUse]:
    ran = shown["clocks"] if shown else {}
    for slug, title, raw in _procedures(standard):
        for clock in raw.get("clocks") or ():
            if clock.get("clause") != clause:
                continue
            runs = ran.get(f"{raw['id']}/{clock['id']}", {})
            yield ClockUse(
                clock["id"],
                Text.from_mapping(clock["title"]),
                slug,
                raw["id"],
                title,
                clock["limit"],
                runs.get("in_time", 0),
                runs.get("late", 0),
                runs.get("running", 0),
            )


def _steps(standard: Catalogue, clause: str) -> Iterator[StepUse]:
    for slug, title, raw in _procedures(standard):
        for element, step in raw["steps"].items():
            if step.get("clause") == clause:
                yield StepUse(element, Text.from_mapping(step["title"]), slug, raw["id"], title)


def _indicators(standard: Catalogue, clause: str, shown: Values | None) -> Iterator[IndicatorUse]:
    mine = [
        identity
        for identity, item in sorted(standard.objects("indicator").items())
        if clause in item.data["clauses"]
    ]
    rows = latest_rows(mine, shown["period"], shown["as_of"]) if shown else {}
    for identity in mine:
        about = words(standard, identity)
        assert about is not None
        row = rows.get(identity)
        value = value_of(row, standard) if row else unmeasured(INSTITUTION, "not_run")
        yield IndicatorUse(about, value)


def _registers(standard: Catalogue, clause: str, shown: Values | None) -> Iterator[RegisterUse]:
    found = {
        identity: item.data
        for identity, item in sorted(standard.objects("register").items())
        if item.data["clause"] == clause
    }
    for identity, raw in found.items():
        entries = 0
        if shown:
            last = dt.date.fromisoformat(shown["as_of"])
            states = count_entries(identity, last.replace(day=1), last)
            entries = states["entered"] + states["confirmed"]
        yield RegisterUse(identity, Text.from_mapping(raw["title"]), entries)
