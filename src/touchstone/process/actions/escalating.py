"""What follows from a case's clocks: a breach is told to the superior and may start the clock that
counts how late it is; a moved deadline moves the task.

Only followers live here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from touchstone.clocks.queries import rows_for
from touchstone.identity.queries import directory
from touchstone.journal.followers import follows
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.kernel.time import day_of
from touchstone.process.answering import answerable
from touchstone.process.clocking import clock_facts, due_of, letters_underway
from touchstone.process.deployment import deployment
from touchstone.process.folds import case_of
from touchstone.process.store import open_tasks


@follows("clocks.breached", name="process.escalate")
def escalate(context: ActContext, recorded: Recorded) -> None:
    """Tell the superior that a deadline has passed, once per breach; what counts the lateness starts."""
    case, breach = case_of(recorded), recorded.data

    def work(unit: UnitOfWork) -> None:
        unit.head(recorded.stream)
        row = unit.row("process_case", (case,))
        if row is None or row["source"]:  # what was only observed is past
            return
        late = [
            task["claimed_by"]
            for task in open_tasks(unit, case)
            if task["claimed_by"] and breach["element"] in (None, task["element"])
        ]
        posts = [breach["escalate_to"]] if breach["escalate_to"] else []
        told = answerable(directory(), posts, row["unit"], day_of(unit.now), barred=set(late))
        data: dict[str, Any] = {
            "clock": breach["clock"],
            "round": breach["round"],
            "element": breach["element"],
            "clause": breach["clause"],
            "due_at": breach["due_at"],
            "post": breach["escalate_to"],
            "pool": told.pool,
            "to": list(told.persons),
            "why": told.why,
        }
        if late:
            data["barred"] = sorted(set(late))
        objects = (
            *(ObjectRef("person", person, "superior") for person in told.persons),
            ObjectRef("clause", breach["clause"]),
        )
        later = lateness_counted(unit, row, breach)
        unit.record(recorded.stream, Fact("process.escalated", data, objects), *later)

    perform("process.escalate", context, work)


def lateness_counted(unit: UnitOfWork, row: Values, breach: Mapping[str, Any]) -> tuple[Fact, ...]:
    """The clocks that start because another ran out, from its deadline on; none where it stopped."""
    deployed = deployment(row["content"], row["procedure"])
    late = breach["clock"]
    if not any(clock.follows_breach_of(late) for clock in deployed.clocks):
        return ()
    own = rows_for(unit, row["id"]).get(late)
    if own is None or own["state"] == "stopped" or own["round"] != breach["round"]:
        return ()
    variables = row["engine"]["vars"]
    happened = [("breached", late)]
    return clock_facts(unit, deployed, row, variables, happened, happened_at=breach["due_at"]).facts


@follows("clocks.recomputed", "clocks.resumed", name="process.follow_deadline")
def follow_deadline(context: ActContext, recorded: Recorded) -> None:
    """Let the due dates of open tasks follow a clock whose deadline moved."""
    if "due_at" not in recorded.data:
        return
    case = case_of(recorded)

    def work(unit: UnitOfWork) -> None:
        clocks = rows_for(unit, case)
        row = unit.row("process_case", (case,))
        if row is None:
            return
        deployed = deployment(row["content"], row["procedure"])
        steps = deployed.procedure.steps
        told = letters_underway(deployed, row["engine"]["done"])
        own = [clock for name, clock in clocks.items() if name not in told]
        for task in open_tasks(unit, case):
            due = due_of(task["element"], own, steps)
            if due is None or due == task["due_at"]:
                continue
            data = {
                "wait": task["wait"],
                "element": task["element"],
                "due_at": due,
                "was_due_at": task["due_at"],
                "clock": recorded.data["clock"],
            }
            fact = Fact("process.task_due_changed", data, (ObjectRef("task", task["id"]),))
            unit.record(recorded.stream, fact)

    perform("process.follow_deadline", context, work)
