"""Views of my work."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import to_microseconds
from touchstone.process.actions.tasks import claim_task
from touchstone.process.queries import matters, worklist
from touchstone.web.access import staff_page
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.request import PageRequest
from touchstone.web.work.rows import rows_of

_MOST = 50


@staff_page()
@require_GET
def work(request: PageRequest) -> HttpResponse:
    """What the visitor has taken and may take, what runs out first on top."""
    visitor = request.visitor
    entries = worklist(visitor.actor, visitor.pools, limit=_MOST)
    rows = rows_of(entries, visitor, to_microseconds(request.now))
    page = {
        "rows": rows,
        "matters": matters(visitor.actor, visitor.pools, limit=20),
        "key": new_key(),
        "most": _MOST,
    }
    return render(request, "web/work/work.html", page)


@staff_page()
@require_POST
def claim(request: PageRequest) -> HttpResponse:
    """Take the tasks that were marked; what somebody else took meanwhile is said."""
    context = context_of(request)
    taken, refused = 0, None
    for number, task in enumerate(request.POST.getlist("task")[:_MOST]):
        try:
            claim_task(context.with_key(f"{context.key}:{number}"), task)
            taken += 1
        except Refusal as refusal:
            refused = refusal
    if not taken and refused:
        raise refused
    text = Text(f"已领取 {taken} 项", f"{taken} taken")
    return done(request, text, safe_next(request, reverse("work")))
