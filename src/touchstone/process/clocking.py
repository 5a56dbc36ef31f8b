"""The bridge from what happens in a case to its clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.clocks.queries import calendar, rows_for
from touchstone.clocks.rules import Happening, Surroundings, react
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact
from touchstone.kernel.limits import Limit
from touchstone.kernel.time import day_of
from touchstone.process.deployment import Deployment

CALENDAR = "cn"


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


def clock_facts(
    unit: UnitOfWork,
    deployed: Deployment,
    row: Values,
    variables: Mapping[str, Any],
    happened: Sequence[tuple[Any, str | None]],
) -> Clocking:
    """The clocks that start, pause, go on and stop because of what happened."""
    if not deployed.clocks:
        return Clocking((), {}, None)
    running = rows_for(unit, row["id"]) if row["engine"]["n"] else {}
    day = day_of(unit.now)

    def limit_of(parameter: str) -> Limit:
        return deployed.parameters[parameter].limit_on(day)

    def holds(condition: str) -> bool:
        found = deployed.clock_conditions[condition].evaluate(variables, now=unit.now)
        return found.value is True

    around = Surroundings(
        calendar(CALENDAR), limit_of, holds, row["unit"], case_started_at=row["started_at"]
    )
    facts = react(
        deployed.clocks,
        running,
        [Happening(kind, element) for kind, element in happened],
        now=unit.now_us,
        around=around,
    )
    due = {
        fact.data["element"]: int(fact.data["due_at"])
        for fact in facts
        if fact.data.get("element") and "due_at" in fact.data
    }
    stopped = {fact.data["clock"] for fact in facts if fact.kind == "clocks.stopped"}
    steps = deployed.procedure.steps
    over_all = [
        int(item["due_at"])
        for item in (*running.values(), *(fact.data for fact in facts if "due_at" in fact.data))
        if item.get("state", "running") != "stopped"
        and item["clock"] not in stopped
        and not (item["element"] in steps and steps[item["element"]].posts)
    ]
    return Clocking(facts, due, min(over_all, default=None))
