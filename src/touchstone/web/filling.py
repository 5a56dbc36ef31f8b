"""A page's form on its way to an act: what is ours in the request, what was answered, drafts kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages

from touchstone.kernel.forms import Form
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.filling import Desk, load_draft, save_draft
from touchstone.process.drafts import Draft
from touchstone.process.procedure import Evidence
from touchstone.ui.forms.answer import Answer, Upload, answer
from touchstone.ui.templatetags.say import say_tag
from touchstone.web.acting import context_of
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


def known_draft(request: PageRequest, desk: Desk) -> Draft | None:
    """The visitor's draft at this place, if he may act there and has one."""
    try:
        return load_draft(context_of(request), desk)
    except Refusal:
        return None


def has_draft(request: PageRequest) -> bool:
    """Whether the form that was sent began with a draft."""
    return request.POST.get("draft_version", "0") != "0"


def kept_draft(request: PageRequest, desk: Desk, typed: Mapping[str, Any]) -> bool:
    """Keep a draft if that was the button pressed; whether it was.

    Raises:
        Refusal: ``process.draft_changed``: another window kept one meanwhile.
    """
    if "draft" not in request.POST:
        return False
    version = request.POST.get("draft_version", "0")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    save_draft(context_of(request).with_key(None), desk, typed, number)
    messages.success(request, say_tag("草稿已保存", "The draft is kept"))
    return True
