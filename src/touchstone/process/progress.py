"""What a customer may see of his own case: stages, promise, what is wanted of him, the outcome.

Made only from the words the standard has for customers (``stages``, ``outcomes``, ``contact``) and from
instants. No step, person, control, screening or risk goes through here; a case that is stopped in
silence looks like any other that is not carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import connection

from touchstone.clocks.queries import ClockView, clocks_of
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.reading import stream_rows
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.bringing import asked_at, form_of
from touchstone.process.course.walk import walk
from touchstone.process.deployment import deployment
from touchstone.process.folds import CASES
from touchstone.process.forms import Form
from touchstone.process.procedure import Papers, Procedure, Stage
from touchstone.process.queries import open_calls

StageState = Literal["done", "now", "coming", "not_needed"]

_WITHDRAWN = Text("已按您的要求撤回。", "Withdrawn as you asked.")
_ENDED = Text(
    "已终止。如有疑问，请向受理网点咨询。", "Ended. If you have questions, please ask the outlet."
)
_OPEN = (
    "SELECT element, NULL, opened_at FROM process_task WHERE case_id = %s"
    " AND state IN ('open', 'claimed', 'held') UNION ALL"
    " SELECT element, name, opened_at FROM process_wait WHERE case_id = %s"
)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One stage, and since when; ``since`` only of what was reached."""

    title: Text
    state: StageState
    since: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Want:
    """Something the customer is asked for.

    Attributes:
        message: name of the message with which his answer is delivered; None where he comes in person.
        case: the case that waits for it: his own, or one it called.
        until: how long the time limit waits for him, where it does.
        form: what he fills in to answer; None where it takes no more than his word, or papers.
        papers: whether he hands in papers with it.
    """

    text: Text
    case: str
    message: str | None
    since: dt.datetime
    until: dt.datetime | None
    form: Form | None = None
    papers: Papers = "none"


@dataclass(frozen=True, slots=True)
class Promise:
    """By when the current stage is promised.

    Attributes:
        paused: the limit stands still while the customer is asked for something.
        provisional: days not yet announced lie in between.
    """

    due_at: dt.datetime
    late: bool
    paused: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """A case as its customer sees it."""

    case: str
    procedure: str
    number: str
    receipt: str | None
    title: Text
    started_at: dt.datetime
    ended_at: dt.datetime | None
    stages: tuple[StageProgress, ...]
    promise: Promise | None
    wants: tuple[Want, ...]
    outcome: Text | None
    ask_unit: Text
    ask_post: Text

    @property
    def stage(self) -> Text | None:
        """The title of the current stage."""
        return next((item.title for item in self.stages if item.state == "now"), None)


def progress_of(customer: str, case: str, *, now: dt.datetime) -> Progress:
    """The progress of a customer's own case.

    Raises:
        Refusal: ``process.no_such_case``, also where it is another customer's.
    """
    row = next(iter(_cases("id = %s AND customer = %s", (case, customer))), None)
    found = _progress(row, now) if row and row["caller_case"] is None else None
    if found is None:
        raise refuse("process.no_such_case", "没有这笔业务", "There is no such case")
    return found


def cases_of_customer(
    customer: str, *, now: dt.datetime, limit: int = 50, offset: int = 0
) -> tuple[Progress, ...]:
    """The customer's own cases, open ones and then the newest first; what they called is part of them."""
    where = "customer = %s AND caller_case IS NULL"
    order = "CASE WHEN state = 'open' THEN 0 ELSE 1 END, started_at DESC, id"
    rows = _cases(f"{where} ORDER BY {order} LIMIT %s OFFSET %s", (customer, limit, offset))
    found = (_progress(row, now) for row in rows)
    return tuple(item for item in found if item is not None)


def _cases(where: str, values: Sequence[str | int]) -> list[Values]:
    with connection.cursor() as cursor:
        cursor.execute(f"{CASES.select} WHERE {where}", values)
        return [CASES.decode(row) for row in cursor.fetchall()]


def _progress(row: Values, now: dt.datetime) -> Progress | None:
    procedure = deployment(row["content"], row["procedure"]).procedure
    if not procedure.stages:
        return None
    called = open_calls(row["id"])
    resting = _resting(row["id"])
    at = {element for element, _, _ in resting}
    current = next((item for item in procedure.stages if at & set(item.elements)), None)
    is_open = row["state"] == "open"
    every = [row, *called]
    receipts = (item["engine"]["vars"].get("receipt_number") for item in every)
    return Progress(
        case=row["id"],
        procedure=row["procedure"],
        number=row["number"],
        receipt=next((item for item in receipts if item is not None), None),
        title=procedure.title,
        started_at=from_microseconds(row["started_at"]),
        ended_at=None if is_open else from_microseconds(row["ended_at"]),
        stages=tuple(_stages(row, procedure, current)),
        promise=_promise(row, called, current, now) if is_open and current else None,
        wants=tuple(_wants(every)) if is_open else (),
        outcome=None if is_open else _outcome(row, procedure),
        ask_unit=_unit(row["unit"]),
        ask_post=_post(row["content"], procedure.contact),
    )


def _resting(case: str) -> list[tuple[str, str | None, int]]:
    """Where the case rests: element, message waited for, since when."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, (case, case))
        return [(element, name, int(opened)) for element, name, opened in cursor.fetchall()]


def _stages(row: Values, procedure: Procedure, current: Stage | None) -> Iterable[StageProgress]:
    reached = _reached(row, procedure)
    place = procedure.stages.index(current) if current else len(procedure.stages)
    for number, stage in enumerate(procedure.stages):
        since = reached.get(stage.id)
        if stage is current:
            state: StageState = "now"
        elif since is not None and (number < place or current is None):
            state = "done"
        elif number > place and row["state"] == "open":
            state, since = "coming", None
        else:
            state, since = "not_needed", None
        moment = from_microseconds(since) if since is not None else None
        yield StageProgress(stage.title, state, moment)


def _reached(row: Values, procedure: Procedure) -> dict[str, int]:
    """Stage -> when the case first rested in it, by its journal."""
    program = deployment(row["content"], row["procedure"]).program
    facts = (fact for stored in stream_rows(f"case:{row['id']}") for fact in stored.recorded())
    visits = walk(facts, program).visits
    found: dict[str, int] = {procedure.stages[0].id: row["started_at"]}
    for stage in procedure.stages[1:]:
        instants = [item.opened_at for item in visits if item.element in stage.elements]
        if instants:
            found[stage.id] = min(instants)
    return found


def _promise(
    row: Values, called: Sequence[Values], current: Stage, now: dt.datetime
) -> Promise | None:
    """The promise of the current stage; where a called case is at work, of its own."""
    clock = _running(row, current)
    for inner in called:
        procedure = deployment(inner["content"], inner["procedure"]).procedure
        at = {element for element, _, _ in _resting(inner["id"])}
        stage = next((item for item in procedure.stages if at & set(item.elements)), None)
        clock = clock or (_running(inner, stage) if stage else None)
    if clock is None:
        return None
    paused = clock.state == "paused"
    return Promise(clock.due_at, not paused and clock.due_at <= now, paused, clock.provisional)


def _running(row: Values, stage: Stage) -> ClockView | None:
    running = {item.clock: item for item in clocks_of(row["id"]) if item.state != "stopped"}
    return next((running[name] for name in stage.promise if name in running), None)


def _wants(rows: Sequence[Values]) -> Iterable[Want]:
    for row in rows:
        deployed = deployment(row["content"], row["procedure"])
        asked = [
            (text, name, since)
            for element, name, since in _resting(row["id"])
            if (text := asked_at(deployed, element)) is not None
        ]
        until = _waits_until(row["id"]) if asked else None
        for text, name, since in asked:
            message = deployed.procedure.messages.get(name or "")
            papers = message.papers if message else "none"
            form = form_of(deployed, message)
            yield Want(text, row["id"], name, from_microseconds(since), until, form, papers)


def _waits_until(case: str) -> dt.datetime | None:
    """When the first pause of the case's clocks ends."""
    paused = (item.paused_until for item in clocks_of(case) if item.state == "paused")
    return min((at for at in paused if at is not None), default=None)


def _outcome(row: Values, procedure: Procedure) -> Text:
    if row["outcome"] == "withdrawn":
        return _WITHDRAWN
    return procedure.outcomes.get(row["outcome"] or "", _ENDED)


def _unit(identity: str) -> Text:
    known = directory().units.get(identity)
    return known.name if known else Text("受理网点", "the outlet")


def _post(content: int, post: str | None) -> Text:
    roles = catalogue(content).get("roles", "roles")
    known = (roles.data["posts"] if roles else {}).get(post)
    return Text.from_mapping(known["title"]) if known else Text("受理岗", "the acceptance clerk")
