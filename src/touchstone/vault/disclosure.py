"""Reading the journal where it tells of people, and taking it out of the house: that, too, is on record.

What is recorded names whom it is about, never what was typed. The same reader reading about the same
person again on the same day adds nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.time import day_of

_ACT = "journal.read"


def note_reading(context: ActContext, about: ObjectRef) -> None:
    """Record that the actor reads what the journal says about ``about``; once a day.

    Raises:
        Refusal: ``identity.not_permitted``.
    """
    day = day_of(context.clock.now())
    key = f"read:{context.actor}:{about.type}:{about.id}:{day.isoformat()}"

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, _ACT, day)
        fact = Fact("vault.journal_read", {"about": f"{about.type}:{about.id}"}, (about,))
        unit.record(_stream(context), fact)

    with suppress(AlreadyDone):
        perform("vault.read_journal", context.with_key(key), work)


def note_export(context: ActContext, *, format: str, since: str, until: str, facts: int) -> None:
    """Record that the actor takes the journal of a period out of the house.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, _ACT, day_of(unit.now))
        data = {"format": format, "since": since, "until": until, "facts": facts}
        unit.record(_stream(context), Fact("vault.journal_exported", data))

    perform("vault.export_journal", context, work)


def note_verification(
    context: ActContext, *, events: int, checkpoints: int, broken: str | None
) -> None:
    """Record that the actor verified the journal, and the first broken link where there is one.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, _ACT, day_of(unit.now))
        data: dict[str, Any] = {"events": events, "checkpoints": checkpoints, "ok": broken is None}
        if broken is not None:
            data["broken"] = broken
        unit.record(_stream(context), Fact("vault.journal_verified", data))

    perform("vault.verify_journal", context, work)


def _stream(context: ActContext) -> str:
    return f"reader:{context.actor}"
