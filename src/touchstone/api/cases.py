"""Cases: lists, one case, its timeline, clocks and evidence; starting one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from touchstone.api.acting import Key, OptionalKey, case_done, context_of, same_request
from touchstone.api.caller import Caller, caller_of, needs
from touchstone.api.case_shapes import (
    CaseDetail,
    CasePage,
    ClockItem,
    EvidenceItem,
    TimelinePage,
    case_detail,
    case_item,
    clock_item,
    entry_item,
    evidence_item,
)
from touchstone.api.paging import Cursor, Limit, cursor_of, place_of
from touchstone.api.shapes import Done, Id, Strict, receipt_of
from touchstone.journal.reading import row_with_key
from touchstone.kernel.refusal import refuse
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import start_case, withdraw_case
from touchstone.process.course import Course, read_course
from touchstone.process.listing import Filter, case_lines
from touchstone.process.queries import case_row

router = Router(tags=["cases"])
CaseId = Annotated[Id, Path(description="Id of a case, as lists give it")]


class Start(Strict):
    """What a case begins with."""

    procedure: Id = Field(description="Its slug, as `/standard/procedures` gives it")
    unit: Id = Field(description="The unit that takes it up")
    values: dict[str, Any] = Field(
        default_factory=dict,
        description="Fields of the form that the procedure begins with; decimals as text",
    )
    customer: Id | None = Field(default=None, description="Id of the customer it concerns")
    evidence: dict[str, str] = Field(
        default_factory=dict, description="Document id → sha256 of a file handed in before"
    )


@router.get("", response=CasePage, **needs("cases:read"), summary="List cases")
def list_cases(
    request: HttpRequest,
    procedure: Annotated[Id | None, Query(None, description="Slug of the procedure")],
    unit: Annotated[Id | None, Query(None, description="A unit and everything below it")],
    state: Annotated[Literal["open", "ended"] | None, Query(None)],
    customer: Annotated[Id | None, Query(None)],
    number: Annotated[Id | None, Query(None, description="How the case number begins")],
    late: Annotated[bool, Query(False, description="Only with a clock that ran out")],
    limit: Limit,
    cursor: Cursor,
) -> CasePage:
    """The cases that the person may read, newest first."""
    caller = caller_of(request)
    wanted = Filter(
        procedure=procedure,
        unit=_below(caller, unit),
        state=state,
        customer=customer,
        number=number,
        late=late,
    )
    after: Any = place_of(cursor, int, str)
    lines = case_lines(caller.sight, wanted, after=after, limit=limit + 1)
    shown, last = lines[:limit], lines[limit - 1 : limit]
    more = len(lines) > limit
    return CasePage(
        items=[case_item(line) for line in shown],
        next=cursor_of(last[0].started_at, last[0].id) if more else None,
    )


def _below(caller: Caller, unit: str | None) -> frozenset[str] | None:
    if unit is None:
        return None
    known = unit in caller.directory.units
    return frozenset(caller.directory.under(unit)) if known else frozenset({unit})


@router.post("", response={201: Done}, **needs("cases:write"), summary="Start a case")
def start(request: HttpRequest, given: Start, key: Key) -> Status[Done]:
    """Start a case; the same `Idempotency-Key` gets the same case and starts no second one."""
    caller = caller_of(request)
    standard = catalogue()
    if standard.get("procedure", given.procedure) is None:
        raise refuse("process.no_such_procedure", "没有这个流程", "There is no such procedure")
    context = context_of(caller, key)
    identity = start_case(
        context,
        given.procedure,
        unit=given.unit,
        values=given.values,
        customer=given.customer,
        evidence=given.evidence,
    )
    assert context.key is not None
    row = row_with_key(context.key)
    if row is not None:
        same_request(row, "process.start_case", f"case:{identity}")
        _same_start(identity, given)
    return Status(201, Done(case=identity, receipt=receipt_of(row)))


def _same_start(identity: str, given: Start) -> None:
    """A key that was used to start something else is no second try of this."""
    row = case_row(identity)
    asked = (given.procedure, given.unit, given.customer)
    if row is None or (row["procedure"], row["unit"], row["customer"]) != asked:
        raise refuse(
            "api.key_reused",
            "该幂等键已用于另一请求",
            "This idempotency key was used for another request",
            remedy_zh="请为每个请求使用新的键",
            remedy_en="Use a new key for each request",
        )


class Withdrawal(Strict):
    """Why."""

    reason: str = Field(min_length=2, max_length=500)


@router.post("/{case}/withdraw", response=Done, **needs("cases:write"), summary="Withdraw it")
def withdraw(request: HttpRequest, case: CaseId, given: Withdrawal, key: OptionalKey) -> Done:
    """End a case at the customer's wish."""
    return case_done(
        request,
        case,
        key,
        "withdraw_case",
        lambda context, identity: withdraw_case(context, identity, given.reason),
    )


@router.get("/{case}", response=CaseDetail, **needs("cases:read"), summary="One case")
def one(request: HttpRequest, case: CaseId) -> CaseDetail:
    """One case: where it stands, its steps, what was submitted. Sealed values stay sealed."""
    return case_detail(_course(caller_of(request), case))


@router.get(
    "/{case}/timeline", response=TimelinePage, **needs("cases:read"), summary="Its timeline"
)
def timeline(request: HttpRequest, case: CaseId, limit: Limit, cursor: Cursor) -> TimelinePage:
    """Everything that happened in the case, newest first, each with its place in the journal."""
    course = _course(caller_of(request), case)
    before = place_of(cursor, int, int)
    left = [
        entry
        for entry in course.entries
        if before is None or (entry.position, entry.index) < before
    ]
    shown = left[:limit]
    more = len(left) > limit
    return TimelinePage(
        items=[entry_item(entry) for entry in shown],
        next=cursor_of(shown[-1].position, shown[-1].index) if more else None,
    )


@router.get("/{case}/clocks", response=list[ClockItem], **needs("cases:read"), summary="Its clocks")
def clocks(request: HttpRequest, case: CaseId) -> list[ClockItem]:
    """Every clock of the case, the earliest deadline first, and why each deadline is when it is."""
    course = _course(caller_of(request), case)
    return [clock_item(clock, course.names) for clock in course.clocks]


@router.get(
    "/{case}/evidence",
    response=list[EvidenceItem],
    **needs("cases:read"),
    summary="Its evidence",
)
def evidence(request: HttpRequest, case: CaseId) -> list[EvidenceItem]:
    """The documents of the case by their digests; the files themselves are shown on record only."""
    return [evidence_item(item) for item in _course(caller_of(request), case).evidence]


def _course(caller: Caller, case: str) -> Course:
    caller.case(case)
    return read_course(case, now=caller.now)
