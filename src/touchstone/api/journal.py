"""The journal for those who may read it: events by stream and kind, one event with its hashes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from touchstone.api.acting import context_of
from touchstone.api.caller import Caller, caller_of, needs, not_found
from touchstone.api.paging import Cursor, Limit, Next, cursor_of, place_of
from touchstone.api.shapes import Id
from touchstone.journal.place import place_of as place_in_chain
from touchstone.journal.reading import EventRow
from touchstone.journal.search import Wanted, find
from touchstone.kernel.facts import ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.process.queries import case_row
from touchstone.vault.disclosure import note_reading

router = Router(tags=["journal"])
_LONGEST = 2**62
Stream = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:@-]{1,200}$", description="`case:ID` …")]


class FactItem(Schema):
    """One fact of an event; personal data stands in it as sealed references only."""

    kind: str
    version: int
    data: dict[str, Any]
    objects: list[list[str | None]] = Field(description="type, id, role")


class EventItem(Schema):
    """One event: an act on a stream."""

    stream: str
    position: int
    act: str
    actor: str
    on_behalf_of: str | None
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    hash: str
    facts: list[FactItem]


class EventPage(Schema):
    """A page of events."""

    items: list[EventItem]
    next: Next


class ProvedEvent(EventItem):
    """An event with its place in the chain."""

    previous_hash: str | None = Field(description="Hash of the event before; null: it is gone")
    recomputed_hash: str | None = Field(description="What the stored text gives now")
    holds: bool = Field(description="Whether the event is what it was when it was written")
    hashed_text: str = Field(description="The text that the hash covers, after the previous hash")
    checkpoint: int | None = Field(description="The first signed checkpoint that covers it")


@router.get("/events", response=EventPage, **needs("journal:read"), summary="Events")
def events(
    request: HttpRequest,
    stream: Annotated[
        str | None, Query(None, pattern=r"^[A-Za-z0-9._:@-]{1,200}$", description="`case:ID` …")
    ],
    kind: Annotated[Id | None, Query(None, description="`process.case_started` …")],
    after: Annotated[
        dt.datetime | None, Query(None, description="Recorded at or after this instant")
    ],
    limit: Limit,
    cursor: Cursor,
) -> EventPage:
    """Events, newest first. A page may be empty and still have a `next`: the search goes on there."""
    caller = caller_of(request)
    caller.require("journal.read")
    before = place_of(cursor, int)
    wanted = Wanted(
        streams=(stream,) if stream else (),
        kinds=(kind,) if kind else (),
        since=_microseconds(after),
    )
    if stream:
        _note(caller, stream)
    found = find(wanted, before=int(before[0]) if before else None, most=limit)
    return EventPage(
        items=[EventItem(**_event(row)) for row in found.rows],
        next=None if found.go_on is None else cursor_of(found.go_on),
    )


@router.get(
    "/events/{stream}/{position}",
    response=ProvedEvent,
    **needs("journal:read"),
    summary="One event",
)
def event(
    request: HttpRequest,
    stream: Stream,
    position: Annotated[int, Path(ge=1, le=_LONGEST)],
) -> ProvedEvent:
    """One event with the hashes that prove it."""
    caller = caller_of(request)
    caller.require("journal.read")
    place = place_in_chain(stream, position)
    if place is None:
        raise not_found()
    _note(caller, stream)
    return ProvedEvent(
        **_event(place.row),
        previous_hash=place.previous.hex() if place.previous is not None else None,
        recomputed_hash=place.recomputed.hex() if place.recomputed is not None else None,
        holds=place.holds,
        hashed_text=place.row.hashed_text,
        checkpoint=place.checkpoint.number if place.checkpoint else None,
    )


def _event(row: EventRow) -> dict[str, Any]:
    return {
        "stream": row.stream,
        "position": row.position,
        "act": row.act,
        "actor": row.actor,
        "on_behalf_of": row.on_behalf_of,
        "occurred_at": from_microseconds(row.occurred_at),
        "recorded_at": from_microseconds(row.recorded_at),
        "hash": row.hash.hex(),
        "facts": [
            FactItem(
                kind=fact.kind,
                version=fact.version,
                data=dict(fact.data),
                objects=[list(item) for item in fact.objects],
            )
            for fact in row.recorded()
        ],
    }


def _note(caller: Caller, stream: str) -> None:
    """Reading about a customer is recorded, and nothing is shown where that fails."""
    type, _, identity = stream.partition(":")
    if type == "case":
        row = case_row(identity)
        identity = (row["customer"] or "") if row else ""
    elif type != "customer":
        return
    if identity:
        note_reading(context_of(caller, None), ObjectRef("customer", identity))


def _microseconds(after: dt.datetime | None) -> int | None:
    if after is None:
        return None
    moment = after if after.tzinfo else after.replace(tzinfo=dt.UTC)
    try:
        return to_microseconds(moment)
    except OverflowError:
        raise refuse("api.bad_instant", "时刻超出范围", "The instant is out of range") from None
