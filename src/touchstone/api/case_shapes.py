"""The shapes of cases, and how they are filled from the frozen values of ``process``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema
from pydantic import Field

from touchstone.api.paging import Next
from touchstone.api.shapes import Money, Words, at, money, said
from touchstone.clocks.queries import ClockView
from touchstone.kernel.time import from_microseconds
from touchstone.process.course import CaseDecision, Course, Entry, Submission
from touchstone.process.course import EvidenceItem as Document
from touchstone.process.course.decisions import Value
from touchstone.process.course.names import Names
from touchstone.process.deployment import deployment
from touchstone.process.listing import CaseLine


class CaseItem(Schema):
    """One case of a list."""

    id: str
    number: str = Field(description="As printed on receipts")
    procedure: str
    title: Words
    unit: str
    customer: str | None = Field(description="The customer's id, never his name")
    state: str = Field(description="`open` or `ended`")
    outcome: str | None = Field(description="The end that it reached")
    amount: Money | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    steps: list[Words] = Field(description="Steps that wait for people")
    due_at: dt.datetime | None = Field(description="Earliest deadline of its running clocks")
    is_late: bool


class CasePage(Schema):
    """A page of cases."""

    items: list[CaseItem]
    next: Next


class StepItem(Schema):
    """What became of one step."""

    element: str
    title: Words
    state: str
    clause: str | None
    posts: Words
    rounds: int = Field(description="How often the case was there")


class FieldItem(Schema):
    """One field as submitted."""

    name: str
    title: Words
    is_sealed: bool
    value: Any = Field(description="null where it is sealed")


class SubmissionItem(Schema):
    """One form or opinion as submitted."""

    element: str
    step: Words
    by: list[str]
    at: dt.datetime
    fields: list[FieldItem]
    superseded: bool = Field(description="A later sending back took it back")


class ConditionItem(Schema):
    """A condition of a rule, with the thresholds of the day."""

    label: Words
    test: Words


class RuleItem(Schema):
    """A rule that matched, in words."""

    id: str
    number: int = Field(description="Its place in the table; 0: the value was missing")
    conditions: list[ConditionItem]
    why: Words
    points: int | None = Field(description="What it is worth, of a class of a scorecard")


class ValueItem(Schema):
    """An input, an output or a threshold of a decision."""

    name: str
    label: Words
    value: Any
    text: Words


class DecisionItem(Schema):
    """A decision made in the case, by which rules and from what."""

    id: str
    element: str
    step: Words
    decision: str
    sha256: str = Field(description="Of the table or card that decided")
    title: Words
    clauses: list[str]
    decided_at: dt.datetime
    outputs: list[ValueItem]
    inputs: list[ValueItem]
    parameters: list[ValueItem]
    rules: list[RuleItem]
    is_undecided: bool
    why: list[str]
    superseded: bool


class CaseDetail(Schema):
    """One case."""

    id: str
    number: str
    procedure: str
    title: Words
    unit: str
    customer: str | None
    state: str
    outcome: str | None
    amount: Money | None
    standard: int = Field(description="Version of the standard that it runs by")
    started_at: dt.datetime
    ended_at: dt.datetime | None
    steps: list[StepItem]
    submissions: list[SubmissionItem]
    decisions: list[DecisionItem]


class EntryItem(Schema):
    """One fact of a case."""

    stream: str
    position: int
    index: int
    kind: str
    actor: str
    on_behalf_of: str | None
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    text: Words
    element: str | None
    clause: str | None


class TimelinePage(Schema):
    """A page of a timeline."""

    items: list[EntryItem]
    next: Next


class ClockItem(Schema):
    """A clock."""

    clock: str
    title: Words
    round: int
    status: str = Field(description="`running`, `paused`, `stopped` or `breached`")
    element: str | None
    clause: str
    parameter: str = Field(description="The parameter that sets its limit")
    limit: Words
    started_at: dt.datetime
    due_at: dt.datetime
    stopped_at: dt.datetime | None
    breached_at: dt.datetime | None
    paused_for: Words | None
    is_provisional: bool = Field(description="It counts over days that are not announced yet")
    derivation: list[Words] = Field(description="Why it is due then, line by line")


class EvidenceItem(Schema):
    """A document."""

    id: str
    title: Words
    sha256: str
    element: str | None
    by: str
    at: dt.datetime
    replaced: bool = Field(description="The same was filed again later")


def case_item(line: CaseLine) -> CaseItem:
    """A line of a list."""
    procedure = deployment(line.content, line.procedure).procedure
    return CaseItem(
        id=line.id,
        number=line.number,
        procedure=line.procedure,
        title=said(procedure.title),
        unit=line.unit,
        customer=line.customer,
        state=line.state,
        outcome=line.outcome,
        amount=money(line.variables.get("amount")),
        started_at=from_microseconds(line.started_at),
        ended_at=at(line.ended_at),
        steps=[said(procedure.steps[step].title) for step in line.steps if step in procedure.steps],
        due_at=at(line.due_at),
        is_late=line.is_late,
    )


def case_detail(course: Course) -> CaseDetail:
    """A case as its course tells it."""
    row = course.case
    return CaseDetail(
        id=row["id"],
        number=row["number"],
        procedure=row["procedure"],
        title=said(course.deployed.procedure.title),
        unit=row["unit"],
        customer=row["customer"],
        state=row["state"],
        outcome=row["outcome"],
        amount=money(row["engine"]["vars"].get("amount")),
        standard=row["content"],
        started_at=from_microseconds(row["started_at"]),
        ended_at=at(row["ended_at"]),
        steps=[
            StepItem(
                element=step.element,
                title=said(step.title),
                state=step.state,
                clause=step.clause,
                posts=said(step.posts),
                rounds=step.rounds,
            )
            for step in course.steps
        ],
        submissions=[_submission(item) for item in course.submissions],
        decisions=[_decision(item) for item in course.decisions],
    )


def _decision(item: CaseDecision) -> DecisionItem:
    return DecisionItem(
        id=item.id,
        element=item.element,
        step=said(item.step),
        decision=item.decision,
        sha256=item.sha256,
        title=said(item.title),
        clauses=list(item.clauses),
        decided_at=from_microseconds(item.at),
        outputs=[_value(value) for value in item.outputs],
        inputs=[_value(value) for value in item.inputs],
        parameters=[_value(value) for value in item.parameters],
        rules=[
            RuleItem(
                id=rule.id,
                number=rule.number,
                conditions=[
                    ConditionItem(label=said(part.label), test=said(part.test))
                    for part in rule.conditions
                ],
                why=said(rule.why),
                points=rule.points,
            )
            for rule in item.rules
        ],
        is_undecided=item.undecided,
        why=list(item.why),
        superseded=item.superseded,
    )


def _value(item: Value) -> ValueItem:
    return ValueItem(name=item.name, label=said(item.label), value=item.value, text=said(item.text))


def _submission(item: Submission) -> SubmissionItem:
    return SubmissionItem(
        element=item.element,
        step=said(item.step),
        by=list(item.by),
        at=from_microseconds(item.at),
        superseded=item.superseded,
        fields=[
            FieldItem(
                name=field.name,
                title=said(field.title),
                is_sealed=field.reference is not None,
                value=None if field.reference is not None else field.value,
            )
            for field in item.fields
        ],
    )


def entry_item(entry: Entry) -> EntryItem:
    """A fact of a timeline."""
    return EntryItem(
        stream=entry.stream,
        position=entry.position,
        index=entry.index,
        kind=entry.kind,
        actor=entry.actor,
        on_behalf_of=entry.on_behalf_of,
        occurred_at=from_microseconds(entry.occurred_at),
        recorded_at=from_microseconds(entry.recorded_at),
        text=said(entry.text),
        element=entry.element,
        clause=entry.clause,
    )


def clock_item(clock: ClockView, names: Names) -> ClockItem:
    """A clock with the reasons of its deadline."""
    return ClockItem(
        clock=clock.clock,
        title=said(names.clock(clock.clock)),
        round=clock.round,
        status=clock.status,
        element=clock.element,
        clause=clock.clause,
        parameter=clock.parameter,
        limit=said(clock.limit),
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        paused_for=said(clock.paused_for) if clock.paused_for else None,
        is_provisional=clock.provisional,
        derivation=[said(line) for line in clock.derivation.lines()],
    )


def evidence_item(item: Document) -> EvidenceItem:
    """A document by its digest."""
    return EvidenceItem(
        id=item.id,
        title=said(item.title),
        sha256=item.sha256,
        element=item.element,
        by=item.by,
        at=from_microseconds(item.at),
        replaced=item.replaced,
    )
