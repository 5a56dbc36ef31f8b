"""Views of messages."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.service.actions.by_hand import Way, hand_over, requeue, show_letter
from touchstone.service.queries import (
    Asked,
    MessageView,
    State,
    count_messages,
    message,
    message_counts,
    print_list,
    read_messages,
)
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.messages.rows import (
    CHANNELS,
    allowed,
    happened,
    letter_titles,
    message_rows,
    print_units,
)
from touchstone.web.naming import Naming
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest

_READ = "messages.read"
_HAND_OVER = "service.hand_over"
STATES = ("waiting", "queued", "sending", "sent", "delivered", "failed")
_WAYS: dict[str, Text] = {
    "handed_over": Text("已登记当面交付", "Noted: handed over"),
    "posted": Text("已登记邮寄，待确认送达", "Noted: posted; delivery is still to be confirmed"),
    "confirmed": Text("已登记收件人确认", "Noted: confirmed by its reader"),
}


@staff_page(_READ)
@require_GET
def messages(request: PageRequest) -> HttpResponse:
    """What was told to whom, the latest first; the address filters."""
    number, get = page_number(request), request.GET
    letters = letter_titles()
    units = request.visitor.directory.units
    asked = Asked(
        state=cast(State, get["state"]) if get.get("state") in STATES else None,
        channel=get["channel"] if get.get("channel") in CHANNELS else None,
        letter=get["letter"] if get.get("letter") in dict(letters) else None,
        unit=get["unit"] if get.get("unit") in units else None,
    )
    found = read_messages(asked, offset=(number - 1) * SIZE, limit=SIZE)
    counts = message_counts()
    page = {
        "rows": message_rows(found, request.visitor),
        "page": page_of(found, number, count_messages(asked)),
        "counts": [(state, counts.get(state, 0)) for state in STATES],
        "asked": asked,
        "letters": letters,
        "channels": CHANNELS.items(),
        "units": [(unit.id, unit.name) for unit in units.values()],
        "may_print": request.visitor.may(_HAND_OVER),
    }
    return render(request, "web/messages/messages.html", page)


@staff_page(_HAND_OVER)
@require_GET
def to_print(request: PageRequest) -> HttpResponse:
    """What waits at the visitor's units to be printed and handed over, the oldest first."""
    found = print_list(print_units(request.visitor))
    page = {"rows": message_rows(found, request.visitor), "may_read": request.visitor.may(_READ)}
    return render(request, "web/messages/print.html", page)


def _known(request: PageRequest, identity: str) -> MessageView:
    """A message that the visitor may read of.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    found, visitor = message(identity), request.visitor
    if found is None or not (visitor.may(_READ) or visitor.may(_HAND_OVER, found.unit)):
        raise no_such_page()
    return found


@staff_page()
@require_GET
def message_page(request: PageRequest, identity: str) -> HttpResponse:
    """One message and everything that happened to it."""
    return _page(request, _known(request, identity))


def _page(request: PageRequest, found: MessageView, refusal: Refusal | None = None) -> HttpResponse:
    visitor = request.visitor
    page: dict[str, Any] = {
        "row": message_rows([found], visitor)[0],
        "happened": happened(found, Naming(visitor.directory)),
        "may": allowed(found, visitor),
        "refusal": refusal,
        "key": new_key(),
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "web/messages/message.html", page, status=status)


@staff_page()
@require_POST
def letter(request: PageRequest, identity: str) -> HttpResponse:
    """The letter's text for printing; that it was shown is on record."""
    found = _known(request, identity)
    try:
        text = show_letter(context_of(request), identity)
    except Refusal as refusal:
        return _page(request, found, refusal)
    page = {"row": message_rows([found], request.visitor)[0], "letter": text}
    answer = render(request, "web/messages/letter.html", page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@staff_page()
@require_POST
def by_hand(request: PageRequest, identity: str) -> HttpResponse:
    """Say what was done with a letter on paper, or that its reader confirmed it."""
    found, way = _known(request, identity), request.POST.get("way", "")
    if way not in _WAYS:
        raise no_such_page()
    try:
        hand_over(context_of(request), identity, cast(Way, way))
    except Refusal as refusal:
        return _page(request, found, refusal)
    return done(request, _WAYS[way], safe_next(request, reverse("message", args=[identity])))


@staff_page()
@require_POST
def again(request: PageRequest, identity: str) -> HttpResponse:
    """Try a message that failed once more, by the way its reader is reached now."""
    found = _known(request, identity)
    try:
        requeue(context_of(request), identity)
    except Refusal as refusal:
        return _page(request, found, refusal)
    text = Text("已重新排队", "Queued again")
    return done(request, text, reverse("message", args=[identity]))
