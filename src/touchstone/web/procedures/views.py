"""Views of the procedures."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.kernel.time import day_of
from touchstone.measures.queries.stored import measured_periods
from touchstone.process.heat import Measure
from touchstone.web.access import staff_page
from touchstone.web.board.reach import Reach, reach_of
from touchstone.web.board.reading import period_of
from touchstone.web.intake.desks import counters
from touchstone.web.procedures.reading import (
    MEASURES,
    deployed_now,
    heat_of,
    picture,
    procedure_lines,
    procedure_page,
)
from touchstone.web.request import PageRequest


@staff_page()
@require_GET
def procedures(request: PageRequest) -> HttpResponse:
    """Every procedure of the standard with its counts."""
    page = {
        "lines": procedure_lines(request.visitor.sight),
        "mine": {item.slug for item in counters(request.visitor)},
    }
    return render(request, "web/procedures/procedures.html", page)


@staff_page()
@require_GET
def procedure(request: PageRequest, slug: str) -> HttpResponse:
    """One procedure: picture, steps, rules; for those who read the board, the heat of a month."""
    visitor = request.visitor
    reach = reach_of(visitor) if visitor.may("board.read") else None
    today, measured = day_of(request.now), measured_periods()
    period = period_of(request) or next(iter(measured), f"{today:%Y-%m}")
    unit = reach.unit(request.GET.get("unit")) if reach else None
    text = request.GET.get("measure", "")
    measure = cast(Measure, text) if text in MEASURES else "waiting"
    deployed_now(slug)
    heat = heat_of(slug, period, unit, request.now) if reach else None
    shown = procedure_page(slug, visitor.sight, heat)
    page = {
        "shown": shown,
        "procedure": shown.deployed.procedure,
        "picture": picture(shown, measure),
        "may_begin": slug in {item.slug for item in counters(visitor)},
        "reach": reach,
        "units": _units(request, reach),
        "unit": unit,
        "period": period,
        "periods": sorted({*measured, f"{today:%Y-%m}", period}, reverse=True),
        "measure": measure,
        "measures": dict(MEASURES),
        "day": today,
    }
    return render(request, "web/procedures/procedure.html", page)


def _units(request: PageRequest, reach: Reach | None) -> list[object]:
    """The units the visitor may narrow the heat to."""
    if reach is None:
        return []
    return [unit for unit in request.visitor.directory.units.values() if unit.id in reach.units]
