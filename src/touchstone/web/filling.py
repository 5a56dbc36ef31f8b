"""A page's form on its way to an act: what is ours in the request, files handed in, drafts kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages

from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.filling import Desk, hand_in, load_draft, save_draft
from touchstone.process.drafts import Draft
from touchstone.ui.templatetags.say import say_tag
from touchstone.web.acting import context_of
from touchstone.web.request import PageRequest

EVIDENCE = "evidence."
# Names of the page itself, beside those of the form it shows.
OWN_FIELDS = frozenset(
    {"csrfmiddlewaretoken", "key", "next", "draft", "draft_version", "unit", "customer"}
)


def posted(request: PageRequest) -> Mapping[str, Sequence[str]]:
    """What was sent for the form, without the page's own fields."""
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in request.POST.lists()
        if name not in OWN_FIELDS and not name.startswith(EVIDENCE)
    }


def handed_in(request: PageRequest, desk: Desk) -> dict[str, str]:
    """Store the form's own files; field -> sha256.

    Raises:
        Refusal: ``evidence.*`` for a file that is not taken.
    """
    return _stored(request, desk, is_evidence=False)


def evidence_of(request: PageRequest, desk: Desk) -> dict[str, str]:
    """Store the documents a step asks for; id of the document -> sha256.

    Raises:
        Refusal: ``evidence.*`` for a file that is not taken.
    """
    return _stored(request, desk, is_evidence=True)


def _stored(request: PageRequest, desk: Desk, *, is_evidence: bool) -> dict[str, str]:
    found = {}
    for name, file in request.FILES.items():
        if name.startswith(EVIDENCE) is not is_evidence or isinstance(file, list):
            continue
        stored = hand_in(context_of(request).with_key(None), desk, file.name or "", file.read())
        found[name.removeprefix(EVIDENCE)] = stored.sha256
    return found


def known_draft(request: PageRequest, desk: Desk) -> Draft | None:
    """The visitor's draft at this place, if he may act there and has one."""
    try:
        return load_draft(context_of(request), desk)
    except Refusal:
        return None


def wants_draft(request: PageRequest, desk: Desk, typed: Mapping[str, Any]) -> bool:
    """Whether the button pressed was the one that keeps a draft; it is kept."""
    if "draft" not in request.POST:
        return False
    version = request.POST.get("draft_version", "0")
    number = int(version) if version.isascii() and version.isdigit() else 0
    save_draft(context_of(request).with_key(None), desk, typed, number)
    messages.success(request, say_tag("草稿已保存", "The draft is kept"))
    return True
