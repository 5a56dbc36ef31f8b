"""The page of traceability: the chain of every clause, and where it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.improvement.queries import open_by_clause
from touchstone.measures.queries.stored import last_measured_day
from touchstone.measures.queries.tracing import GAPS, REMEDIES, Trace, traces
from touchstone.packs.catalogue import catalogue_on
from touchstone.standard.queries import chapters
from touchstone.web.access import staff_page
from touchstone.web.dated import as_of, dated_page
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest


@dated_page
@staff_page()
@require_GET
def trace(request: PageRequest) -> HttpResponse:
    """Clause, controls, indicators, evidence, findings: all, those of a chapter, or those with a gap."""
    day = as_of(request)
    every = traces(day)
    chapter, gap = request.GET.get("chapter", ""), request.GET.get("gap", "")
    gap = gap if gap in GAPS or gap == "any" else ""
    wanted = [item for item in every if _fits(item, chapter, gap)]
    number = page_number(request)
    shown = wanted[(number - 1) * SIZE : number * SIZE]
    found = open_by_clause()
    version = catalogue_on(day).version
    page: dict[str, Any] = {
        "rows": [(item, found.get(item.clause.id, 0), _remedies(item)) for item in shown],
        "page": page_of(shown, number, len(wanted)),
        "chapters": [(item.id, item.title) for item in chapters(version)] if version else [],
        "chapter": chapter,
        "gap": gap,
        "gaps": _counted(every),
        "with_gap": sum(bool(item.gaps) for item in every),
        "count": len(every),
        "measured": last_measured_day(day),
    }
    return render(request, "web/standard/trace.html", page)


def _fits(item: Trace, chapter: str, gap: str) -> bool:
    if chapter and item.clause.chapter != chapter:
        return False
    return bool(item.gaps) if gap == "any" else not gap or gap in item.gaps


def _counted(every: Iterable[Trace]) -> list[tuple[str, Any, int]]:
    known = list(every)
    counts = [(gap, words, sum(gap in item.gaps for item in known)) for gap, words in GAPS.items()]
    return [item for item in counts if item[2]]


def _remedies(item: Trace) -> list[tuple[Any, Any]]:
    return [(GAPS[gap], REMEDIES[gap]) for gap in item.gaps]
