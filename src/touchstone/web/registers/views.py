"""Views of registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.kernel.forms import parse
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.records import listing
from touchstone.records.actions.entries import (
    confirm_record,
    correct_record,
    enter_record,
    show_record,
    void_record,
)
from touchstone.records.queries import Entry, State, entry
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.naming import Naming
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.registers.reach import Reach, allowed, reach_of, reaches
from touchstone.web.registers.rows import entry_rows, history_of, shown_values
from touchstone.web.request import PageRequest

_OWN = frozenset({"key", "place", "reason"})
_STATES = ("entered", "confirmed", "void")


@staff_page()
@require_GET
def registers(request: PageRequest) -> HttpResponse:
    """The registers that concern the visitor."""
    rows = [
        (
            reach,
            listing.unconfirmed_count(reach.register.id, reach.units)
            if reach.register.confirmed_by
            else None,
        )
        for reach in reaches(request.visitor)
    ]
    return render(request, "web/registers/registers.html", {"rows": rows})


@staff_page()
@require_GET
def register(request: PageRequest, name: str) -> HttpResponse:
    """The entries of one register."""
    reach = reach_of(request.visitor, name)
    known, number = request.visitor.directory, page_number(request)
    state, unit = request.GET.get("state", ""), request.GET.get("unit", "")
    is_one = unit in known.units and reach.reads(unit)
    asked = listing.Asked(
        name,
        frozenset({unit}) if is_one else reach.units,
        cast(State, state) if state in _STATES else None,
        _day(request.GET.get("from", "")),
        _day(request.GET.get("to", "")),
    )
    found = listing.entry_page(asked, offset=(number - 1) * SIZE, limit=SIZE)
    rows = entry_rows(found, reach, Naming(known))
    page = {
        "reach": reach,
        "titles": [(column, reach.register.form.title_of(column)) for column in reach.columns],
        "rows": rows,
        "page": page_of(rows, number, listing.entry_count(asked)),
        "unit": unit,
        "units": [(item.id, item.name) for item in known.units.values() if reach.reads(item.id)],
        "asked": asked,
    }
    return render(request, "web/registers/register.html", page)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _posted(request: PageRequest) -> dict[str, list[str]]:
    """What was sent for the register's form, without what is the page's own."""
    return {name: list(sent) for name, sent in request.POST.lists() if name not in _OWN}


@staff_page()
@require_http_methods(["GET", "POST"])
def enter(request: PageRequest, name: str) -> HttpResponse:
    """Enter a record for a unit where the visitor's posts enter."""
    reach = reach_of(request.visitor, name)
    if not reach.enters_at:
        raise no_such_page()
    if request.method == "GET":
        return _form(request, reach, {})
    parsed = parse(reach.register.form, _posted(request))
    if parsed.errors or parsed.reshaped:
        return _form(request, reach, parsed.typed, parsed.errors, status=422)
    place = None if "unit" in parsed.values else request.POST.get("place")
    try:
        identity = enter_record(context_of(request), name, parsed.values, unit=place)
    except Refusal as refusal:
        return _form(request, reach, parsed.typed, refusal=refusal)
    return done(request, Text("已录入", "Entered"), reverse("entry", args=[identity]))


def _form(
    request: PageRequest,
    reach: Reach,
    typed: Mapping[str, Any],
    errors: Mapping[str, Text] | None = None,
    *,
    refusal: Refusal | None = None,
    corrected: Entry | None = None,
    status: int = 200,
) -> HttpResponse:
    naming = Naming(request.visitor.directory)
    form = reach.register.form
    page = {
        "reach": reach,
        "form": form,
        "typed": typed,
        "errors": errors or {},
        "refusal": refusal,
        "corrected": corrected,
        "reason": request.POST.get("reason", ""),
        "asks_place": corrected is None and "unit" not in form.schema.get("required", ()),
        "places": [(unit, naming.unit(unit)) for unit in reach.enters_at],
        "place": request.POST.get("place", ""),
        "key": request.POST.get("key") or new_key(),
    }
    status = status_of(refusal) if refusal else status
    return render(request, "web/registers/enter.html", page, status=status)


def _known(request: PageRequest, identity: str) -> tuple[Entry, Reach]:
    """An entry that the visitor may read, with its register.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    found = entry(identity)
    if found is None:
        raise no_such_page()
    reach = reach_of(request.visitor, found.register)
    if not reach.reads(found.unit):
        raise no_such_page()
    return found, reach


@staff_page()
@require_GET
def entry_page(request: PageRequest, identity: str) -> HttpResponse:
    """One entry with its history."""
    return _entry(request, *_known(request, identity))


def _entry(
    request: PageRequest,
    found: Entry,
    reach: Reach,
    *,
    shown: Mapping[str, Any] | None = None,
    refusal: Refusal | None = None,
    asked: Mapping[str, str] | None = None,
) -> HttpResponse:
    naming = Naming(request.visitor.directory)
    page = {
        "entry": found,
        "reach": reach,
        "values": shown_values(found, reach, naming, shown or {}),
        "sealed": [(name, reach.register.form.title_of(name)) for name in found.sealed],
        "unit": naming.unit(found.unit),
        "may": allowed(request.visitor, reach.register, found),
        "history": history_of(found.id, naming),
        "refusal": refusal,
        "asked": asked or {},
        "key": new_key(),
    }
    status = status_of(refusal) if refusal else 200
    answer = render(request, "web/registers/entry.html", page, status=status)
    if shown:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _act(
    request: PageRequest, identity: str, work: Callable[[str], None], text: Text
) -> HttpResponse:
    """Do something to an entry; a refusal is shown above it and nothing typed is lost."""
    found, reach = _known(request, identity)
    reason = request.POST.get("reason", "")[:500]
    try:
        work(reason)
    except Refusal as refusal:
        return _entry(request, found, reach, refusal=refusal, asked={"reason": reason})
    return done(request, text, reverse("entry", args=[identity]))


@staff_page()
@require_POST
def confirm(request: PageRequest, identity: str) -> HttpResponse:
    """Confirm as the second person."""
    context, text = context_of(request), Text("已确认", "Confirmed")
    return _act(request, identity, lambda reason: confirm_record(context, identity), text)


@staff_page()
@require_POST
def void(request: PageRequest, identity: str) -> HttpResponse:
    """Void an entry, with a reason."""
    context, text = context_of(request), Text("已作废", "Voided")
    return _act(request, identity, lambda reason: void_record(context, identity, reason), text)


@staff_page()
@require_POST
def show(request: PageRequest, identity: str) -> HttpResponse:
    """One sealed field in clear, this once, for a reason that stays on record."""
    found, reach = _known(request, identity)
    asked = {name: request.POST.get(name, "")[:500] for name in ("field", "reason")}
    try:
        value = show_record(context_of(request), identity, asked["field"], asked["reason"])
    except AlreadyDone:
        return HttpResponseRedirect(reverse("entry", args=[identity]))
    except Refusal as refusal:
        return _entry(request, found, reach, refusal=refusal, asked=asked)
    return _entry(request, found, reach, shown={asked["field"]: value})


@staff_page()
@require_http_methods(["GET", "POST"])
def correct(request: PageRequest, identity: str) -> HttpResponse:
    """Replace an entry's values, with a reason; it is confirmed anew."""
    found, reach = _known(request, identity)
    if not allowed(request.visitor, reach.register, found).correct:
        raise no_such_page()
    if request.method == "GET":
        return _form(request, reach, found.values, corrected=found)
    parsed = parse(reach.register.form, _posted(request))
    if parsed.errors or parsed.reshaped:
        return _form(request, reach, parsed.typed, parsed.errors, corrected=found, status=422)
    reason = request.POST.get("reason", "")
    try:
        correct_record(context_of(request), identity, parsed.values, reason)
    except Refusal as refusal:
        return _form(request, reach, parsed.typed, refusal=refusal, corrected=found)
    return done(request, Text("已更正", "Corrected"), reverse("entry", args=[identity]))
