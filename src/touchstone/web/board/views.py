"""Views of the board."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.kernel.refusal import Refusal
from touchstone.measures.queries.board import BoardPage, board_page, scopes_on
from touchstone.measures.queries.clause import chapter_pages
from touchstone.measures.queries.counted import Side, counted_page
from touchstone.measures.queries.indicator import IndicatorPage, indicator_page
from touchstone.measures.queries.numbers import annual_targets, report_page
from touchstone.packs.catalogue import catalogue
from touchstone.standard.queries import clauses
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.board.reach import Reach, choices, reach_of, scope_title
from touchstone.web.board.reading import (
    BreakDown,
    PartLine,
    by_need,
    chart_of,
    failing_of,
    groups,
    line_of,
    liveness_counts,
    period_of,
    titles,
    top_numbers,
    verdict_counts,
    worst,
)
from touchstone.web.dated import as_of, dated_page
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest

_SIDES: Mapping[str, Side] = {
    "denominator": "denominator",
    "numerator": "numerator",
    "missed": "missed",
    "excluded": "excluded",
}


def _board(request: PageRequest, reach: Reach) -> BoardPage:
    scope = reach.scope(request.GET.dict())
    return board_page(period_of(request), scope, as_of=as_of(request))


@dated_page
@staff_page("board.read")
@require_GET
def board(request: PageRequest) -> HttpResponse:
    """Every indicator of a period and scope, the five numbers on top, and how alive the clauses are."""
    reach = reach_of(request.visitor)
    shown = _board(request, reach)
    alive = chapter_pages(as_of=shown.as_of)
    page = {
        "board": shown,
        "scope_title": scope_title(shown.scope),
        "groups": groups(shown, catalogue().version),
        "top": top_numbers(shown, shown.as_of),
        "choices": choices(shown.scopes, reach, shown.scope.id),
        "reach": reach,
        "verdicts": verdict_counts(shown.rows),
        "alive": alive,
        "counts": liveness_counts(alive),
    }
    return render(request, "web/board/board.html", page)


@dated_page
@staff_page("board.read")
@require_GET
def wall(request: PageRequest) -> HttpResponse:
    """The board for a screen on the wall: big, without navigation, new every minute."""
    shown = _board(request, reach_of(request.visitor))
    page = {
        "board": shown,
        "scope_title": scope_title(shown.scope),
        "lines": by_need(line_of(row) for row in shown.rows),
        "counts": liveness_counts(chapter_pages(as_of=shown.as_of)),
    }
    return render(request, "web/board/wall.html", page)


def _indicator(request: PageRequest, identity: str, reach: Reach) -> IndicatorPage:
    scope = reach.scope(request.GET.dict())
    try:
        return indicator_page(identity, period_of(request), scope, as_of=as_of(request))
    except Refusal as refusal:
        raise (
            no_such_page() if refusal.code == "measures.no_such_indicator" else refusal
        ) from None


@dated_page
@staff_page("board.read")
@require_GET
def indicator(request: PageRequest, identity: str) -> HttpResponse:
    """One indicator: its value, its way, its parts, its definition, and what it rests on."""
    reach = reach_of(request.visitor)
    shown = _indicator(request, identity, reach)
    words, value = shown.words, shown.value
    known = clauses(catalogue().version)
    day = shown.days[-1].as_of if shown.days else None
    annual = annual_targets(as_of=day) if reach.everything and day else ()
    scopes = scopes_on(day.isoformat(), catalogue()) if day else ()
    page = {
        "shown": shown,
        "scope_title": scope_title(shown.scope),
        "failing": failing_of(words, value),
        "target": value.lines.get("target"),
        "chart": chart_of(shown.days, words, value.lines.get("target")),
        "parts": _parts(shown, reach),
        "clauses": [known[name] for name in words.clauses if name in known],
        "annual": next((item for item in annual if item.words.id == identity), None),
        "choices": choices(scopes, reach, shown.scope.id),
        "reach": reach,
    }
    return render(request, "web/board/indicator.html", page)


def _parts(shown: IndicatorPage, reach: Reach) -> list[BreakDown]:
    """The break-downs that the visitor may read, each with the part that is worst off."""
    found = []
    for name, parts in shown.parts.items():
        mine = [part for part in parts if reach.shows(part.scope.id)]
        rows = tuple(
            PartLine(
                part,
                part.scope.title if part.scope.above else scope_title(part.scope),
                failing_of(shown.words, part.value),
            )
            for part in mine
        )
        if rows:
            found.append(BreakDown(name, rows, worst(mine, shown.words.direction)))
    return found


@dated_page
@staff_page("board.read")
@require_GET
def items(request: PageRequest, identity: str) -> HttpResponse:
    """The very cases and entries behind a number, each with the event that decided it."""
    reach = reach_of(request.visitor)
    shown = _indicator(request, identity, reach)
    side, number = _SIDES.get(request.GET.get("side", ""), "denominator"), page_number(request)
    found = counted_page(
        identity,
        shown.period,
        shown.scope.id,
        side=side,
        page=number,
        size=SIZE,
        as_of=as_of(request),
    )
    page = {
        "shown": shown,
        "scope_title": scope_title(shown.scope),
        "found": found,
        "side": side,
        "page": page_of(found.items if found else (), number, found.rows if found else 0),
        "units": request.visitor.directory.units,
        "titles": titles(catalogue().version),
    }
    return render(request, "web/board/items.html", page)


@dated_page
@staff_page("board.read")
@require_GET
def hard_numbers(request: PageRequest) -> HttpResponse:
    """Every number that the sources demand against today, and the year's targets."""
    if not reach_of(request.visitor).everything:
        raise no_such_page()
    day = as_of(request)
    page = {
        "report": report_page(as_of=day),
        "annual": [item for item in annual_targets(as_of=day) if item.target is not None],
    }
    return render(request, "web/board/hard_numbers.html", page)
