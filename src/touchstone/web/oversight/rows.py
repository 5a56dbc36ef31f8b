"""Matters, held tasks, overdue clocks and incidents as their rows show them to one visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.process.access import split_pool
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.finding import KnownCase
from touchstone.process.queries import matters
from touchstone.process.watching import (
    HeldTask,
    Incident,
    LaterNote,
    Matter,
    OverdueClock,
    matters_named,
)
from touchstone.web.naming import Naming
from touchstone.web.visitor import Visitor

_WHY: Mapping[str, Text] = {
    "named_post": Text("条款指定岗位", "the post that the clause names"),
    "post_vacant": Text(
        "指定岗位空缺，由机构负责人承担", "the named post is vacant: the unit's head"
    ),
    "no_post_named": Text("未指定岗位，由机构负责人承担", "no post is named: the unit's head"),
    "nobody": Text("无人在岗，由总行质量岗承担", "nobody is there: head office's quality post"),
}


@dataclass(frozen=True)
class Context:
    """The case a row belongs to, in words."""

    case: KnownCase
    business: Text
    unit: Text
    step: Text | None


def _context(case: KnownCase, element: str | None, naming: Naming) -> Context:
    procedure = deployment(case.content, case.procedure).procedure
    step = procedure.steps.get(element or "")
    return Context(case, procedure.title, naming.unit(case.unit), step.title if step else None)


@dataclass(frozen=True)
class MatterRow:
    """A matter, in words; ``may_close``: the visitor is the one who sees to it."""

    matter: Matter
    context: Context
    subject: Text
    pool: Text
    persons: Text
    why: Text | None
    closed_by: Text
    may_close: bool
    is_late: bool


def matter_rows(found: Iterable[Matter], visitor: Visitor, now_us: int) -> tuple[MatterRow, ...]:
    """Rows in the order found."""
    naming = Naming(visitor.directory)
    return tuple(_matter_row(item, visitor, naming, now_us) for item in found)


def my_matters(visitor: Visitor, now_us: int, *, limit: int = 20) -> tuple[MatterRow, ...]:
    """The open matters that the visitor sees to, for his own page."""
    entries = matters(visitor.actor, visitor.pools, limit=limit)
    known = matters_named([entry.matter for entry in entries])
    found = (known[entry.matter] for entry in entries if entry.matter in known)
    return matter_rows(found, visitor, now_us)


def _matter_row(item: Matter, visitor: Visitor, naming: Naming, now_us: int) -> MatterRow:
    deployed = deployment(item.case.content, item.case.procedure)
    names = [naming.person(person) for person in item.persons]
    return MatterRow(
        item,
        _context(item.case, item.element, naming),
        _subject(item, deployed),
        naming.pool(item.pool),
        Text("、".join(name.zh for name in names), ", ".join(name.en for name in names)),
        _WHY.get(item.why or ""),
        naming.person(item.closed_by),
        may_close(item, visitor),
        # An escalation is about a deadline that passed; its own lateness is none.
        item.kind != "escalation" and item.due_at is not None and item.due_at <= now_us,
    )


def may_close(item: Matter, visitor: Visitor) -> bool:
    """Whether the visitor holds the post that sees to a matter, and it is not his own doing."""
    if item.state != "open":
        return False
    posts, place = split_pool(item.pool)
    standing = visitor.directory.standing(visitor.actor, posts, place, visitor.day)
    if standing is None:
        return False
    return {visitor.actor, standing.on_behalf_of}.isdisjoint(item.barred)


def _subject(item: Matter, deployed: Deployment) -> Text:
    if item.kind == "escalation":
        clock = item.subject.rpartition("/")[0]
        title = clock_title(clock, deployed)
        return Text(f"「{title.zh}」超时", f"“{title.en}” is overdue")
    if item.kind == "handoff":
        return Text(f"移交 {item.subject}", f"Handed over to {item.subject}")
    return Text("复查紧急授权", "Review of a break-glass")


def clock_title(clock: str, deployed: Deployment) -> Text:
    """What a procedure calls one of its clocks."""
    known = next((item for item in deployed.clocks if item.id == clock), None)
    return known.title if known else Text(clock, clock)


@dataclass(frozen=True)
class HeldRow:
    """A held task, in words."""

    task: HeldTask
    context: Context
    control: Text
    clause: str | None
    post: Text
    by: Text
    may_release: bool


def held_rows(found: Iterable[HeldTask], visitor: Visitor) -> tuple[HeldRow, ...]:
    """Rows in the order found."""
    naming = Naming(visitor.directory)
    rows = []
    for item in found:
        procedure = deployment(item.case.content, item.case.procedure).procedure
        control = next((one for one in procedure.controls if one.id == item.control), None)
        names = [naming.person(person) for person in item.by]
        rows.append(
            HeldRow(
                item,
                _context(item.case, item.element, naming),
                control.title if control else Text(item.control, item.control),
                control.clause if control else None,
                naming.post(item.post),
                Text("、".join(one.zh for one in names), ", ".join(one.en for one in names)),
                _may_release(item, visitor),
            )
        )
    return tuple(rows)


def _may_release(item: HeldTask, visitor: Visitor) -> bool:
    if visitor.actor in item.by:
        return False
    known = visitor.directory
    _, place = split_pool(item.pool)
    places = {place, known.ancestor(place, "branch"), known.ancestor(place, "head")}
    return any(
        known.standing(visitor.actor, [item.post], unit, visitor.day) is not None for unit in places
    )


@dataclass(frozen=True)
class OverdueRow:
    """An overdue clock, in words."""

    clock: OverdueClock
    context: Context
    title: Text


def overdue_rows(found: Iterable[OverdueClock], naming: Naming) -> tuple[OverdueRow, ...]:
    """Rows in the order found."""
    return tuple(
        OverdueRow(
            item,
            _context(item.case, item.element, naming),
            clock_title(item.clock, deployment(item.case.content, item.case.procedure)),
        )
        for item in found
    )


@dataclass(frozen=True)
class IncidentRow:
    """An incident, in words."""

    incident: Incident
    context: Context


def incident_rows(found: Iterable[Incident], naming: Naming) -> tuple[IncidentRow, ...]:
    """Rows in the order found."""
    return tuple(IncidentRow(item, _context(item.case, item.element, naming)) for item in found)


@dataclass(frozen=True)
class LaterRow:
    """A later entry, in words."""

    note: LaterNote
    context: Context
    recorded_by: Text
    performed_by: Text


def later_rows(found: Iterable[LaterNote], naming: Naming) -> tuple[LaterRow, ...]:
    """Rows in the order found."""
    return tuple(
        LaterRow(
            item,
            _context(item.case, item.element, naming),
            naming.person(item.recorded_by),
            naming.person(item.performed_by),
        )
        for item in found
    )
