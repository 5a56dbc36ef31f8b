"""Sending what is queued: tried, taken over, delivered or failed, each an event of its own.

An attempt is recorded before it is made. Where its outcome is lost with the worker, a channel that
drops second copies is asked again; any other message waits for a person, for it may have gone out.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import Limit
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.letters import letter_delivered
from touchstone.service.folds import MESSAGES, message_stream
from touchstone.service.letters import Rendered
from touchstone.service.ports import CHANNELS, Accepted, Outgoing, SendingFailed
from touchstone.standard.parameters import parameters
from touchstone.vault.actions import open_within

ATTEMPTS, FIRST_RETRY = "messages.max_attempts", "messages.first_retry"
# For a standard that says nothing of them.
_ATTEMPTS, _FIRST_RETRY = 6, Limit(5, "min")
# How long a worker may take over one attempt before another looks after the message.
LEASE = dt.timedelta(minutes=5)
_SILENCE = frozenset({"service.unreachable", "service.no_answer"})
_log = logging.getLogger(__name__)


class _Silent(Exception):
    """The other side did not answer; that is noted already."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that this worker was given."""

    number: int
    channel: str
    outgoing: Outgoing


def due_messages(now: dt.datetime, limit: int = 100) -> list[tuple[str, str]]:
    """Ids and channels of the messages that a worker must act on by ``now``, the earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, channel FROM service_message WHERE next_at <= %s"
            " ORDER BY next_at, id LIMIT %s",
            (to_microseconds(now), limit),
        )
        return list(cursor.fetchall())


def run_due(context: ActContext, *, limit: int = 100) -> int:
    """Act on every message that is due; how many. One that fails does not stop the others.

    A channel that does not answer is left alone for the rest of the run, so that waiting for it does
    not hold up what goes by another.
    """
    served = 0
    silent: set[str] = set()
    for message, channel in due_messages(context.clock.now(), limit):
        if channel in silent:
            continue
        try:
            served += _serve(context.with_key(None), message)
        except _Silent:
            silent.add(channel)
            served += 1
        except Exception:  # noqa: BLE001 - one bad message must not keep all others waiting
            _log.exception("the message %s could not be served", message)
    return served


def _serve(context: ActContext, message: str) -> int:
    moved, attempt = perform("service.try_message", context, lambda unit: _begin(unit, message))
    if attempt is None:
        return moved
    failure: SendingFailed | None = None
    accepted = Accepted()
    try:
        accepted = CHANNELS.get(attempt.channel).send(attempt.outgoing)
    except SendingFailed as error:
        failure = error

    def finish(unit: UnitOfWork) -> None:
        row = message_row(unit, message)
        if row is None or (row["state"], row["attempts"]) != ("sending", attempt.number):
            return
        if failure:
            _note_failure(unit, row, failure)
        else:
            _note_accepted(unit, row, accepted)

    perform("service.note_attempt", context, finish)
    if failure and failure.code in _SILENCE:
        raise _Silent
    return 1


def _begin(unit: UnitOfWork, message: str) -> tuple[int, Attempt | None]:
    """Take the next attempt, or record what time has brought; the number of rows moved."""
    row = message_row(unit, message)
    if row is None or row["next_at"] is None or row["next_at"] > unit.now_us:
        return 0, None
    if row["state"] == "sent":
        deliver_within(unit, row, "channel", at=row["next_at"])
        return 1, None
    channel = CHANNELS.get(row["channel"])
    if row["state"] == "sending" and not channel.is_repeatable:
        _note_failure(unit, row, SendingFailed("service.outcome_unknown", is_uncertain=True))
        return 1, None
    try:
        outgoing = _outgoing(unit, row)
    except Refusal as refusal:
        _note_failure(unit, row, SendingFailed(refusal.code, is_final=True))
        return 1, None
    number = row["attempts"] + 1
    tried = {"attempt": number, "channel": row["channel"], "until": unit.now_us + _us(LEASE)}
    unit.record(message_stream(message), Fact("service.message_tried", tried))
    return 1, Attempt(number, row["channel"], outgoing)


def message_row(unit: UnitOfWork, message: str) -> Values | None:
    """A message as the act finds it; None where there is none."""
    # The head first: a row read before it could be older than the place the act will take.
    unit.head(message_stream(message))
    return unit.row(MESSAGES.table, (message,))


def _outgoing(unit: UnitOfWork, row: Values) -> Outgoing:
    rendered = Rendered.from_data(open_within(unit, row["body"]))
    address = str(open_within(unit, row["address"])) if row["address"] else ""
    language = row["language"]
    return Outgoing(
        row["id"],
        address,
        rendered.subject.in_language(language),
        rendered.body.in_language(language),
        language,
        unit.now,
    )


def _note_accepted(unit: UnitOfWork, row: Values, accepted: Accepted) -> None:
    data = {"attempt": row["attempts"], "channel": row["channel"]}
    if accepted.reference:
        data["reference"] = accepted.reference
    if accepted.delivered_at:
        data["arrives_at"] = to_microseconds(accepted.delivered_at)
    unit.record(message_stream(row["id"]), Fact("service.message_sent", data))
    if accepted.is_delivered:
        deliver_within(unit, row, "channel")


def _note_failure(unit: UnitOfWork, row: Values, failure: SendingFailed) -> None:
    """Tried again later and later; at last, or where that is useless or unsafe, a dead letter."""
    known = parameters(catalogue().version)
    today = day_of(unit.now)
    most = known[ATTEMPTS].value_on(today) if ATTEMPTS in known else _ATTEMPTS
    data = {"attempt": row["attempts"], "channel": row["channel"], "code": failure.code}
    unsafe = failure.is_uncertain and not CHANNELS.get(row["channel"]).is_repeatable
    if not (failure.is_final or unsafe or row["attempts"] >= int(most or _ATTEMPTS)):
        said = known[FIRST_RETRY].limit_on(today) if FIRST_RETRY in known else _FIRST_RETRY
        first = _FIRST_RETRY if said.in_days else said
        wait = first.running_time() * 2 ** max(0, row["attempts"] - 1)
        data["retry_at"] = to_microseconds(unit.now + wait)
    objects = (ObjectRef("case", row["case_id"]),) if row["case_id"] else ()
    unit.record(message_stream(row["id"]), Fact("service.message_failed", data, objects))


def deliver_within(unit: UnitOfWork, row: Values, how: str, *, at: int | None = None) -> None:
    """Say within an act that a message reached its reader; in the same act, that his case knows."""
    arrived = unit.now_us if at is None else at
    data = {"attempt": row["attempts"], "channel": row["channel"], "how": how, "at": arrived}
    objects = (ObjectRef("case", row["case_id"]),) if row["case_id"] else ()
    unit.record(message_stream(row["id"]), Fact("service.message_delivered", data, objects))
    if row["case_id"] and row["element"]:
        letter_delivered(
            unit,
            row["case_id"],
            row["element"],
            wait=row["wait"],
            letter=row["letter"],
            message=row["id"],
            at=arrived,
        )


def _us(span: dt.timedelta) -> int:
    return span // dt.timedelta(microseconds=1)
