"""Cases of the generated approval, begun and completed by its people; and a look at their sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

VALUES = {"opinion": "approve", "amount": 250000}


def context_of(actor: str) -> Any:
    """The context of a person's act, on the machine's clock."""
    from touchstone.journal.unit_of_work import ActContext
    from touchstone.kernel.chance import SystemChance
    from touchstone.kernel.time import SystemClock

    return ActContext(actor, SystemClock(), SystemChance())


def people_for(steps: int) -> list[Any]:
    """Who completes each step."""
    ann, bob, cat = (context_of(person) for person in ("ann", "bob", "cat"))
    return [ann, *(bob if number % 2 else cat for number in range(1, steps))]


def begin(count: int, procedure: str = "approval") -> list[str]:
    """Ids of ``count`` new cases."""
    from touchstone.process.actions.cases import start_case

    context = context_of("ann")
    return [start_case(context, procedure, unit="o1", values=VALUES) for _ in range(count)]


@contextmanager
def sessions_of(made: Callable[[], Any]) -> Iterator[None]:
    """Let every act of this process converse with the database through ``made``."""
    from touchstone.journal import unit_of_work

    seam = "open_session"
    usual = getattr(unit_of_work, seam)
    setattr(unit_of_work, seam, made)
    try:
        yield
    finally:
        setattr(unit_of_work, seam, usual)
