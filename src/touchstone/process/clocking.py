"""The bridge from what happens in a case to its clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.clocks.queries import calendar, rows_for, stream_of
from touchstone.clocks.rules import SHARES, Happening, Surroundings, react
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact
from touchstone.kernel.limits import Limit
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.packs.folds import STREAM as CONTENT
from touchstone.process.deployment import Deployment
from touchstone.process.procedure import Step

WARNING_SHARES = ("clocks.first_warning_share", "clocks.second_warning_share")


@dataclass(frozen=True, slots=True)
class Clocking:
    """What happens to a case's clocks, and what that means for its tasks.

    Attributes:
        due: element -> its own deadline, where a clock of that step started or went on.
        case_due: the earliest deadline of the clocks that run over several steps.
    """

    facts: tuple[Fact, ...]
    due: Mapping[str, int]
    case_due: int | None


WITHOUT_CLOCKS = Clocking((), {}, None)


def clock_facts(
    unit: UnitOfWork,
    deployed: Deployment,
    row: Values,
    variables: Mapping[str, Any],
    happened: Sequence[tuple[Any, str | None]],
    *,
    happened_at: int | None = None,
) -> Clocking:
    """The clocks that start, pause, go on and stop because of what happened.

    ``happened_at``, in microseconds, is for what another system saw before this act.
    """
    running = rows_for(unit, row["id"]) if row["engine"]["n"] else {}
    done = {
        *row["engine"]["done"],
        *(step for kind, step in happened if step and kind == "completed"),
    }
    at = unit.happened_at
    day = day_of(at)

    def limit_of(parameter: str) -> Limit:
        return deployed.parameters[parameter].limit_on(day)

    def holds(condition: str) -> bool:
        found = deployed.clock_conditions[condition].evaluate(variables, now=at)
        return found.value is True

    # A running case keeps the calendar that its version of the standard names.
    identity = catalogue(deployed.content).calendar
    content, imported = unit.positions(CONTENT, stream_of(identity))
    around = Surroundings(
        calendar(identity, version=content, position=imported),
        limit_of,
        holds,
        row["unit"],
        warning_shares(deployed.parameters, day),
        case_started_at=row["started_at"],
        done=done,
    )
    facts = react(
        deployed.clocks,
        running,
        [Happening(kind, element, happened_at) for kind, element in happened],
        now=to_microseconds(at),
        around=around,
    )
    due = {
        fact.data["element"]: int(fact.data["due_at"])
        for fact in facts
        if fact.data.get("element") and "due_at" in fact.data
    }
    stopped = {fact.data["clock"] for fact in facts if fact.kind == "clocks.stopped"}
    standing = dict(running)
    for fact in facts:
        clock = fact.data["clock"]
        if "due_at" in fact.data:
            element = fact.data.get("element", standing.get(clock, {}).get("element"))
            standing[clock] = {
                "element": element,
                "due_at": fact.data["due_at"],
                "state": "running",
            }
    told = letters_underway(deployed, done)
    left = [item for clock, item in standing.items() if clock not in stopped | told]
    return Clocking(facts, due, due_of(None, left, deployed.procedure.steps))


def letters_underway(deployed: Deployment, done: Collection[str]) -> frozenset[str]:
    """The clocks that only the delivery of a letter can still stop; no task is due by them."""
    return frozenset(clock.id for clock in deployed.clocks if clock.awaits_letter_of(done))


def due_of(element: str | None, clocks: Iterable[Values], steps: Mapping[str, Step]) -> int | None:
    """When a task of ``element`` is due by the case's clocks, in microseconds.

    Its own clock decides; else the earliest of those that run over several steps. ``element`` None
    asks for the latter alone.
    """
    own: list[int] = []
    over_all: list[int] = []
    for clock in clocks:
        if clock["state"] == "stopped":
            continue
        if element is not None and clock["element"] == element:
            own.append(int(clock["due_at"]))
        elif not (clock["element"] in steps and steps[clock["element"]].posts):
            over_all.append(int(clock["due_at"]))
    return min(own or over_all, default=None)


def warning_shares(known: Mapping[str, Parameter], day: dt.date) -> tuple[int, ...]:
    """At which shares of a limit to warn on ``day``, in percent, ascending.

    A standard that says nothing of it has the shares of ``clocks.rules``.
    """
    found = {
        int(value)
        for name in WARNING_SHARES
        if name in known and (value := known[name].value_on(day)) is not None
    }
    return tuple(sorted(share for share in found if 0 < share < 100)) or SHARES
