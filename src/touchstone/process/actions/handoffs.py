"""A link to a procedure that is not in the standard yet: a recorded hand-off with owner and due date.

The case goes on at once; the owner closes the matter by ``matters.complete_handoff``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from touchstone.clocks.queries import calendar
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import deadline
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.process.answering import answerable
from touchstone.process.deployment import deployment
from touchstone.process.ports import Request
from touchstone.process.store import load_case


def hand_off(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The handler ``handoff``: open the matter that the step's ``handoff`` describes, once."""

    def work(unit: UnitOfWork) -> None:
        loaded = load_case(unit, request.case)
        deployed = deployment(loaded.case["content"], request.procedure)
        step = deployed.procedure.steps[request.element]
        assert step.handoff is not None, request.element
        day = day_of(unit.now)
        owner = answerable(directory(), [step.handoff.post], request.unit, day)
        limit = deployed.parameters[step.handoff.limit].limit_on(day)
        due = deadline(calendar(on=day), unit.now, limit)
        data = {
            "element": request.element,
            "procedure": step.handoff.procedure,
            "post": step.handoff.post,
            "pool": owner.pool,
            "to": list(owner.persons),
            "why": owner.why,
            "parameter": step.handoff.limit,
            "limit": str(limit),
            "due_at": to_microseconds(due.due_at),
            "provisional": due.provisional,
        }
        if step.clause:
            data["clause"] = step.clause
        objects = tuple(ObjectRef("person", person, "owner") for person in owner.persons)
        unit.record(loaded.stream, Fact("process.handed_off", data, objects))

    with suppress(AlreadyDone):
        perform("process.hand_off", context, work)
    return {}
