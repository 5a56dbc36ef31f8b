"""Views of the standard."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.kernel.refusal import Refusal
from touchstone.measures.queries.clause import chapter_pages, clause_page
from touchstone.measures.queries.stored import last_measured_day
from touchstone.measures.queries.touching import touched_by
from touchstone.packs.catalogue import applied_versions, catalogue, catalogue_on
from touchstone.process.decisions import decisions_of
from touchstone.standard.queries import chapters, clauses
from touchstone.ui.templatetags.say import active_language
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.board.reading import liveness_counts
from touchstone.web.dated import as_of, dated_page
from touchstone.web.request import PageRequest
from touchstone.web.standard.findings import findings_about
from touchstone.web.standard.reading import comparison, sections
from touchstone.web.standard.trial import trial_of


@dated_page
@staff_page()
@require_GET
def standard(request: PageRequest) -> HttpResponse:
    """The contents: chapters with their clauses, and how alive each is."""
    day = as_of(request)
    alive, standard = chapter_pages(as_of=day), catalogue_on(day)
    page = {
        "alive": alive,
        "counts": liveness_counts(alive),
        "standard": standard,
        "measured": last_measured_day(day),
        "applied": next((v for v in applied_versions() if v.version == standard.version), None),
    }
    return render(request, "web/standard/standard.html", page)


@dated_page
@staff_page()
@require_GET
def chapter(request: PageRequest, identity: str) -> HttpResponse:
    """One chapter to read."""
    every = chapter_pages(as_of=as_of(request))
    place = next((number for number, item in enumerate(every) if item.id == identity), None)
    if place is None:
        raise no_such_page()
    titles = _section_titles(identity, as_of(request))
    page = {
        "chapter": every[place],
        "sections": sections(every[place], titles),
        "measured": last_measured_day(as_of(request)),
        "before": every[place - 1] if place else None,
        "after": every[place + 1] if place + 1 < len(every) else None,
    }
    return render(request, "web/standard/chapter.html", page)


def _section_titles(chapter: str, day: dt.date | None) -> dict[str, str]:
    """Clause -> the heading it stands under in the page's language."""
    kind = "chapter_en" if active_language() == "en" else "chapter"
    found = catalogue_on(day).get(kind, chapter)
    return {item["id"]: item["section"] for item in found.data["clauses"]} if found else {}


@dated_page
@staff_page()
@require_GET
def clause(request: PageRequest, identity: str) -> HttpResponse:
    """One clause as it lives: wording, numbers, controls, indicators, evidence, alive or not."""
    try:
        shown = clause_page(identity, as_of=as_of(request))
    except Refusal as refusal:
        raise (no_such_page() if refusal.code == "standard.no_such_clause" else refusal) from None
    titles = {item.id: item.title for item in chapters(shown.version)}
    page = {
        "shown": shown,
        "clause": shown.clause,
        "chapter_title": titles[shown.clause.chapter],
        "section_title": _section_titles(shown.clause.chapter, as_of(request)).get(identity, ""),
        "may_read_board": request.visitor.may("board.read"),
        "day": as_of(request) or request.visitor.day,
        "found": findings_about(identity, request),
        "decisions": [
            item for item in decisions_of(shown.version).values() if identity in item.clauses
        ],
    }
    return render(request, "web/standard/clause.html", page)


@dated_page
@staff_page()
@require_GET
def parameter(request: PageRequest, identity: str) -> HttpResponse:
    """One number over time, and everything a change of it would touch."""
    try:
        touched = touched_by(identity, as_of=as_of(request))
    except Refusal as refusal:
        if refusal.code == "standard.no_such_parameter":
            raise no_such_page() from None
        raise
    known, day = touched.parameter, as_of(request) or request.visitor.day
    in_force = [item for item in known.values if item.from_day <= day]
    page = {
        "touched": touched,
        "parameter": known,
        "current": in_force[-1] if in_force else None,
        "running": sum(item.open for item in touched.cases),
        "may_read_board": request.visitor.may("board.read"),
    }
    status = 200
    if known.unit == "limit" and request.visitor.may("board.read"):
        page["trial"] = trial = trial_of(request, identity)
        status = status_of(trial.refusal) if trial.refusal else 200
    return render(request, "web/standard/parameter.html", page, status=status)


@staff_page()
@require_GET
def versions(request: PageRequest) -> HttpResponse:
    """The versions that were put in force, and what differs between two of them."""
    clause = request.GET.get("clause", "").strip()[:40]
    page = {
        "comparison": comparison(request, clause),
        "clause": clause,
        "is_known": clause in clauses(catalogue().version),
    }
    return render(request, "web/standard/versions.html", page)
