"""Queuing a message: rendered, sealed and routed in one act, and never twice under one id."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.followers import follows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.process.folds import case_of
from touchstone.process.store import load_case, subject_of
from touchstone.service.folds import MESSAGES, message_stream
from touchstone.service.letter_store import letter_of
from touchstone.service.letters import Letter, MissingValue, Rendered, render
from touchstone.service.ports import ROUTING, Route
from touchstone.service.recipients import Recipient
from touchstone.service.values import values_for_case
from touchstone.vault.actions import seal


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is queued.

    Attributes:
        id: decided by what it is about, so that the same message is queued once.
        sha256, content: the letter's text, and the version of the standard it is from.
        subject: whose data key seals the text.
    """

    id: str
    letter: Letter
    sha256: str
    content: int
    recipient: Recipient
    values: Mapping[str, Text]
    subject: str
    case: str | None = None
    element: str | None = None
    wait: str | None = None
    unit: str | None = None


@follows("process.letter_due", name="service.queue_letter")
def queue_letter(context: ActContext, recorded: Recorded) -> None:
    """Queue the letter of a step that was completed; one act for each reader."""
    case, due = case_of(recorded), recorded.data

    def look(unit: UnitOfWork) -> list[Recipient]:
        row = load_case(unit, case).case
        letter, _ = letter_of(catalogue(row["content"]), due["letter"])
        return _recipients(letter, row, directory(), unit)

    for recipient in perform("service.look", context.with_key(None), look):

        def work(unit: UnitOfWork, reader: Recipient = recipient) -> None:
            queue_within(unit, _draft(unit, case, due, reader))

        with suppress(AlreadyDone):
            key = f"{context.key}:{recipient}" if context.key else None
            perform("service.queue_message", context.with_key(key), work)


def _draft(unit: UnitOfWork, case: str, due: Mapping[str, Any], recipient: Recipient) -> Draft:
    row = load_case(unit, case).case
    letter, sha256 = letter_of(catalogue(row["content"]), due["letter"])
    procedure = deployment(row["content"], row["procedure"]).procedure
    named = recipient.kind in ("person", "post")
    base = f"{case}.{due['wait']}"
    return Draft(
        id=f"{base}.{recipient.id}" if named else base,
        letter=letter,
        sha256=sha256,
        content=row["content"],
        recipient=recipient,
        values=values_for_case(unit, letter, procedure, row, recipient, directory()),
        subject=subject_of(case, row["customer"]),
        case=case,
        element=due["element"],
        wait=due["wait"],
        unit=row["unit"],
    )


def _recipients(
    letter: Letter, case: Mapping[str, Any], people: Directory, unit: UnitOfWork
) -> list[Recipient]:
    if letter.to.kind == "customer":
        customer = case["customer"]
        return [Recipient("customer", customer) if customer else Recipient("case", case["id"])]
    place = people.place_of(case["unit"], letter.to.place)
    holders = people.holders(letter.to.posts, place, day_of(unit.now))
    if holders:
        return [Recipient("person", person) for person in holders]
    return [Recipient("post", f"{'|'.join(letter.to.posts)}@{place}")]


def queue_within(unit: UnitOfWork, draft: Draft) -> bool:
    """Queue within an act; whether it was not there yet.

    A letter whose places have no value is queued as failed, so that somebody sees it.
    """
    stream = message_stream(draft.id)
    if unit.head(stream).position:
        return False
    unit.know_absent(MESSAGES.table, (draft.id,))
    route = ROUTING.get("routing")(unit, draft.recipient)
    try:
        rendered = render(draft.letter, draft.values)
    except MissingValue as missing:
        unit.record(stream, _queued(draft, route, None), _unfit(missing))
        return True
    unit.record(stream, _queued(draft, route, _sealed(unit, draft, rendered)))
    return True


def _sealed(unit: UnitOfWork, draft: Draft, rendered: Rendered) -> str:
    field = f"letter.{draft.id}"
    return seal(unit, draft.subject, {field: rendered.as_data()}, version=1)[field]


def _queued(draft: Draft, route: Route, body: str | None) -> Fact:
    data = {
        "purpose": draft.letter.purpose,
        "letter": draft.letter.id,
        "sha256": draft.sha256,
        "content": draft.content,
        "recipient": str(draft.recipient),
        "language": route.language,
        "channel": route.channel,
        "address": route.address,
        "masked": route.masked,
        "body": body,
        "case_id": draft.case,
        "element": draft.element,
        "wait": draft.wait,
        "unit": draft.unit,
    }
    objects = [ObjectRef("clause", draft.letter.clause)]
    if draft.case:
        objects.append(ObjectRef("case", draft.case))
    if draft.recipient.kind in ("customer", "person"):
        objects.append(ObjectRef(draft.recipient.kind, draft.recipient.id, "reader"))
    said = {name: value for name, value in data.items() if value is not None}
    return Fact("service.message_queued", said, tuple(objects))


def _unfit(missing: MissingValue) -> Fact:
    return Fact(
        "service.message_failed",
        {"attempt": 0, "code": "service.no_value", "names": list(missing.names)},
    )
