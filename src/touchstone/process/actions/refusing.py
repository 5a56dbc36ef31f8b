"""A refused act changes no case, and leaves one event that says who was refused what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.process.recording import Blocked


@contextmanager
def journaling_refusals(act: str, context: ActContext, case: str) -> Iterator[None]:
    """Run an act on a case; when a control blocks it, journal the refusal and raise it.

    Malformed or unauthorised input leaves nothing: only a control's refusal is business.
    """
    try:
        yield
    except Blocked as blocked:
        refusal, facts = blocked.refusal, blocked.facts

        def work(unit: UnitOfWork) -> None:
            data = {"act": act, "actor": context.actor, "code": refusal.code}
            if refusal.clause:
                data["clause"] = refusal.clause
            objects = (ObjectRef("clause", refusal.clause),) if refusal.clause else ()
            unit.record(f"case:{case}", *facts, Fact("process.act_refused", data, objects))

        perform(act, context.with_key(None), work)
        raise refusal from None
