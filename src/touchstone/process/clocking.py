"""The bridge from what happens in a case to its clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def clock_facts(
    unit: UnitOfWork,
    deployed: Deployment,
    row: Values,
    variables: Mapping[str, Any],
    happened: Sequence[tuple[Any, str | None]],
) -> list[Fact]:
    """The clocks that start, pause, go on and stop because of what happened."""
    if not deployed.clocks:
        return []
    running: dict[str, Values] = {}
    if row["engine"]["n"]:
        running = rows_for(unit, row["id"])
    day = day_of(unit.now)

    def limit_of(parameter: str) -> Limit:
        return deployed.parameters[parameter].limit_on(day)

    def holds(condition: str) -> bool:
        found = deployed.clock_conditions[condition].evaluate(variables, now=unit.now)
        return found.value is True

    around = Surroundings(calendar(CALENDAR), limit_of, holds, row["unit"])
    return list(
        react(
            deployed.clocks,
            running,
            [Happening(kind, element) for kind, element in happened],
            now=unit.now_us,
            around=around,
        )
    )
