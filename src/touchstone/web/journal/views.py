"""Views of the journal."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.journal.checkpoint import last_checkpoints
from touchstone.journal.place import place_of
from touchstone.journal.queries import journal_size
from touchstone.journal.search import Stretch, Wanted, find
from touchstone.kernel.facts import ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.ui.templatetags.say import active_language
from touchstone.vault.disclosure import note_export, note_reading
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, new_key
from touchstone.web.journal import walking
from touchstone.web.journal.looks import LOOKS, look_rows
from touchstone.web.journal.question import about_stream, read_question
from touchstone.web.journal.rows import event_page, journal_rows
from touchstone.web.journal.taking_out import CHOICES, take_out
from touchstone.web.journal.wording import kinds_by_module
from touchstone.web.naming import Naming
from touchstone.web.request import PageRequest

_READ = "journal.read"
_SIZE = 50


@staff_page(_READ)
@require_GET
def journal(request: PageRequest) -> HttpResponse:
    """Look for events by person, object, kind and time; the newest first."""
    question = read_question(request.GET.dict(), request.visitor.directory)
    found = Stretch((), None, None)
    if question.wanted is not None:
        found = find(question.wanted, before=_before(request), most=_SIZE)
        _note(request, question.about)
    page = {
        "question": question,
        "rows": journal_rows(found.rows, _naming(request)),
        "found": found,
        "kinds": kinds_by_module(),
        "size": journal_size(),
        "is_later_page": _before(request) is not None,
    }
    return render(request, "web/journal/journal.html", page)


def _before(request: PageRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _note(request: PageRequest, about: tuple[ObjectRef, ...]) -> None:
    """Reading about people is recorded, and nothing is shown where that fails."""
    for ref in about:
        note_reading(context_of(request), ref)


@staff_page(_READ)
@require_GET
def event(request: PageRequest, stream: str, position: int) -> HttpResponse:
    """One event with its place in the chain."""
    place = place_of(stream, position) if position < 2**62 else None
    if place is None:
        raise no_such_page()
    _note(request, about_stream(stream))
    shown = event_page(place, _naming(request), active_language())
    return render(request, "web/journal/event.html", {"event": shown})


@staff_page(_READ)
@require_GET
def looks(request: PageRequest) -> HttpResponse:
    """Who looked at whose data, and why."""
    found = find(
        Wanted(types=("subject", "reader"), kinds=LOOKS), before=_before(request), most=_SIZE
    )
    page = {
        "rows": look_rows(found.rows, _naming(request)),
        "found": found,
        "is_later_page": _before(request) is not None,
    }
    return render(request, "web/journal/looks.html", page)


@staff_page(_READ)
@require_GET
def verify(request: PageRequest) -> HttpResponse:
    """The verification and the last checkpoints."""
    page: dict[str, object] = {
        "verifying": walking.current(),
        "checkpoints": last_checkpoints(20),
        "size": journal_size(),
    }
    return render(request, "web/journal/verify.html", _with_name(request, page))


def _with_name(request: PageRequest, page: dict[str, object]) -> dict[str, object]:
    found = page["verifying"]
    if isinstance(found, walking.Verifying):
        page["by"] = _naming(request).person(found.by)
    return page


@staff_page(_READ)
@require_POST
def begin_verify(request: PageRequest) -> HttpResponse:
    """Begin a verification."""
    walking.begin(context_of(request))
    return HttpResponseRedirect(reverse("journal_verify"))


@staff_page(_READ)
@require_POST
def advance_verify(request: PageRequest) -> HttpResponse:
    """Go on with the verification; the part of the page, or the page where there is no script."""
    found = walking.advance(context_of(request).with_key(None))
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("journal_verify"))
    page = _with_name(request, {"verifying": found})
    return render(request, "web/journal/parts/verifying.html", page)


@staff_page(_READ)
@require_GET
def export(request: PageRequest) -> HttpResponse:
    """What may be taken out, and in which form."""
    today = request.visitor.day
    page = {
        "choices": CHOICES,
        "choice": "parquet",
        "first": (today - dt.timedelta(days=30)).isoformat(),
        "last": today.isoformat(),
        "key": new_key(),
    }
    return render(request, "web/journal/export.html", page)


@staff_page(_READ)
@require_POST
def download(request: PageRequest) -> HttpResponse:
    """The file; that it was taken out is recorded before it is handed over."""
    asked = {name: request.POST.get(name, "") for name in ("choice", "first", "last")}
    try:
        first, last = _day(asked["first"]), _day(asked["last"])
        taken = take_out(asked["choice"], first, last)
        note_export(
            context_of(request).with_key(None),
            format=asked["choice"],
            since=first.isoformat(),
            until=last.isoformat(),
            facts=taken.facts,
        )
    except Refusal as refusal:
        page = {**asked, "choices": CHOICES, "refusal": refusal, "key": new_key()}
        return render(request, "web/journal/export.html", page, status=status_of(refusal))
    return cast(HttpResponse, taken.answer)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise refuse("web.bad_period", "日期应写作 年-月-日", "Write days as YYYY-MM-DD") from None


def _naming(request: PageRequest) -> Naming:
    visitor = request.visitor
    return Naming(visitor.directory, opens_customers=visitor.may("records.find_customer"))
