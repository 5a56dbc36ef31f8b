"""The standard in force: clauses, parameters, procedures with their steps."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from touchstone.api.caller import caller_of, needs, not_found
from touchstone.api.shapes import Id, Words, number, said
from touchstone.kernel.parameters import CURRENCIES, NUMBERS, Parameter
from touchstone.measures.queries.tracing import traces
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import Deployment, deployment
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses

router = Router(tags=["standard"])


class ClauseItem(Schema):
    """A clause."""

    id: str
    chapter: str
    section: str
    title: Words
    text: Words
    kind: str = Field(description="N, T, M, C, G or D")
    owner: str


class ParameterItem(Schema):
    """A number of the standard as it stands today."""

    id: str
    title: Words
    unit: str
    clause: str
    value: Any = Field(description="Numbers and amounts as decimal text; null: none in force yet")
    currency: str | None = Field(description="Of an amount")
    since: dt.date | None
    is_provisional: bool
    is_own: bool = Field(description="Set by the institution itself")


class TraceLink(Schema):
    """A control point or clock that carries a clause out, and how often it ran in the month."""

    id: str
    procedure: str = Field(description="Its number, such as P03")
    kind: str = Field(description="control or clock")
    runs: int


class TraceItem(Schema):
    """A clause with everything that hangs on it."""

    clause: str
    state: str = Field(description="alive, demonstrated, dead, exempt, not_normative or not_run")
    controls: list[TraceLink]
    indicators: dict[str, str] = Field(description="Indicator and its verdict")
    evidence: int
    gaps: list[str]


class ProcedureItem(Schema):
    """A procedure."""

    slug: str
    number: str
    title: Words
    purpose: Words
    clauses: list[str]


class ProcedureStep(Schema):
    """A step of a procedure."""

    element: str
    title: Words
    guide: Words | None
    posts: list[str]
    clause: str | None
    form: str | None
    controls: list[str]
    back_to: list[str]


class ProcedureDetail(ProcedureItem):
    """A procedure with its steps."""

    start_posts: list[str] = Field(description="Who may begin it; empty: nobody by hand")
    start_form: dict[str, Any] | None = Field(description="JSON Schema of what it begins with")
    needs_customer: bool
    steps: list[ProcedureStep]


@router.get("/clauses", response=list[ClauseItem], **needs("standard:read"), summary="Clauses")
def all_clauses(
    request: HttpRequest,
    chapter: Annotated[Id | None, Query(None, description="Only of this chapter")],
) -> list[ClauseItem]:
    """The clauses in force, by id."""
    known = clauses(catalogue().version)
    return [_clause(known[key]) for key in sorted(known) if chapter in (None, known[key].chapter)]


@router.get(
    "/clauses/{clause}", response=ClauseItem, **needs("standard:read"), summary="One clause"
)
def one_clause(request: HttpRequest, clause: Annotated[Id, Path()]) -> ClauseItem:
    """One clause."""
    found = clauses(catalogue().version).get(clause)
    if found is None:
        raise not_found()
    return _clause(found)


@router.get(
    "/parameters", response=list[ParameterItem], **needs("standard:read"), summary="Parameters"
)
def all_parameters(request: HttpRequest) -> list[ParameterItem]:
    """Every number of the standard, as it stands today, with its clause."""
    day = caller_of(request).day
    known = parameters(catalogue().version)
    return [_parameter(known[key], day) for key in sorted(known)]


@router.get(
    "/trace", response=list[TraceItem], **needs("standard:read"), summary="Traceability of clauses"
)
def all_traces(request: HttpRequest) -> list[TraceItem]:
    """The graph from clause to control, clock and indicator, with what ran, what is kept, and each gap."""
    caller_of(request)
    return [
        TraceItem(
            clause=item.clause.id,
            state=item.state.state,
            controls=[
                TraceLink(id=x.id, procedure=x.number, kind=x.kind, runs=x.runs) for x in item.links
            ],
            indicators=dict(item.indicators),
            evidence=item.state.evidence,
            gaps=list(item.gaps),
        )
        for item in traces()
    ]


@router.get(
    "/procedures", response=list[ProcedureItem], **needs("standard:read"), summary="Procedures"
)
def all_procedures(request: HttpRequest) -> list[ProcedureItem]:
    """The procedures in force, in the standard's order."""
    found = [_deployed(slug) for slug in catalogue().objects("procedure")]
    return [
        ProcedureItem(**_procedure(item))
        for item in sorted(found, key=lambda item: item.procedure.number)
    ]


@router.get(
    "/procedures/{procedure}",
    response=ProcedureDetail,
    **needs("standard:read"),
    summary="One procedure",
)
def one_procedure(request: HttpRequest, procedure: Annotated[Id, Path()]) -> ProcedureDetail:
    """One procedure with its steps and the form it begins with."""
    if catalogue().get("procedure", procedure) is None:
        raise not_found()
    deployed = _deployed(procedure)
    known = deployed.procedure
    form = deployed.forms.get(known.start.form or "")
    return ProcedureDetail(
        **_procedure(deployed),
        start_posts=list(known.start.posts),
        start_form=dict(form.schema) if form else None,
        needs_customer=known.start.customer,
        steps=[
            ProcedureStep(
                element=step.element,
                title=said(step.title),
                guide=said(step.guide) if step.guide else None,
                posts=list(step.posts),
                clause=step.clause,
                form=step.form,
                controls=[item.id for item in known.controls if item.step == step.element],
                back_to=list(step.back_to),
            )
            for step in known.steps.values()
        ],
    )


def _deployed(slug: str) -> Deployment:
    return deployment(catalogue().version, slug)


def _procedure(deployed: Deployment) -> dict[str, Any]:
    known = deployed.procedure
    return {
        "slug": known.slug,
        "number": known.number,
        "title": said(known.title),
        "purpose": said(known.purpose),
        "clauses": list(known.clauses),
    }


def _clause(clause: Clause) -> ClauseItem:
    return ClauseItem(
        id=clause.id,
        chapter=clause.chapter,
        section=clause.section,
        title=said(clause.title),
        text=said(clause.text),
        kind=clause.kind,
        owner=clause.owner,
    )


def _parameter(parameter: Parameter, day: dt.date) -> ParameterItem:
    value = parameter.value_on(day)
    dated = next((item for item in reversed(parameter.values) if item.from_day <= day), None)
    return ParameterItem(
        id=parameter.id,
        title=said(parameter.title),
        unit=parameter.unit,
        clause=parameter.clause,
        value=number(value) if parameter.unit in NUMBERS else value,
        currency=parameter.unit if parameter.unit in CURRENCIES else None,
        since=dated.from_day if dated else None,
        is_provisional=bool(dated and dated.provisional),
        is_own=bool(dated and dated.own),
    )
