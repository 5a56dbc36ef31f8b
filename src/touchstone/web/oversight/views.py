"""Views of oversight."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import to_microseconds
from touchstone.process import watching
from touchstone.process.actions.machines import retry_incident
from touchstone.process.actions.matters import (
    acknowledge_escalation,
    complete_handoff,
    review_emergency,
)
from touchstone.process.actions.tasks import release_hold
from touchstone.process.watching import Matter, Watched, matters_named
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.naming import Naming
from touchstone.web.oversight.rows import (
    held_rows,
    incident_rows,
    later_rows,
    matter_rows,
    may_close,
    overdue_rows,
)
from touchstone.web.oversight.scope import Scope, counts_of, scope_of, units_of
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest

_READ = "oversight.read"
_KINDS = ("escalation", "handoff", "review")


def _shared(request: PageRequest, scope: Scope, tab: str) -> dict[str, Any]:
    late = watching.overdue_by_unit(scope.watched, to_microseconds(request.now))
    return {
        "scope": scope,
        "counts": counts_of(scope, late),
        "late": late,
        "tab": tab,
        "key": new_key(),
    }


@staff_page(_READ)
@require_GET
def matters(request: PageRequest) -> HttpResponse:
    """Escalations, hand-offs or reviews of the visitor's units."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in _KINDS else _KINDS[0]
    is_open = request.GET.get("state") != "closed"
    scope = scope_of(request)
    page = _shared(request, scope, kind)
    number = page_number(request)
    count = watching.matter_counts(scope.watched).get((kind, is_open), 0)
    found = watching.watched_matters(
        scope.watched, kind, is_open=is_open, offset=(number - 1) * SIZE, limit=SIZE
    )
    rows = matter_rows(found, request.visitor, to_microseconds(request.now))
    page |= {"rows": rows, "page": page_of(rows, number, count), "is_open": is_open, "kind": kind}
    return render(request, "web/oversight/matters.html", page)


@staff_page()
@require_GET
def matter(request: PageRequest, identity: str) -> HttpResponse:
    """One matter, for whoever sees to it or watches over its unit."""
    return _matter_page(request, _known_matter(request, identity))


def _known_matter(request: PageRequest, identity: str) -> Matter:
    """A matter that the visitor may know of.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    found = matters_named([identity]).get(identity)
    visitor = request.visitor
    if found is None:
        raise no_such_page()
    units = units_of(visitor)
    watches = visitor.may(_READ) and (units is None or found.case.unit in units)
    if not (watches or may_close(found, visitor) or visitor.actor in found.persons):
        raise no_such_page()
    return found


def _matter_page(
    request: PageRequest, found: Matter, refusal: Refusal | None = None, note: str = ""
) -> HttpResponse:
    row = matter_rows([found], request.visitor, to_microseconds(request.now))[0]
    page = {"row": row, "refusal": refusal, "note": note, "key": new_key()}
    status = status_of(refusal) if refusal else 200
    return render(request, "web/oversight/matter.html", page, status=status)


@staff_page()
@require_POST
def close(request: PageRequest, identity: str) -> HttpResponse:
    """Acknowledge, complete or judge a matter, with what was done about it."""
    found = _known_matter(request, identity)
    note = request.POST.get("note", "")[:2000]
    try:
        _close(request, found, note)
    except Refusal as refusal:
        return _matter_page(request, found, refusal, note)
    text = Text("督办事项已办结", "The matter is closed")
    return done(request, text, safe_next(request, reverse("matter", args=[identity])))


def _close(request: PageRequest, found: Matter, note: str) -> None:
    context = context_of(request)
    if found.kind == "escalation":
        acknowledge_escalation(context, found.id, note)
    elif found.kind == "handoff":
        complete_handoff(context, found.id, note)
    else:
        verdict = request.POST.get("verdict", "")
        if verdict not in ("justified", "unjustified"):
            raise refuse(
                "web.no_verdict",
                "请选择理由是否成立",
                "Say whether it was justified",
            )
        review_emergency(context, found.id, note, justified=verdict == "justified")


@staff_page(_READ)
@require_GET
def held(request: PageRequest) -> HttpResponse:
    """Tasks that wait for a release."""
    scope = scope_of(request)
    page = _shared(request, scope, "held")
    number = page_number(request)
    found = watching.held_tasks(scope.watched, offset=(number - 1) * SIZE, limit=SIZE)
    rows = held_rows(found, request.visitor)
    page |= {"rows": rows, "page": page_of(rows, number, page["counts"].held)}
    return render(request, "web/oversight/held.html", page)


@staff_page()
@require_POST
def release(request: PageRequest) -> HttpResponse:
    """Release a held task, or hand it back to be done anew."""
    accept = request.POST.get("verdict") == "release"
    reason = request.POST.get("reason", "")[:2000]
    if len(reason.strip()) < 2:
        raise refuse("process.reason_needed", "请填写理由", "State the reason")
    release_hold(context_of(request), request.POST.get("task", ""), accept=accept, reason=reason)
    text = (
        Text("已放行", "Released") if accept else Text("已退回重办", "Handed back to be done anew")
    )
    return done(request, text, safe_next(request, reverse("oversight_held")))


@staff_page(_READ)
@require_GET
def overdue(request: PageRequest) -> HttpResponse:
    """Overdue clocks by unit and procedure, and one by one."""
    scope, naming = scope_of(request), Naming(request.visitor.directory)
    page = _shared(request, scope, "overdue")
    now_us, number = to_microseconds(request.now), page_number(request)
    titles = dict(scope.procedures)
    by_unit = [
        (row, naming.unit(row.unit), titles.get(row.procedure, Text(row.procedure, row.procedure)))
        for row in page["late"]
    ]
    found = watching.overdue_clocks(scope.watched, now_us, offset=(number - 1) * SIZE, limit=SIZE)
    rows = overdue_rows(found, naming)
    page |= {
        "by_unit": by_unit,
        "rows": rows,
        "page": page_of(rows, number, page["counts"].overdue),
        "now_us": now_us,
    }
    return render(request, "web/oversight/overdue.html", page)


@staff_page()
@require_GET
def incidents(request: PageRequest) -> HttpResponse:
    """Machine steps that stopped: for those who watch, and for whoever tries them again."""
    visitor = request.visitor
    may_retry = visitor.may("process.retry_incident")
    if not may_retry:
        visitor.require(_READ)
    number, naming = page_number(request), Naming(visitor.directory)
    page: dict[str, Any] = {"key": new_key(), "tab": "incidents"}
    watched = Watched(None)
    if visitor.may(_READ):
        scope = scope_of(request)
        page, watched = _shared(request, scope, "incidents"), scope.watched
    found = watching.incidents(watched, offset=(number - 1) * SIZE, limit=SIZE)
    rows = incident_rows(found, naming)
    count = watching.incident_count(watched)
    page |= {"rows": rows, "page": page_of(rows, number, count), "may_retry": may_retry}
    return render(request, "web/oversight/incidents.html", page)


@staff_page("process.retry_incident")
@require_POST
def retry(request: PageRequest) -> HttpResponse:
    """Try a stopped step again, after its cause was put right."""
    case, wait = request.POST.get("case", ""), request.POST.get("wait", "")
    retry_incident(context_of(request), case, wait)
    text = Text("已重新执行", "Tried again")
    return done(request, text, reverse("oversight_incidents"))


@staff_page(_READ)
@require_GET
def later(request: PageRequest) -> HttpResponse:
    """What was done on paper and entered later."""
    scope = scope_of(request)
    page = _shared(request, scope, "later")
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found, go_on = watching.later_entries(scope.watched, before=before)
    rows = later_rows(found, Naming(request.visitor.directory))
    page |= {"rows": rows, "go_on": go_on, "is_later_page": before is not None}
    return render(request, "web/oversight/later.html", page)
