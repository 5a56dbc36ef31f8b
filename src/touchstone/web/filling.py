"""A page's form on its way to an act: what is ours in the request, what was answered, drafts kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse

from touchstone.kernel.forms import Form, Parsed, parse
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE
from touchstone.process.actions.filling import AtRequest, Desk, hand_in, load_draft, save_draft
from touchstone.process.bringing import MOST_PAPERS
from touchstone.process.drafts import Draft
from touchstone.process.procedure import Evidence
from touchstone.ui.forms.answer import Answer, Upload, answer
from touchstone.ui.templatetags.say import say_text
from touchstone.web.acting import context_of, done
from touchstone.web.request import PageRequest

# Names of the page itself, beside those of the form it shows.
_OWN = frozenset({"csrfmiddlewaretoken", "key", "next", "draft", "draft_version"})


def posted(request: PageRequest) -> Mapping[str, Sequence[str]]:
    """What was sent for the form, without the page's own fields."""
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in request.POST.lists()
        if name not in _OWN
    }


def answered(
    request: PageRequest, desk: Desk, form: Form | None, evidence: Iterable[Evidence] = ()
) -> Answer:
    """What the visitor answered; files are stored before anything is read.

    Raises:
        Refusal: he may not act here.
    """
    uploads = {
        name: Upload(file.name or "", file.read())
        for name, file in request.FILES.items()
        if not isinstance(file, list)
    }
    context = context_of(request).with_key(None)
    return answer(context, desk, form, posted(request), uploads, evidence=evidence)


def brought(
    request: PageRequest, case: str, message: str, form: Form | None
) -> tuple[Parsed, tuple[str, ...]]:
    """What was typed to bring a message to a case, and the sha256 of the papers stored for it.

    Raises:
        Refusal: he may not bring it, or a paper is not taken.
    """
    context, desk = context_of(request).with_key(None), AtRequest(case, message)
    papers = dict.fromkeys(
        hand_in(context, desk, file.name or "", file.read()).sha256
        for file in request.FILES.getlist("papers")[: MOST_PAPERS + 1]
    )
    return parse(form, posted(request)) if form else Parsed({}, {}, {}), tuple(papers)


def known_draft(request: PageRequest, desk: Desk) -> Draft | None:
    """The visitor's draft at this place, if he may act there and has one."""
    try:
        return load_draft(context_of(request), desk)
    except Refusal:
        return None


def has_draft(request: PageRequest) -> bool:
    """Whether the form that was sent began with a draft."""
    return request.POST.get("draft_version", "0") != "0"


def kept_draft(
    request: PageRequest, desk: Desk, typed: Mapping[str, Any], address: str
) -> HttpResponse | None:
    """Keep a draft if that was the button pressed, and go to ``address``; None if it was not.

    A page that keeps drafts by itself asks for JSON, and is told the version and the time of day.

    Raises:
        Refusal: ``process.draft_changed``: another window kept one meanwhile.
    """
    if "draft" not in request.POST:
        return None
    asked = request.headers.get("Accept") == "application/json"
    version = request.POST.get("draft_version", "0")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    try:
        kept = save_draft(context_of(request).with_key(None), desk, typed, number)
    except Refusal as refusal:
        if not asked:
            raise
        told = {"text": say_text(refusal.text), "is_old": refusal.code == "process.draft_changed"}
        return JsonResponse(told, status=409)
    if asked:
        at = request.now.astimezone(INSTITUTION_ZONE)
        return JsonResponse({"version": kept, "at": f"{at:%H:%M}"})
    return done(request, Text("草稿已保存", "The draft is kept"), address)
