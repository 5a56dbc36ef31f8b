"""What cases wait for from outside: which messages the person may bring, and bringing one."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from touchstone.api.acting import OptionalKey, case_done
from touchstone.api.caller import caller_of, needs
from touchstone.api.cases import CaseId
from touchstone.api.filling import Handed, HandedIn, handed, only
from touchstone.api.shapes import Done, Id, Strict, Words, said
from touchstone.kernel.time import SystemClock
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.actions.filling import AtRequest
from touchstone.process.bringing import MOST_PAPERS, awaited
from touchstone.process.course import element_title
from touchstone.process.queries import open_calls

router = Router(tags=["cases"])
MessageName = Annotated[Id, Path(description="Name of the message, as the list gives it")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AwaitedItem(Schema):
    """A message that a case waits for and that the person may bring."""

    case: str = Field(description="The case that waits: this one, or one it called")
    name: str
    title: Words
    since: dt.datetime
    fields: list[str] = Field(description="Fields of its form; none: its coming says all")
    papers: Literal["none", "optional", "needed"]


class Bringing(Strict):
    """What came."""

    values: dict[str, Any] = Field(default_factory=dict, description="Fields of its form")
    papers: list[Digest] = Field(
        default_factory=list,
        max_length=MOST_PAPERS,
        description="sha256 of files handed in for it before",
    )


@router.get(
    "/{case}/messages", response=list[AwaitedItem], **needs("cases:read"), summary="What it awaits"
)
def awaits(request: HttpRequest, case: CaseId) -> list[AwaitedItem]:
    """The messages that the case, or one it called, waits for and the person may bring."""
    caller = caller_of(request)
    row = caller.case(case)
    rows = {item["id"]: item for item in (row, *open_calls(case))}
    return [
        AwaitedItem(
            case=item.case,
            name=item.name,
            title=said(
                element_title(
                    rows[item.case]["content"], rows[item.case]["procedure"], item.element
                )
            ),
            since=item.since,
            fields=list(item.form.properties) if item.form else [],
            papers=item.papers,
        )
        for item in awaited(
            tuple(rows.values()), caller.directory, caller.person, SystemClock().now()
        )
    ]


@router.post(
    "/{case}/messages/{message}", response=Done, **needs("cases:write"), summary="Bring a message"
)
def bring(
    request: HttpRequest, case: CaseId, message: MessageName, given: Bringing, key: OptionalKey
) -> Done:
    """Say that what the case waits for has come, with what it carries; the case goes on."""
    return case_done(
        request,
        case,
        key,
        "deliver_message",
        lambda context, identity: deliver_message(
            context, identity, message, given.values, given.papers
        ),
        named=message,
        said={"name": message},
    )


@router.post(
    "/{case}/messages/{message}/files",
    response={201: HandedIn},
    **needs("cases:write"),
    summary="Hand in a file that comes with it",
)
def hand_in(
    request: HttpRequest, case: CaseId, message: MessageName, file: Handed, key: OptionalKey
) -> Status[HandedIn]:
    """Store a file for bringing the message, which then refers to it by `sha256`."""
    only(request, "file")
    caller = caller_of(request)
    identity = caller.case(case)["id"]
    named = f"{key}:hand_in:{case}:{message}" if key else None
    return Status(201, handed(caller, AtRequest(identity, message), file, named))
