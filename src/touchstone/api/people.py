"""Who stands in for whom: deputies, named and ended by the security administrator."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from touchstone.api.acting import OptionalKey, context_of, once
from touchstone.api.caller import caller_of, needs, not_found
from touchstone.api.shapes import Id, Receipt, Strict
from touchstone.identity.actions import end_deputy, name_deputy
from touchstone.identity.folds import STREAM
from touchstone.kernel.refusal import refuse

router = Router(tags=["people"])
PersonId = Annotated[Id, Path(description="Id of a member of staff")]
# A day is text in JSON: strict shapes take no other kind of date.
Day = Annotated[str, Field(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$", examples=["2026-11-30"])]


class DeputyItem(Schema):
    """A deputyship, both days included."""

    deputy: str
    first_day: dt.date
    last_day: dt.date


class NewDeputy(Strict):
    """Who stands in, and when."""

    deputy: Id
    first_day: Day
    last_day: Day


class Named(Schema):
    """A deputyship that was named or ended."""

    person: str
    deputy: str
    receipt: Receipt | None


@router.get(
    "/{person}/deputies",
    response=list[DeputyItem],
    **needs("people:write"),
    summary="Deputies of somebody",
)
def deputies(request: HttpRequest, person: PersonId) -> list[DeputyItem]:
    """Whoever stands, stood or will stand in for the person, the latest first."""
    caller = caller_of(request)
    if person != caller.person:
        caller.require("people.read")
    if person not in caller.directory.persons:
        raise not_found()
    found = [item for item in caller.directory.deputies if item.person == person]
    return [
        DeputyItem(deputy=item.deputy, first_day=item.from_day, last_day=item.to_day)
        for item in sorted(found, key=lambda item: (item.from_day, item.deputy), reverse=True)
    ]


@router.post("/{person}/deputies", response=Named, **needs("people:write"), summary="Name a deputy")
def name(request: HttpRequest, person: PersonId, given: NewDeputy, key: OptionalKey) -> Named:
    """Let somebody stand in for the person (代理) between two days, both included."""
    first, last = _day(given.first_day), _day(given.last_day)
    context = context_of(caller_of(request), f"{key}:name_deputy:{person}" if key else None)
    receipt = once(
        context,
        "identity.name_deputy",
        STREAM,
        lambda: name_deputy(context, person, given.deputy, first, last),
        {"deputy": given.deputy, "from": given.first_day, "to": given.last_day},
    )
    return Named(person=person, deputy=given.deputy, receipt=receipt)


@router.delete(
    "/{person}/deputies/{deputy}/{first_day}",
    response=Named,
    **needs("people:write"),
    summary="End a deputyship",
)
def end(
    request: HttpRequest,
    person: PersonId,
    deputy: Annotated[Id, Path()],
    first_day: Annotated[dt.date, Path(description="Its first day")],
    last_day: Annotated[dt.date, Query(description="What is to be its last day")],
    key: OptionalKey,
) -> Named:
    """End a deputyship earlier than it was to."""
    context = context_of(caller_of(request), f"{key}:end_deputy:{person}" if key else None)
    receipt = once(
        context,
        "identity.end_deputy",
        STREAM,
        lambda: end_deputy(context, person, deputy, first_day, last_day),
        {"deputy": deputy, "from": first_day.isoformat(), "on": last_day.isoformat()},
    )
    return Named(person=person, deputy=deputy, receipt=receipt)


def _day(written: str) -> dt.date:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise refuse("api.bad_day", "没有这一天", "There is no such day") from None
