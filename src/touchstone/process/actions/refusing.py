"""A refused act changes no case, and leaves one event that says who was refused what, and why."""

from __future__ import annotations

from touchstone.journal.unit_of_work import ActContext, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.process.recording import Blocked


class journaling_refusals:  # noqa: N801 - reads as the statement it is: with journaling_refusals(…)
    """Run an act on a case; when a control blocks it, journal the refusal and raise it.

    Malformed or unauthorised input leaves nothing: only a control's refusal is business.
    """

    __slots__ = ("_act", "_case", "_context")

    def __init__(self, act: str, context: ActContext, case: str) -> None:
        self._act, self._context, self._case = act, context, case

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Turn ``Blocked`` into its refusal, once that is journaled."""
        if not isinstance(error, Blocked):
            return
        refusal, act = error.refusal, self._act
        data = {"act": act, "actor": self._context.actor, "code": refusal.code}
        if refusal.clause:
            data["clause"] = refusal.clause
        objects = (ObjectRef("clause", refusal.clause),) if refusal.clause else ()
        facts = (*error.facts, Fact("process.act_refused", data, objects))
        stream = f"case:{self._case}"
        perform(act, self._context.with_key(None), lambda unit: unit.record(stream, *facts))
        raise refusal from None
