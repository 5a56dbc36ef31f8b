"""While a form is filled in: files handed in before the act, and one's own draft at a task."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status, UploadedFile
from ninja.errors import HttpError
from pydantic import Field

from touchstone.api.acting import (
    OptionalKey,
    TaskId,
    case_of_task,
    context_of,
    same_request,
)
from touchstone.api.caller import Caller, caller_of, needs
from touchstone.api.shapes import Id, Receipt, Strict, receipt_of
from touchstone.journal.reading import row_with_key
from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.process.actions import filling
from touchstone.process.actions.filling import AtStart, AtTask, Desk

tasks = Router(tags=["tasks"])
cases = Router(tags=["cases"])
Handed = Annotated[UploadedFile, File(description="One file; what it is, its content says")]


class HandedIn(Schema):
    """A file that lies in the store, encrypted; an act refers to it by its digest."""

    sha256: str
    media_type: str = Field(description="What the content is, whatever its name says")
    size: int
    scan: str = Field(description="What the scanner for malicious code said, or `not_scanned`")
    receipt: Receipt | None = Field(description="null where the same bytes lay there already")


class DraftItem(Schema):
    """What the person typed so far; only he sees it."""

    values: dict[str, Any]
    version: int = Field(description="To be sent back with the next saving; 0: there is none")


class DraftSaving(Strict):
    """What to keep."""

    values: dict[str, Any] = Field(description="Fields of the form, as typed; others are left out")
    version: int = Field(ge=0, lt=2**31, description="The version it was read with, or 0")


class DraftSaved(Schema):
    """The draft lies sealed until the act, or until its time is over."""

    version: int


@tasks.post(
    "/{task}/files",
    response={201: HandedIn},
    **needs("tasks:write"),
    summary="Hand in a file for it",
)
def hand_in(request: HttpRequest, task: TaskId, file: Handed, key: OptionalKey) -> Status[HandedIn]:
    """Store a file for finishing the task, which then refers to it by `sha256`."""
    only(request, "file")
    caller = caller_of(request)
    case_of_task(caller, task)
    named = f"{key}:hand_in:{task}" if key else None
    return Status(201, handed(caller, AtTask(task), file, named))


@cases.post(
    "/files",
    response={201: HandedIn},
    **needs("cases:write"),
    summary="Hand in a file for a case to be started",
)
def hand_in_at_start(
    request: HttpRequest,
    procedure: Annotated[Id, Form(description="Slug of the procedure")],
    unit: Annotated[Id, Form(description="The unit that will take it up")],
    customer: Annotated[Id | None, Form(None, description="The customer it will concern")],
    file: Handed,
    key: OptionalKey,
) -> Status[HandedIn]:
    """Store a file for a case that the person is about to start; it goes away where none is."""
    only(request, "file", "procedure", "unit", "customer")
    named = f"{key}:hand_in:{procedure}:{unit}:{customer or ''}" if key else None
    desk = AtStart(procedure, unit, customer)
    return Status(201, handed(caller_of(request), desk, file, named))


def only(request: HttpRequest, *names: str) -> None:
    """Whatever else was sent is an error: nothing is taken in silence."""
    parts = (request.POST, request.FILES)
    if any(name not in names or len(part.getlist(name)) != 1 for part in parts for name in part):
        raise HttpError(400, "not as described")


def handed(caller: Caller, desk: Desk, file: UploadedFile, key: str | None) -> HandedIn:
    """The file of a request, stored for who may act at the desk; the same key stores it once.

    Raises:
        Refusal: ``api.key_reused`` and those of handing in.
    """
    context, content = context_of(caller, key), file.read()
    try:
        stored = filling.hand_in(context, desk, file.name or "", content)
    except AlreadyDone as done:
        same_request(done.row, "process.hand_in", said={"sha256": sha256(content).hexdigest()})
        # Both came at the same moment: the bytes lie there now.
        stored = filling.hand_in(context.with_key(None), desk, file.name or "", content)
    assert context.key is not None
    row = row_with_key(context.key)
    if row is not None:
        same_request(row, "process.hand_in", said={"sha256": stored.sha256})
    return HandedIn(
        sha256=stored.sha256,
        media_type=stored.media_type,
        size=stored.size,
        scan=stored.scan,
        receipt=receipt_of(row),
    )


@tasks.get("/{task}/draft", response=DraftItem, **needs("tasks:write"), summary="One's draft")
def draft(request: HttpRequest, task: TaskId) -> DraftItem:
    """What the person typed at the task so far."""
    caller = caller_of(request)
    case_of_task(caller, task)
    found = filling.load_draft(context_of(caller, None), AtTask(task))
    if found is None:
        return DraftItem(values={}, version=0)
    return DraftItem(values=dict(found.typed), version=found.version)


@tasks.put("/{task}/draft", response=DraftSaved, **needs("tasks:write"), summary="Keep a draft")
def keep_draft(request: HttpRequest, task: TaskId, given: DraftSaving) -> DraftSaved:
    """Keep what was typed so far. The version takes the place of a key: of two savings one is told."""
    caller = caller_of(request)
    case_of_task(caller, task)
    context = context_of(caller, None)
    version = filling.save_draft(context, AtTask(task), given.values, given.version)
    return DraftSaved(version=version)


@tasks.delete(
    "/{task}/draft", response=DraftSaved, **needs("tasks:write"), summary="Throw the draft away"
)
def drop_draft(request: HttpRequest, task: TaskId) -> DraftSaved:
    """Throw one's own draft away."""
    caller = caller_of(request)
    case_of_task(caller, task)
    filling.discard_draft(context_of(caller, None), AtTask(task))
    return DraftSaved(version=0)
