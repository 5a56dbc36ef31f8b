"""While somebody fills in a form: drafts, and files handed in before the act; and files shown later.

Only who may act on the task, or begin the procedure, may save there. What is stored here is no
business yet: the act that follows refers to it, or it goes away after some days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.evidence.actions import Opened, Stored, open_within, prepared, store_within
from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, look, perform
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import (
    check_competence,
    check_emergency,
    not_open,
    split_pool,
    standing_for,
)
from touchstone.process.actions.bringing import load_for_bringer
from touchstone.process.actions.cases import inbox_of, may_begin
from touchstone.process.deployment import deployment
from touchstone.process.drafts import (
    Draft,
    place_of_start,
    place_of_task,
    read_draft,
    remove_draft,
    remove_expired,
    write_draft,
)
from touchstone.process.forms import Form
from touchstone.process.own import asked_of_customer, require_own
from touchstone.process.separation import check_separation
from touchstone.process.store import Loaded, load_case, load_task, open_tasks

# Under this name a draft keeps the documents handed in so far: id -> sha256.
EVIDENCE = "_evidence"
_OPEN = frozenset({"open", "claimed"})


@dataclass(frozen=True, slots=True)
class AtTask:
    """A form that belongs to a task."""

    task: str


@dataclass(frozen=True, slots=True)
class AtStart:
    """A form that begins a case."""

    procedure: str
    unit: str
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class AtRequest:
    """What a case, or one that it called, waits for: the answer of its customer, or brought by staff."""

    case: str
    message: str


Desk = AtTask | AtStart | AtRequest


@dataclass(frozen=True, slots=True)
class _Seat:
    """What a person who may fill in a form needs.

    Attributes:
        place: where his draft lies.
        subject: whose key seals drafts and files.
    """

    place: str
    subject: str
    form: Form | None


def save_draft(context: ActContext, desk: Desk, typed: Mapping[str, Any], version: int) -> int:
    """Keep what was typed so far; the new version. ``version`` is the one it was loaded with, or 0.

    Raises:
        Refusal: ``process.draft_changed``, ``process.draft_too_large``, ``process.no_form`` and those
            of acting on the task.
    """

    def work(unit: UnitOfWork) -> int:
        seat = _seat(unit, desk)
        if seat.form is None:
            raise refuse("process.no_form", "此处没有表单", "There is no form here")
        fields = {*seat.form.properties, EVIDENCE}
        known = {name: item for name, item in typed.items() if name in fields}
        return write_draft(unit, seat.subject, seat.place, known, version)

    return perform("process.save_draft", context, work)


def load_draft(context: ActContext, desk: Desk) -> Draft | None:
    """One's own draft; None where there is none, or its time is over."""

    def work(unit: UnitOfWork) -> Draft | None:
        seat = _seat(unit, desk)
        return read_draft(unit, seat.subject, seat.place)

    return look("process.load_draft", context, work)


def discard_draft(context: ActContext, desk: Desk) -> None:
    """Throw one's own draft away."""

    def work(unit: UnitOfWork) -> None:
        remove_draft(unit, _seat(unit, desk).place)

    perform("process.discard_draft", context, work)


def remove_expired_drafts(context: ActContext) -> int:
    """Take away the drafts whose time is over; how many.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> int:
        require(directory(), context.actor, "process.tidy_drafts", day_of(unit.now))
        return remove_expired(unit)

    return perform("process.remove_expired_drafts", context, work)


def hand_in(context: ActContext, desk: Desk, name: str, content: bytes) -> Stored:
    """Store a file for the form that is being filled in; the act then refers to its sha256.

    Raises:
        Refusal: those of acting on the task, and ``evidence.*`` for what is not taken.
    """

    def check(unit: UnitOfWork) -> None:
        _seat(unit, desk)

    perform("process.hand_in", context, check)  # nobody writes to the disk who may not act here
    with prepared(context, name, content) as file:
        return perform(
            "process.hand_in",
            context,
            lambda unit: store_within(unit, _seat(unit, desk).subject, file),
        )


def show_evidence(context: ActContext, case: str, digest: str, reason: str) -> Opened:
    """The file of a case; that it was shown, to whom and why is journaled.

    Whoever acted on the case, or may take a task now of it or of a case that it called, may see it,
    and the posts that ``process.read_evidence`` names at the case's unit or above; a customer what
    he handed in himself.

    Raises:
        Refusal: ``process.no_such_case``, ``evidence.no_such_file``, ``identity.not_permitted``,
            ``vault.no_reason``, ``evidence.broken``.
    """

    def work(unit: UnitOfWork) -> Opened:
        loaded = load_case(unit, case)
        _may_see(unit, loaded, digest)
        return open_within(unit, loaded.subject, digest, reason)

    return perform("process.show_evidence", context, work)


def _may_see(unit: UnitOfWork, loaded: Loaded, digest: str) -> None:
    person, day = unit.context.actor, day_of(unit.now)
    if person.startswith("customer:"):
        _may_see_as_customer(unit, loaded, digest)
        return
    current = directory(loaded.directory)
    if current.is_here(person, day):
        if person in loaded.case["actors"]:
            return
        if any(_may_take(current, unit, loaded, task) for task in _tasks(unit, loaded)):
            return
    require(current, person, "process.read_evidence", day, unit=loaded.case["unit"])


def _may_see_as_customer(unit: UnitOfWork, loaded: Loaded, digest: str) -> None:
    person = unit.context.actor
    require_own(person, loaded)
    rows = unit.read(
        "SELECT stored_by FROM evidence_file WHERE subject = %s AND sha256 = %s",
        (loaded.subject, digest),
    )
    if not rows or rows[0][0] != person:
        raise refuse("evidence.no_such_file", "没有这份文件", "There is no such file")


def _tasks(unit: UnitOfWork, loaded: Loaded) -> list[dict[str, Any]]:
    called = unit.read(
        "SELECT id FROM process_case WHERE caller_case = %s AND state = 'open' ORDER BY id",
        (loaded.case["id"],),
    )
    found = open_tasks(unit, loaded.case["id"])
    for (case,) in called:
        found += open_tasks(unit, case)
    return found


def _may_take(
    current: Directory, unit: UnitOfWork, loaded: Loaded, task: Mapping[str, Any]
) -> bool:
    person, day = unit.context.actor, day_of(unit.now)
    posts, place = split_pool(task["pool"])
    if task["claimed_by"] == person or person in (task["signers"] or {}):
        return True
    return task["state"] == "open" and current.standing(person, posts, place, day) is not None


def _seat(unit: UnitOfWork, desk: Desk) -> _Seat:
    if isinstance(desk, AtTask):
        return _seat_at_task(unit, desk)
    if isinstance(desk, AtRequest):
        is_customer = unit.context.actor.startswith("customer:")
        load = asked_of_customer if is_customer else load_for_bringer
        loaded = load(unit, desk.case, desk.message)
        return _Seat(f"request:{desk.case}/{desk.message}", loaded.subject, None)
    return _seat_at_start(unit, desk)


def _seat_at_task(unit: UnitOfWork, desk: AtTask) -> _Seat:
    """The same questions as completing the task asks of the person.

    Raises:
        Refusal: ``process.no_such_task``, ``process.task_not_open``, ``process.not_permitted`` …
    """
    loaded = load_task(unit, desk.task)
    task, case = loaded.task, loaded.case
    assert task is not None
    deployed = deployment(case["content"], case["procedure"])
    step = deployed.procedure.steps[task["element"]]
    if task["state"] not in _OPEN:
        raise not_open(step.title)
    person, day = unit.context.actor, day_of(unit.now)
    standing = standing_for(directory(loaded.directory), person, task, step.title, day)
    check_emergency(task, person, unit.now_us)
    check_competence(deployed.procedure, step.element, person, day)
    refused = check_separation(deployed.procedure, step.element, standing.persons, case["actors"])
    if refused:
        raise refused
    return _Seat(place_of_task(desk.task), loaded.subject, deployed.forms.get(step.form or ""))


def _seat_at_start(unit: UnitOfWork, desk: AtStart) -> _Seat:
    deployed = deployment(catalogue().version, desk.procedure)
    person = unit.context.actor
    may_begin(deployed.procedure, directory(), person, desk.unit, day_of(unit.now), desk.customer)
    return _Seat(
        place_of_start(desk.procedure, desk.unit, desk.customer),
        inbox_of(person),
        deployed.forms.get(deployed.procedure.start.form or ""),
    )
