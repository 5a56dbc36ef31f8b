"""From a request to an act: its context, its key, and the receipt that the same key gets again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path

from touchstone.api.caller import Caller, caller_of, not_found
from touchstone.api.shapes import Done, Id, Receipt, receipt_of
from touchstone.journal.reading import EventRow, row_with_key
from touchstone.journal.unit_of_work import ActContext, AlreadyDone
from touchstone.kernel.chance import SystemChance, new_id
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import SystemClock
from touchstone.process.queries import task_row

_KEY = {"min_length": 8, "max_length": 64, "pattern": r"^[A-Za-z0-9._:-]+$"}
_SAYS = (
    "A name of your own for this request: sent again, it changes nothing and gets the same answer"
)
Key = Annotated[str, Header(..., alias="Idempotency-Key", description=_SAYS, **_KEY)]
OptionalKey = Annotated[
    str | None, Header(None, alias="Idempotency-Key", description=_SAYS, **_KEY)
]
TaskId = Annotated[Id, Path(description="Id of a task, as the worklist gives it")]


def context_of(caller: Caller, key: str | None) -> ActContext:
    """The context of the caller's act; every act has a key, by which its row is found again."""
    chance = SystemChance()
    named = f"api:{caller.person}:{key}" if key else f"api:{caller.token.id}:~{new_id(chance)}"
    return ActContext(caller.person, SystemClock(), chance, key=named)


def once(
    context: ActContext,
    act: str,
    stream: str,
    doing: Callable[[], object],
    said: Mapping[str, Any] | None = None,
) -> Receipt | None:
    """Do an act on a stream, or find that this very request did it before.

    ``said`` is what a fact of the act holds of the request: another request has another.

    Raises:
        Refusal: what ``doing`` refuses; ``api.key_reused``.
    """
    try:
        doing()
    except AlreadyDone as done:
        same_request(done.row, act, stream, said)
    assert context.key is not None, "every act of the API has a key"
    return receipt_of(row_with_key(context.key))


def task_done(
    request: HttpRequest,
    task: str,
    key: str | None,
    act: str,
    doing: Callable[[ActContext], None],
    said: Mapping[str, Any] | None = None,
) -> Done:
    """Do an act on a task that the caller may know of."""
    caller = caller_of(request)
    case = case_of_task(caller, task)
    # The task is part of the key: a second press on another task is another request.
    context = context_of(caller, f"{key}:{act}:{task}" if key else None)
    receipt = once(context, f"process.{act}", f"case:{case}", lambda: doing(context), said)
    return Done(case=case, receipt=receipt)


def case_done(
    request: HttpRequest,
    case: str,
    key: str | None,
    act: str,
    doing: Callable[[ActContext, str], None],
    *,
    named: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> Done:
    """Do an act on a case that the caller may know of; ``named`` tells its requests apart, beside the case."""
    caller = caller_of(request)
    identity = str(caller.case(case)["id"])
    of = f"{case}:{named}" if named else case
    context = context_of(caller, f"{key}:{act}:{of}" if key else None)
    stream = f"case:{identity}"
    receipt = once(context, f"process.{act}", stream, lambda: doing(context, identity), said)
    return Done(case=identity, receipt=receipt)


def case_of_task(caller: Caller, task: str) -> str:
    """The case of a task that the caller may know of.

    Raises:
        Refusal: ``api.not_found``.
    """
    row = task_row(task)
    if row is None:
        raise not_found()
    return str(caller.case(row["case_id"])["id"])


def same_request(
    row: EventRow, act: str, stream: str | None = None, said: Mapping[str, Any] | None = None
) -> None:
    """Return when ``row`` was written by the same act on the same stream and says the same.

    Raises:
        Refusal: ``api.key_reused``.
    """
    says = said is None or any(said.items() <= fact.data.items() for fact in row.recorded())
    if row.act != act or stream not in (None, row.stream) or not says:
        raise refuse(
            "api.key_reused",
            "该幂等键已用于另一请求",
            "This idempotency key was used for another request",
            remedy_zh="请为每个请求使用新的键",
            remedy_en="Use a new key for each request",
        )
