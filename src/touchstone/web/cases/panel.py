"""One case as its page shows it: what can be done now, the form, the picture, the margin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from touchstone.clocks.queries import ClockView
from touchstone.journal.projections import Values
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.filling import AtTask
from touchstone.process.bringing import Awaited, awaited
from touchstone.process.course import (
    Course,
    EvidenceItem,
    Submission,
    element_title,
    read_course,
)
from touchstone.process.forms import Form
from touchstone.process.offers import Offer, offers_for
from touchstone.process.picture import draw
from touchstone.process.procedure import Control
from touchstone.process.progress import Progress, progress_of
from touchstone.process.queries import is_named_in, open_calls
from touchstone.records.queries import customer
from touchstone.standard.queries import Clause, clauses
from touchstone.ui.templatetags.say import active_language
from touchstone.web.access import no_such_page
from touchstone.web.filling import known_draft
from touchstone.web.request import PageRequest


@dataclass(frozen=True)
class Typed:
    """What was typed into a form that was not taken: shown again, with what is wrong with it.

    Attributes:
        place: the task, or the message that was to be brought.
    """

    place: str
    values: Mapping[str, Any]
    errors: Mapping[str, Text] = field(default_factory=dict)
    refusal: Refusal | None = None


@dataclass(frozen=True)
class TaskPanel:
    """One task with its form."""

    offer: Offer
    form: Form | None
    draft_version: int
    values: Mapping[str, Any]
    errors: Mapping[str, Text]
    checks: tuple[Control, ...]
    refusal: Refusal | None
    targets: tuple[tuple[str, Text], ...]
    taken_by: Text | None
    posts: Text
    unit: Text


@dataclass(frozen=True)
class AwaitedPanel:
    """A message that the visitor may bring, with what he typed so far."""

    awaited: Awaited
    title: Text
    values: Mapping[str, Any]
    errors: Mapping[str, Text]
    refusal: Refusal | None


@dataclass(frozen=True)
class Origin:
    """What a called case was called for: the application, and the papers handed in with it.

    Attributes:
        is_open_to: whether the visitor may open the caller's own page.
    """

    course: Course
    is_open_to: bool

    @property
    def application(self) -> Submission | None:
        """The form that the caller began with."""
        return next(iter(self.course.submissions), None)

    @property
    def papers(self) -> tuple[EvidenceItem, ...]:
        """What came with the application."""
        return tuple(item for item in self.course.evidence if item.element is None)


@dataclass(frozen=True)
class CasePanel:
    """Everything the page of a case shows."""

    course: Course
    title: Text
    customer: str | None
    customer_name: str | None
    unit: Text
    outcome: Text | None
    tasks: tuple[TaskPanel, ...]
    awaited: tuple[AwaitedPanel, ...]
    clauses: tuple[Clause, ...]
    standard: str
    progress: Progress | None
    origin: Origin | None

    @property
    def clocks(self) -> list[ClockView]:
        """What runs stands first, what runs out next before the rest."""
        return sorted(self.course.clocks, key=lambda item: (item.state == "stopped", item.due_at))


def course_for(request: PageRequest, case: str) -> Course:
    """The course of a case that the visitor may read; any other does not exist for him.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    try:
        course = read_course(case, now=request.now)
    except Refusal:
        raise no_such_page() from None
    if not _shows(request, course):
        raise no_such_page()
    return course


def _shows(request: PageRequest, course: Course) -> bool:
    row, visitor = course.case, request.visitor
    return visitor.sight.shows(
        row["procedure"], row["unit"], row["customer"], row["actors"]
    ) or is_named_in(row["id"], visitor.actor)


def origin_of(request: PageRequest, course: Course) -> Origin | None:
    """What the case was called for, where another case called it."""
    caller = course.case["caller_case"]
    if caller is None:
        return None
    found = read_course(caller, now=request.now)
    return Origin(found, _shows(request, found))


def case_panel(request: PageRequest, course: Course, typed: Typed | None = None) -> CasePanel:
    """The page's values for the visitor."""
    visitor, row = request.visitor, course.case
    offers = offers_for(row, course.deployed, visitor.directory, visitor.actor, request.now)
    known = customer(row["customer"]) if row["customer"] else None
    shown = clauses(row["content"])
    tasks = tuple(_task(request, item, course, typed) for item in offers)
    named = dict.fromkeys(
        [*(item.offer.step.clause for item in tasks), *course.deployed.procedure.clauses[:2]]
    )
    version = catalogue(row["content"])
    return CasePanel(
        course=course,
        title=course.deployed.procedure.title,
        customer=row["customer"],
        customer_name=known.masked().get("name") if known else None,
        unit=course.names.unit(row["unit"]),
        outcome=course.names.outcome(row["outcome"]) if row["outcome"] else None,
        tasks=tasks,
        awaited=tuple(_awaited(request, course, typed)) if row["state"] == "open" else (),
        clauses=tuple(shown[name] for name in named if name and name in shown),
        progress=_progress(row, request),
        origin=origin_of(request, course),
        standard=f"{version.pack.upper()} {version.pack_version}" if version.version else "",
    )


def _task(request: PageRequest, offer: Offer, course: Course, typed: Typed | None) -> TaskPanel:
    deployed, names, step = course.deployed, course.names, offer.step
    again = typed if typed and typed.place == offer.task["id"] else None
    draft = known_draft(request, AtTask(offer.task["id"])) if offer.may_complete else None
    before = draft.typed if draft else _before(offer, course)
    group, _, unit = offer.task["pool"].rpartition("@")
    return TaskPanel(
        offer=offer,
        form=deployed.forms.get(step.form) if step.form else None,
        draft_version=draft.version if draft else 0,
        values=again.values if again else before,
        errors=again.errors if again else {},
        checks=deployed.procedure.controls_at(step.element, "complete"),
        refusal=again.refusal if again else None,
        targets=tuple((target, names.step(target)) for target in step.back_to),
        taken_by=names.person(offer.task["claimed_by"]) if offer.task["claimed_by"] else None,
        posts=names.post(group),
        unit=names.unit(unit),
    )


def _awaited(request: PageRequest, course: Course, typed: Typed | None) -> Iterator[AwaitedPanel]:
    """What the case and those it called wait for, where the visitor may bring it."""
    visitor, row = request.visitor, course.case
    rows = (row, *open_calls(row["id"]))
    for item in awaited(rows, visitor.directory, visitor.actor, request.now):
        again = typed if typed and typed.place == item.name and item.case == row["id"] else None
        called = next(found for found in rows if found["id"] == item.case)
        yield AwaitedPanel(
            item,
            element_title(called["content"], called["procedure"], item.element),
            again.values if again else {},
            again.errors if again else {},
            again.refusal if again else None,
        )


def _progress(row: Values, request: PageRequest) -> Progress | None:
    """What the customer is shown, where the case is a customer's and he sees it at all."""
    if row["customer"] is None:
        return None
    try:
        return progress_of(row["customer"], row["id"], now=request.now)
    except Refusal:
        return None


def _before(offer: Offer, course: Course) -> Mapping[str, Any]:
    """Open values of the step's form that are known already; sent back, one begins with them."""
    form = course.deployed.forms.get(offer.step.form or "")
    known = course.case["engine"]["vars"]
    if form is None:
        return {}
    done_before = {
        item.name: item.value
        for submission in course.submissions
        if submission.element == offer.step.element
        for item in submission.fields
        if item.reference is None
    }
    return {
        name: done_before.get(name, known.get(name))
        for name in form.properties
        if name in done_before or (name in known and name in form.open_fields)
    }


def picture_of(course: Course) -> SafeString:
    """The procedure's picture with the way of this case laid over it."""
    if course.diagram is None:
        return SafeString("")
    language = active_language()
    steps = course.deployed.procedure.steps
    links = {name: f"#step-{name}" for name in steps if course.states.get(name) != "coming"}
    title = course.deployed.procedure.title.in_language(language)
    drawn = draw(
        course.diagram,
        language=language,
        titles=course.titles,
        overlay=course.overlay(language, links=links),
        title=title,
        identity="case",
    )
    return mark_safe(drawn)  # noqa: S308 - drawn by process.picture, every text escaped there


def address_of(case: str) -> str:
    """The page of a case."""
    return reverse("case", args=[case])
