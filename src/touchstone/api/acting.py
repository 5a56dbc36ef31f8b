"""From a request to an act: its context, its key, and the receipt that the same key gets again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from ninja import Header

from touchstone.api.caller import Caller
from touchstone.api.shapes import Receipt, receipt_of
from touchstone.journal.reading import EventRow, row_with_key
from touchstone.journal.unit_of_work import ActContext, AlreadyDone
from touchstone.kernel.chance import SystemChance, new_id
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import SystemClock

_KEY = {"min_length": 8, "max_length": 64, "pattern": r"^[A-Za-z0-9._:-]+$"}
_SAYS = (
    "A name of your own for this request: sent again, it changes nothing and gets the same answer"
)
Key = Annotated[str, Header(..., alias="Idempotency-Key", description=_SAYS, **_KEY)]
OptionalKey = Annotated[
    str | None, Header(None, alias="Idempotency-Key", description=_SAYS, **_KEY)
]


def context_of(caller: Caller, key: str | None) -> ActContext:
    """The context of the caller's act; every act has a key, by which its row is found again."""
    chance = SystemChance()
    named = f"api:{caller.person}:{key}" if key else f"api:{caller.token.id}:~{new_id(chance)}"
    return ActContext(caller.person, SystemClock(), chance, key=named)


def once(context: ActContext, act: str, stream: str, doing: Callable[[], object]) -> Receipt | None:
    """Do an act on a stream, or find that this very request did it before.

    Raises:
        Refusal: what ``doing`` refuses; ``api.key_reused``.
    """
    try:
        doing()
    except AlreadyDone as done:
        same_request(done.row, act, stream)
    assert context.key is not None, "every act of the API has a key"
    return receipt_of(row_with_key(context.key))


def same_request(row: EventRow, act: str, stream: str | None = None) -> None:
    """Return when ``row`` was written by the same act on the same stream.

    Raises:
        Refusal: ``api.key_reused``.
    """
    if row.act != act or stream not in (None, row.stream):
        raise refuse(
            "api.key_reused",
            "该幂等键已用于另一请求",
            "This idempotency key was used for another request",
            remedy_zh="请为每个请求使用新的键",
            remedy_en="Use a new key for each request",
        )
