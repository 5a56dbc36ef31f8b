"""Whose case it is: what an act of a customer asks before it does anything."""

from __future__ import annotations

from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.deployment import deployment
from touchstone.process.store import Loaded, load_case


def require_own(actor: str, loaded: Loaded) -> None:
    """Return where the case is the customer's own; to anybody else it does not exist.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    if actor != f"customer:{loaded.case['customer']}":
        raise no_such_case()


def load_own(unit: UnitOfWork, case: str) -> Loaded:
    """A case that the actor began or that was begun for him; not one that another case called.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    loaded = load_case(unit, case)
    require_own(unit.context.actor, loaded)
    if loaded.case["caller_case"] is not None:
        raise no_such_case()
    return loaded


def asked_of_customer(unit: UnitOfWork, case: str, message: str) -> Loaded:
    """The case that waits for ``message``, where content says that its customer is asked for it.

    Raises:
        Refusal: ``process.no_such_case``, ``process.nobody_waits``.
    """
    loaded = load_case(unit, case)
    require_own(unit.context.actor, loaded)
    procedure = deployment(loaded.case["content"], loaded.case["procedure"]).procedure
    asked = {element for stage in procedure.stages for element in stage.asks}
    waiting = unit.read(
        "SELECT element FROM process_wait WHERE case_id = %s AND name = %s", (case, message)
    )
    if not any(element in asked for (element,) in waiting):
        raise refuse(
            "process.nobody_waits",
            "该业务当前不需要您补充材料",
            "The case asks nothing of you now",
            remedy_zh="请返回业务页面查看最新进展",
            remedy_en="Go back to the case to see where it stands",
        )
    return loaded


def no_such_case() -> Refusal:
    """The same answer for what does not exist and for what is another customer's."""
    return refuse("process.no_such_case", "没有这笔业务", "There is no such case")
