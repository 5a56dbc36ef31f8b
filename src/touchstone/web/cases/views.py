"""Views of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.actions.cases import withdraw_case
from touchstone.process.actions.filling import AtTask
from touchstone.process.actions.showing import show_case_value
from touchstone.process.actions.tasks import complete_task
from touchstone.process.bringing import form_of
from touchstone.process.casefile import read_casefile
from touchstone.process.course import Course
from touchstone.process.listing import Filter, case_count, case_lines
from touchstone.process.offers import offers_for
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.cases.acts import ACTS
from touchstone.web.cases.panel import (
    Typed,
    address_of,
    case_panel,
    course_for,
    picture_of,
)
from touchstone.web.cases.rows import rows_of
from touchstone.web.filling import answered, brought, has_draft, kept_draft
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest


@staff_page()
@require_GET
def cases(request: PageRequest) -> HttpResponse:
    """The cases the visitor may read, newest first; the address holds the filter."""
    visitor, number = request.visitor, page_number(request)
    unit = request.GET.get("unit") or None
    wanted = Filter(
        procedure=request.GET.get("procedure") or None,
        unit=visitor.directory.under(unit) if unit and unit in visitor.directory.units else None,
        state=request.GET.get("state") or None,
        number=(request.GET.get("number") or "").strip().upper() or None,
        late=request.GET.get("late") == "1",
    )
    lines = case_lines(visitor.sight, wanted, offset=(number - 1) * SIZE, limit=SIZE)
    rows = rows_of(lines, visitor, to_microseconds(request.now))
    page = {
        "page": page_of(rows, number, case_count(visitor.sight, wanted)),
        "wanted": wanted,
        "unit": unit,
        "procedures": procedure_titles(),
        "units": visitor.directory.units.values(),
    }
    return render(request, "web/cases/cases.html", page)


@staff_page()
@require_GET
def case(request: PageRequest, case: str) -> HttpResponse:
    """One case: what can be done now, how it came here, what proves it."""
    return _page(request, course_for(request, case))


def _page(request: PageRequest, course: Course, typed: Typed | None = None) -> HttpResponse:
    page = {
        "panel": case_panel(request, course, typed),
        "picture": picture_of(course),
        "key": new_key(),
    }
    status = 200 if typed is None else 422
    return render(request, "web/cases/case.html", page, status=status)


@staff_page()
@require_POST
def complete(request: PageRequest, case: str, task: str) -> HttpResponse:
    """Finish a step with its form; what is not accepted is shown beside what was typed."""
    course = course_for(request, case)
    deployed = course.deployed
    offers = offers_for(
        course.case, deployed, request.visitor.directory, request.visitor.actor, request.now
    )
    offer = next((item for item in offers if item.task["id"] == task), None)
    if offer is None:
        raise refuse(
            "process.task_not_open",
            "该任务已经办结",
            "The task is no longer open",
            remedy_zh="请刷新页面查看最新进展",
            remedy_en="Reload the page to see where the case stands",
        )
    form, desk = deployed.forms.get(offer.step.form or ""), AtTask(task)
    given = answered(request, desk, form, offer.step.evidence)
    try:
        if kept := kept_draft(request, desk, given.typed, address_of(case)):
            return kept
        if given.errors or given.reshaped:
            return _page(request, course, Typed(task, given.typed, given.errors))
        complete_task(
            context_of(request),
            task,
            given.values,
            evidence=given.evidence,
            draft=has_draft(request),
        )
    except Refusal as refusal:
        return _page(request, course_for(request, case), Typed(task, given.typed, {}, refusal))
    text = Text(f"「{offer.step.title.zh}」已办结", f"“{offer.step.title.en}” is done")
    return done(request, text, safe_next(request, address_of(case)))


@staff_page()
@require_POST
def bring(request: PageRequest, case: str, message: str) -> HttpResponse:
    """Bring what the case waits for: that the customer answered, and what he handed in."""
    course = course_for(request, case)
    said = course.deployed.procedure.messages.get(message)
    if said is None:
        raise no_such_page()
    typed: Mapping[str, Any] = {}
    try:
        given, papers = brought(request, case, message, form_of(course.deployed, said))
        typed = given.typed
        if given.errors or given.reshaped:
            return _page(request, course, Typed(message, typed, given.errors))
        deliver_message(context_of(request), case, message, given.values, papers)
    except Refusal as refusal:
        return _page(request, course_for(request, case), Typed(message, typed, {}, refusal))
    title = course.names.message(message)
    text = Text(f"「{title.zh}」已登记，业务继续办理", f"“{title.en}” is in; the case goes on")
    return done(request, text, safe_next(request, address_of(case)))


@staff_page()
@require_POST
def act(request: PageRequest, case: str, task: str, act: str) -> HttpResponse:
    """Take, hand over, send back, release …: one button of a task."""
    course_for(request, case)
    if act not in ACTS or not task.startswith(f"{case}."):
        raise no_such_page()
    doing, text = ACTS[act]
    fields = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    doing(context_of(request), task, fields)
    return done(request, text, safe_next(request, address_of(case)))


@staff_page()
@require_POST
def show(request: PageRequest, case: str) -> HttpResponse:
    """Show a sealed value once, on this page only; that it was shown is on record."""
    course = course_for(request, case)
    reference = request.POST.get("reference", "")
    value = show_case_value(context_of(request), case, reference, request.POST.get("reason", ""))
    title = next(
        (
            field.title
            for submission in course.submissions
            for field in submission.fields
            if field.reference == reference
        ),
        Text("密封内容", "Sealed value"),
    )
    page = {"course": course, "title": title, "value": value, "case": case}
    response = render(request, "web/cases/shown.html", page)
    response["Cache-Control"] = "no-store"
    return response


@staff_page()
@require_GET
def case_file(request: PageRequest, case: str) -> HttpResponse:
    """The case file for print, with what a check of it against the journal found."""
    course = course_for(request, case)
    file = read_casefile(case, now=request.now)
    page = {"file": file, "panel": case_panel(request, course), "picture": picture_of(course)}
    return render(request, "web/cases/file.html", page)


@staff_page()
@require_GET
def case_file_data(request: PageRequest, case: str) -> HttpResponse:
    """The case file as data, to keep and to verify later with ``touchstone`` or by hand."""
    course = course_for(request, case)
    file = read_casefile(case, now=request.now)
    response = JsonResponse(file, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{course.case["number"]}.json"'
    return response


@staff_page("process.withdraw_case")
@require_POST
def withdraw(request: PageRequest, case: str) -> HttpResponse:
    """End a case at the customer's wish."""
    course_for(request, case)
    withdraw_case(context_of(request), case, request.POST.get("reason", ""))
    return done(request, Text("已撤回该业务", "The case is withdrawn"), address_of(case))


def procedure_titles() -> tuple[tuple[str, str, Text], ...]:
    """Slug, number and title of every procedure in force, in the standard's order."""
    found = [
        (slug, item.data["id"], Text.from_mapping(item.data["title"]))
        for slug, item in catalogue().objects("procedure").items()
    ]
    return tuple(sorted(found, key=lambda item: item[1]))
