"""A task from one person to another: delegated, transferred, signed by more or fewer, taken back."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field

from touchstone.api.acting import OptionalKey, TaskId, task_done
from touchstone.api.caller import needs
from touchstone.api.shapes import Done, Id, Strict
from touchstone.process.actions import delegation, tasks

router = Router(tags=["tasks"])


class ToPerson(Strict):
    """Who is to do it."""

    person: Id = Field(description="Id of a member of staff")


class Note(Strict):
    """What was done, or why."""

    note: str = Field(min_length=2, max_length=500)


@router.post("/{task}/delegate", response=Done, **needs("tasks:write"), summary="Delegate it")
def delegate(request: HttpRequest, task: TaskId, given: ToPerson, key: OptionalKey) -> Done:
    """Let somebody else do the work (委派); it comes back to its owner, who completes it."""
    return task_done(
        request,
        task,
        key,
        "delegate_task",
        lambda context: tasks.delegate_task(context, task, given.person),
        {"to": given.person},
    )


@router.post("/{task}/transfer", response=Done, **needs("tasks:write"), summary="Transfer it")
def transfer(request: HttpRequest, task: TaskId, given: ToPerson, key: OptionalKey) -> Done:
    """Hand the task over for good (转办), to somebody whose post permits it."""
    return task_done(
        request,
        task,
        key,
        "transfer_task",
        lambda context: tasks.transfer_task(context, task, given.person),
        {"to": given.person},
    )


@router.post("/{task}/resolve", response=Done, **needs("tasks:write"), summary="Resolve it")
def resolve(request: HttpRequest, task: TaskId, given: Note, key: OptionalKey) -> Done:
    """Give a delegated task back to its owner, saying what was done."""
    return task_done(
        request,
        task,
        key,
        "resolve_task",
        lambda context: delegation.resolve_task(context, task, given.note),
        {"note": given.note.strip()},
    )


@router.post("/{task}/recall", response=Done, **needs("tasks:write"), summary="Recall it")
def recall(request: HttpRequest, task: TaskId, given: Note, key: OptionalKey) -> Done:
    """Take a delegated task back from the delegate, who has not resolved it."""
    return task_done(
        request,
        task,
        key,
        "recall_task",
        lambda context: delegation.recall_task(context, task, given.note),
        {"note": given.note.strip()},
    )


@router.post("/{task}/signers", response=Done, **needs("tasks:write"), summary="Add a signer")
def add_signer(request: HttpRequest, task: TaskId, given: ToPerson, key: OptionalKey) -> Done:
    """Add a signer (加签)."""
    return task_done(
        request,
        task,
        key,
        "add_signer",
        lambda context: tasks.add_signer(context, task, given.person),
        {"person": given.person},
    )


@router.delete(
    "/{task}/signers/{person}", response=Done, **needs("tasks:write"), summary="Remove a signer"
)
def remove_signer(
    request: HttpRequest, task: TaskId, person: Annotated[Id, Path()], key: OptionalKey
) -> Done:
    """Remove a signer who has not signed (减签)."""
    return task_done(
        request,
        task,
        key,
        "remove_signer",
        lambda context: tasks.remove_signer(context, task, person),
        {"person": person},
    )


@router.post("/{task}/take-back", response=Done, **needs("tasks:write"), summary="Take it back")
def take_back(request: HttpRequest, task: TaskId, key: OptionalKey) -> Done:
    """Take back what one finished (撤回), while nobody has taken up a later task."""
    return task_done(
        request, task, key, "take_back", lambda context: tasks.take_back(context, task)
    )
