"""One customer as his page shows him to one visitor: masked, with the business the visitor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.decisions.limits.definition import Exposure
from touchstone.decisions.limits.queries import exposures_of
from touchstone.journal.reading import EventRow
from touchstone.journal.search import Wanted, find
from touchstone.kernel.facts import Fact
from touchstone.kernel.text import Text
from touchstone.process.deployment import deployment
from touchstone.process.finding import KnownCase, cases_of_customer
from touchstone.records.customer_form import REGISTRATION
from touchstone.records.queries import Customer
from touchstone.web.journal.rows import facts_of
from touchstone.web.journal.wording import kind_title
from touchstone.web.naming import Naming
from touchstone.web.visitor import Visitor

SEALED = ("name", "identity_number", "telephone", "address")
_MOST_EVENTS = 120
_MOST_CASES = 40
# What tells a customer's story; routine of the engine and of clocks does not.
_STORY = (
    "records.customer_registered",
    "records.customer_changed",
    "records.customer_erased",
    "process.case_started",
    "process.case_ended",
    "process.case_withdrawn",
    "process.sent_back",
    "process.message_received",
    "process.escalated",
    "clocks.breached",
)
_CONSENT = "process.control_executed"


@dataclass(frozen=True, slots=True)
class SealedField:
    """One sealed field: its mask, and its value where it was shown this once."""

    name: str
    title: Text
    mask: str
    value: str | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the customer; instants in microseconds."""

    case: KnownCase
    business: Text
    unit: Text


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened; instants in microseconds."""

    at: int
    text: Text
    case: KnownCase | None
    actor: Text


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that a control point asked for, and whether it was there."""

    at: int
    title: Text
    clause: str
    is_given: bool
    case: KnownCase


@dataclass(frozen=True)
class CustomerPanel:
    """Everything on a customer's page.

    Attributes:
        exposures: what he has taken up of limits today; None where the visitor may not read it.
    """

    customer: Customer
    kind: Text
    grade: Text
    unit: Text
    fields: tuple[SealedField, ...]
    open: tuple[CaseRow, ...]
    ended: tuple[CaseRow, ...]
    story: tuple[Moment, ...]
    consents: tuple[Consent, ...]
    exposures: tuple[Exposure, ...] | None
    may_show: bool
    may_change: bool

    @property
    def title(self) -> str:
        """The masked name, or the id where it was erased."""
        return self.fields[0].mask or self.customer.id


def customer_panel(
    known: Customer, visitor: Visitor, shown: Mapping[str, Any] | None = None
) -> CustomerPanel:
    """The page's values; ``shown`` holds what the visitor was just shown for a reason."""
    naming = Naming(visitor.directory)
    cases = visible_cases(known.id, visitor)
    rows = [CaseRow(case, business(case), naming.unit(case.unit)) for case in cases]
    events = _events(known.id, cases)
    masked = known.masked() if known.state == "active" else {}
    active = known.state == "active"
    return CustomerPanel(
        known,
        _label("kind", known.kind),
        _label("risk_grade", known.risk_grade),
        naming.unit(known.unit),
        tuple(
            SealedField(
                name,
                REGISTRATION.title_of(name),
                masked.get(name, ""),
                str(shown[name]) if shown and name in shown else None,
            )
            for name in SEALED
        ),
        tuple(row for row in rows if row.case.state == "open"),
        tuple(row for row in rows if row.case.state != "open"),
        _story(events, cases, naming),
        _consents(events, cases),
        exposures_of(known.id, "customer", visitor.day)
        if visitor.may("limits.read", known.unit)
        else None,
        may_show=active and visitor.may("vault.reveal", known.unit),
        may_change=active and visitor.may("records.change_customer", known.unit),
    )


def _label(field: str, value: str) -> Text:
    found = REGISTRATION.field_at([field])
    return found.label_of(value) if found else Text(value, value)


def visible_cases(customer: str, visitor: Visitor) -> tuple[KnownCase, ...]:
    """Those of a customer's cases that the visitor may see, the newest first."""
    return cases_of_customer(customer, sight=visitor.sight, most=_MOST_CASES)


def business(case: KnownCase) -> Text:
    """What a case is about: its procedure's title."""
    return deployment(case.content, case.procedure).procedure.title


def _events(customer: str, cases: tuple[KnownCase, ...]) -> tuple[EventRow, ...]:
    streams = (f"customer:{customer}", *(f"case:{case.id}" for case in cases))
    story = find(Wanted(streams, kinds=_STORY), most=_MOST_EVENTS).rows
    if not cases:
        return story
    return (*story, *find(Wanted(streams[1:], kinds=(_CONSENT,)), most=3 * _MOST_EVENTS).rows)


def _case_of(row: EventRow, cases: tuple[KnownCase, ...]) -> KnownCase | None:
    identity = row.stream.removeprefix("case:")
    return next((case for case in cases if case.id == identity), None)


def _story(
    events: tuple[EventRow, ...], cases: tuple[KnownCase, ...], naming: Naming
) -> tuple[Moment, ...]:
    found: dict[tuple[str, int, str], Moment] = {}
    for row in events:
        for fact in facts_of(row):
            if fact.kind in _STORY:
                case = _case_of(row, cases)
                place = (row.stream, row.position, fact.kind)
                found[place] = Moment(
                    row.occurred_at, kind_title(fact.kind), case, naming.person(row.actor)
                )
    listed = sorted(found.values(), key=lambda moment: -moment.at)
    return tuple(listed[:_MOST_EVENTS])


def _consents(events: tuple[EventRow, ...], cases: tuple[KnownCase, ...]) -> tuple[Consent, ...]:
    found: dict[tuple[str, int, str], Consent] = {}
    for row in events:
        case = _case_of(row, cases)
        if case is None:
            continue
        asked = {
            control.id: control
            for control in deployment(case.content, case.procedure).procedure.controls
            if control.kind == "consent"
        }
        for fact in facts_of(row):
            control = asked.get(_control(fact))
            if control is not None:
                found[row.stream, row.position, control.id] = Consent(
                    row.occurred_at,
                    control.title,
                    control.clause,
                    fact.data["result"] == "met",
                    case,
                )
    return tuple(sorted(found.values(), key=lambda consent: -consent.at))


def _control(fact: Fact) -> str:
    return str(fact.data["control"]) if fact.kind == _CONSENT else ""
