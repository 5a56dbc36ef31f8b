"""The clocks of an observed case: moved by the events of its log and by the log's end, never by a sweep."""

from __future__ import annotations

from touchstone.clocks.queries import calendar, rows_for
from touchstone.clocks.rules import overdue
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact
from touchstone.kernel.time import day_of
from touchstone.process.actions.escalating import lateness_counted


def as_observed(fact: Fact) -> Fact:
    """A clock that starts here is moved by what is observed, never by the sweeper."""
    if fact.kind != "clocks.started":
        return fact
    return fact._replace(data={**fact.data, "observed": True})


def next_deadline(case: str, until: int) -> tuple[int, str] | None:
    """The first instant up to ``until`` at which a clock of ``case`` moves by itself, and its key."""
    found = read_committed(
        "SELECT CASE WHEN state = 'paused' THEN pause_until ELSE due_at END AS at, clock, round"
        " FROM clocks_clock WHERE case_id = %s AND ((state = 'paused' AND pause_until <= %s)"
        " OR (state = 'running' AND breached_at IS NULL AND due_at <= %s)) ORDER BY at, clock",
        (case, until, until),
    )
    if not found:
        return None
    at, clock, turn = found[0]
    return int(at), f"observe:{case}:{clock}:{turn}:{at}"


def pass_deadline(unit: UnitOfWork, case: str, at: int) -> list[Fact]:
    """Record breaches and pauses used up at ``at``, microseconds since the epoch; what was recorded."""
    recorded: list[Fact] = []
    stream = f"case:{case}"
    row = unit.row("process_case", (case,))
    assert row is not None
    for clock in rows_for(unit, case).values():
        used = calendar(clock["calendar"], on=day_of(unit.happened_at))
        for fact in overdue(clock, now=at, calendar=used):
            if fact.kind == "clocks.warned":
                continue
            unit.record(stream, fact)
            recorded.append(fact)
            if fact.kind == "clocks.breached":
                later = [as_observed(item) for item in lateness_counted(unit, row, fact.data)]
                unit.record(stream, *later)
                recorded.extend(later)
    return recorded
