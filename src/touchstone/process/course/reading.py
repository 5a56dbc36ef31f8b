"""Reads the course of a case: its row, its stream, its clocks, the standard it runs by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from touchstone.clocks.queries import ClockView, calendar, clocks_by
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.reading import EventRow, stream_rows
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Language, Text
from touchstone.kernel.time import from_microseconds
from touchstone.kernel.workdays import Calendar
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.process.course.decisions import CaseDecision, decisions
from touchstone.process.course.names import Names
from touchstone.process.course.points import ControlPoint, control_points
from touchstone.process.course.submissions import EvidenceItem, Submission, evidence, submissions
from touchstone.process.course.timeline import Entry, timeline
from touchstone.process.course.walk import SentBack, Visit, Walk, states, walk
from touchstone.process.course.wording import span
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.folds import CASES
from touchstone.process.picture import Badge, Diagram, Mark, Overlay, State, read_diagram


@dataclass(frozen=True, slots=True)
class StepCourse:
    """What became of one step.

    Attributes:
        visits: every stay, in order.
        rounds: how often the case was there.
        sent_back: how often the step was sent back to somebody before it.
        redone: how often it was sent back here.
        lasted, worked: all stays together, by the wall clock and in working time.
    """

    element: str
    title: Text
    state: State
    clause: str | None
    posts: Text
    visits: tuple[Visit, ...]
    rounds: int
    sent_back: int
    redone: int
    lasted: dt.timedelta
    worked: dt.timedelta


@dataclass(frozen=True)
class Course:
    """The course of one case at an instant; everything a case's page shows of the past and to come.

    Attributes:
        case: the case's row.
        rows: the rows of its stream as stored.
        states: element -> where the case stands with it.
        flows: sequence flow -> how often it was gone along.
        steps: of every step, in the order of the procedure.
        entries: the timeline, the newest first.
        opinions: submissions that decide something, the newest first.
    """

    case: Values
    rows: tuple[EventRow, ...]
    deployed: Deployment
    names: Names
    now: dt.datetime
    diagram: Diagram | None
    states: Mapping[str, State]
    flows: Mapping[str, int]
    steps: tuple[StepCourse, ...]
    sent_back: tuple[SentBack, ...]
    clocks: tuple[ClockView, ...]
    entries: tuple[Entry, ...]
    points: tuple[ControlPoint, ...]
    decisions: tuple[CaseDecision, ...]
    submissions: tuple[Submission, ...]
    evidence: tuple[EvidenceItem, ...]

    @property
    def opinions(self) -> tuple[Submission, ...]:
        """What reviewers before said, the newest first."""
        return tuple(item for item in reversed(self.submissions) if item.decision is not None)

    @property
    def titles(self) -> Mapping[str, Text]:
        """What a picture of the procedure calls its steps."""
        return {name: step.title for name, step in self.deployed.procedure.steps.items()}

    def overlay(self, language: Language, *, links: Mapping[str, str] | None = None) -> Overlay:
        """The course as it is laid over the picture; ``links`` are hrefs by element."""
        told = {step.element: step for step in self.steps if step.visits}
        marks: dict[str, Mark] = {}
        for element, state in self.states.items():
            step = told.get(element)
            caption = ""
            if step and step.rounds and state in ("done", "here", "waiting"):
                caption = span(step.lasted).in_language(language)
                if step.rounds > 1:
                    caption += f" ×{step.rounds}"
            marks[element] = Mark(
                state=state,
                caption=caption,
                clock=self._badge(element, language) if state in ("here", "waiting") else None,
                href=(links or {}).get(element),
            )
        return Overlay(marks, dict.fromkeys(self.flows, 1))

    def _badge(self, element: str, language: Language) -> Badge | None:
        """The clock of the step, else the one of the whole case that runs out first."""
        running = [item for item in self.clocks if item.state != "stopped"]
        steps = self.deployed.procedure.steps
        own = [item for item in running if item.element == element]
        over_all = [item for item in running if item.element not in steps]
        clock = next(iter(own or over_all), None)
        if clock is None:
            return None
        if clock.state == "paused":
            return Badge("paused")
        left = clock.due_at - self.now
        words = span(abs(left)).in_language(language)
        if left <= dt.timedelta():
            return Badge("breached", f"+{words}")
        return Badge("warned" if clock.warnings else "running", words)


def case_of_number(number: str) -> str | None:
    """The id of the case with a number (``P03-260122-J79D8E``), or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case WHERE number = %s ORDER BY id", (number,))
        found = cursor.fetchone()
    return str(found[0]) if found else None


def read_course(case: str, *, now: dt.datetime, until: dt.datetime | None = None) -> Course:
    """The course of a case as it stands ``now``, or as it stood at ``until``.

    Whoever asks must have seen to it that the reader may see the case.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{CASES.select} WHERE id = %s", (case,))
        stored = cursor.fetchone()
    if stored is None:
        raise refuse("process.no_such_case", "没有这笔业务", "There is no such case")
    row = CASES.decode(stored)
    rows = tuple(stream_rows(f"case:{case}"))
    if until is not None:
        rows = tuple(item for item in rows if from_microseconds(item.recorded_at) <= until)
    return course_of(row, rows, now=until or now)


def course_of(row: Values, rows: tuple[EventRow, ...], *, now: dt.datetime) -> Course:
    """The course that the rows of a case's stream tell."""
    deployed = deployment(row["content"], row["procedure"])
    diagram = diagram_of(row["content"], deployed)
    names = names_of(deployed, diagram)
    facts = [recorded for item in rows for recorded in item.recorded()]
    walked = walk(facts, deployed.program)
    where = states(walked, deployed.program)
    return Course(
        case={**row, "state": "ended" if walked.ended else "open", "outcome": walked.outcome},
        rows=rows,
        deployed=deployed,
        names=names,
        now=now,
        diagram=diagram,
        states=where,
        flows=walked.flows,
        steps=tuple(_steps(walked, where, deployed, names, now)),
        sent_back=tuple(walked.sent_back),
        clocks=clocks_by(facts),
        entries=timeline(facts, names),
        points=control_points(deployed.procedure, facts, where, walked.superseded_after, names),
        decisions=decisions(
            facts, walked.superseded_after, deployed.forms, deployed.parameters, names
        ),
        submissions=submissions(facts, walked, deployed.forms, names),
        evidence=evidence(facts, walked, names),
    )


def diagram_of(content: int, deployed: Deployment) -> Diagram | None:
    """The picture of a procedure at a version of the standard; None where its file draws nothing."""
    procedure = deployed.procedure
    stored = catalogue(content).get("diagram", f"{procedure.slug}/{procedure.bpmn}")
    assert stored is not None, procedure.slug
    found = read_diagram(stored.content, file=stored.path, process=procedure.slug)
    return found if isinstance(found, Diagram) else None


@per_version
def outcome_title(content: int, slug: str, element: str) -> Text:
    """What the end of a case is called: the name of the end event it reached."""
    deployed = deployment(content, slug)
    return names_of(deployed, diagram_of(content, deployed)).outcome(element)


@per_version
def element_title(content: int, slug: str, element: str) -> Text:
    """What an element of a procedure's diagram is called."""
    deployed = deployment(content, slug)
    return names_of(deployed, diagram_of(content, deployed)).step(element)


def names_of(deployed: Deployment, diagram: Diagram | None) -> Names:
    """What the ids of a procedure's cases are called."""
    roles = catalogue(deployed.content).get("roles", "roles")
    posts = roles.data["posts"] if roles else {}
    shapes = diagram.shapes if diagram else ()
    return Names(
        procedure=deployed.procedure,
        program=deployed.program,
        directory=directory(),
        clocks={item.id: item for item in deployed.clocks},
        posts={name: Text.from_mapping(post["title"]) for name, post in posts.items()},
        elements={
            shape.element: Text(shape.names["zh"], shape.names["en"])
            for shape in shapes
            if shape.names["zh"]
        },
    )


def _steps(
    walked: Walk,
    where: Mapping[str, State],
    deployed: Deployment,
    names: Names,
    now: dt.datetime,
) -> Sequence[StepCourse]:
    used: Calendar = calendar()
    found = []
    for step in deployed.procedure.steps.values():
        visits = tuple(item for item in walked.visits if item.element == step.element)
        found.append(
            StepCourse(
                element=step.element,
                title=step.title,
                state=where[step.element],
                clause=step.clause,
                posts=names.post(step.group) if step.posts else Text("系统", "the system"),
                visits=visits,
                rounds=len(visits),
                sent_back=sum(
                    item.element == step.element and not item.is_taken_back
                    for item in walked.sent_back
                ),
                redone=sum(item.to == step.element for item in walked.sent_back),
                lasted=sum((item.lasted(now) for item in visits), dt.timedelta()),
                worked=sum((item.worked(used, now) for item in visits), dt.timedelta()),
            )
        )
    return found
