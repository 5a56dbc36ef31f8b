"""Tasks: the person's worklist; taking, giving back, finishing and sending back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from touchstone.api.acting import OptionalKey, TaskId, task_done
from touchstone.api.caller import caller_of, needs
from touchstone.api.shapes import Done, Id, Strict, Words, at, said
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.time import from_microseconds
from touchstone.process.actions import tasks as acts
from touchstone.process.deployment import deployment
from touchstone.process.queries import case_rows, worklist

router = Router(tags=["tasks"])


class TaskItem(Schema):
    """One task that the person has taken or may take."""

    id: str
    case: str
    number: str
    procedure: str
    element: str
    step: Words
    guide: Words | None = Field(description="What the standard says to whoever does it")
    clause: str | None
    state: str = Field(description="`open` or `claimed`")
    opened_at: dt.datetime
    due_at: dt.datetime | None
    form: dict[str, Any] | None = Field(description="JSON Schema of `values` for completing it")
    back_to: list[str] = Field(description="Steps that it may be sent back to")


class Completion(Strict):
    """What finishes a task."""

    values: dict[str, Any] = Field(
        default_factory=dict,
        description="Fields of the form; of a step that is signed: `opinion` (`approve`, `reject`)",
    )
    evidence: dict[str, str] = Field(
        default_factory=dict, description="Document id → sha256 of a file handed in before"
    )


class SendingBack(Strict):
    """Where to and why."""

    to: Id = Field(description="One of the task's `back_to`")
    reason: str = Field(min_length=2, max_length=500)


@router.get("", response=list[TaskItem], **needs("tasks:write"), summary="The worklist")
def mine(
    request: HttpRequest,
    procedure: Annotated[Id | None, Query(None, description="Slug of the procedure")],
    limit: Annotated[int, Query(50, ge=1, le=200, description="How many at most")],
) -> list[TaskItem]:
    """What the person has taken and may take, what runs out first on top."""
    caller = caller_of(request)
    found = worklist(caller.person, caller.pools, limit=limit, procedure=procedure)
    cases = case_rows({entry.case for entry in found})
    items = []
    for entry in found:
        row = cases[entry.case]
        deployed = deployment(row["content"], row["procedure"])
        step = deployed.procedure.steps[entry.element]
        form = deployed.forms.get(step.form or "")
        items.append(
            TaskItem(
                id=entry.task,
                case=entry.case,
                number=row["number"],
                procedure=row["procedure"],
                element=entry.element,
                step=said(step.title),
                guide=said(step.guide) if step.guide else None,
                clause=step.clause,
                state=entry.state,
                opened_at=from_microseconds(entry.opened_at),
                due_at=at(entry.due_at),
                form=dict(form.schema) if form else None,
                back_to=list(step.back_to),
            )
        )
    return items


@router.post("/{task}/claim", response=Done, **needs("tasks:write"), summary="Take it")
def claim(request: HttpRequest, task: TaskId, key: OptionalKey) -> Done:
    """Take a task for oneself."""
    return task_done(
        request, task, key, "claim_task", lambda context: acts.claim_task(context, task)
    )


@router.post("/{task}/release", response=Done, **needs("tasks:write"), summary="Give it back")
def release(request: HttpRequest, task: TaskId, key: OptionalKey) -> Done:
    """Give a task that was taken back to its pool."""
    return task_done(
        request, task, key, "release_task", lambda context: acts.release_task(context, task)
    )


@router.post("/{task}/complete", response=Done, **needs("tasks:write"), summary="Finish it")
def complete(request: HttpRequest, task: TaskId, given: Completion, key: OptionalKey) -> Done:
    """Finish a task with its form; control points are judged as for anybody."""

    def doing(context: ActContext) -> None:
        acts.complete_task(context, task, given.values, evidence=given.evidence)

    return task_done(request, task, key, "complete_task", doing)


@router.post("/{task}/send-back", response=Done, **needs("tasks:write"), summary="Send it back")
def send_back(request: HttpRequest, task: TaskId, given: SendingBack, key: OptionalKey) -> Done:
    """Send the case back to an earlier step, with the reason."""
    return task_done(
        request,
        task,
        key,
        "send_back",
        lambda context: acts.send_back(context, task, given.to, given.reason),
        {"to": given.to, "reason": given.reason},
    )
