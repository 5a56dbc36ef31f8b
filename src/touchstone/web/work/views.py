"""Views of my work."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import end_of_day, to_microseconds
from touchstone.process.actions.tasks import claim_task, transfer_task
from touchstone.process.queries import waiting_counts, worklist
from touchstone.web.access import staff_page
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.cases.views import procedure_titles
from touchstone.web.oversight.rows import my_matters
from touchstone.web.request import PageRequest
from touchstone.web.work.rows import colleagues_of, rows_of

_MOST = 50


@staff_page()
@require_GET
def work(request: PageRequest) -> HttpResponse:
    """What the visitor has taken and may take, what runs out first on top; the address filters."""
    visitor, now_us = request.visitor, to_microseconds(request.now)
    whose, due = request.GET.get("whose"), request.GET.get("due")
    before = {"late": now_us, "today": to_microseconds(end_of_day(request.now))}.get(due or "")
    entries = worklist(
        visitor.actor,
        () if whose == "mine" else visitor.pools,
        limit=_MOST,
        procedure=request.GET.get("procedure") or None,
        due_before=before,
    )
    rows = rows_of(entries, visitor, now_us)
    if whose == "pool":
        rows = tuple(row for row in rows if row.state == "open")
    count, late = waiting_counts(visitor.actor, visitor.pools, now_us)
    page = {
        "rows": rows,
        "matters": my_matters(visitor, now_us),
        "count": count,
        "late": late,
        "procedures": procedure_titles(),
        "procedure": request.GET.get("procedure", ""),
        "whose": whose,
        "due": due,
        "colleagues": colleagues_of(visitor),
        "key": new_key(),
        "most": _MOST,
    }
    return render(request, "web/work/work.html", page)


@staff_page()
@require_GET
def waiting(request: PageRequest) -> HttpResponse:
    """How many tasks wait, for the line that stays true while others work."""
    visitor = request.visitor
    count, late = waiting_counts(visitor.actor, visitor.pools, to_microseconds(request.now))
    return render(request, "web/work/waiting.html", {"count": count, "late": late})


@staff_page()
@require_POST
def claim(request: PageRequest) -> HttpResponse:
    """Take the tasks that were marked; what somebody else took meanwhile is said."""
    context = context_of(request)
    return _each(
        request,
        lambda number, task: claim_task(context.with_key(f"{context.key}:{number}"), task),
        Text("已领取 {n} 项", "{n} taken"),
    )


@staff_page()
@require_POST
def hand_over(request: PageRequest) -> HttpResponse:
    """Transfer the marked tasks, which the visitor has taken, to a colleague."""
    context, person = context_of(request), request.POST.get("person", "")
    return _each(
        request,
        lambda number, task: transfer_task(
            context.with_key(f"{context.key}:{number}"), task, person
        ),
        Text("已转办 {n} 项", "{n} transferred"),
    )


def _each(request: PageRequest, doing: Callable[[int, str], None], text: Text) -> HttpResponse:
    """Do one act for every marked task; none done: the refusal, some done: how many."""
    # The button of one row names its task in the address; the marks of the others do not count.
    only = request.GET.getlist("only")
    tasks: Iterable[str] = (only or request.POST.getlist("task"))[:_MOST]
    count, refused = 0, None
    for number, task in enumerate(tasks):
        try:
            doing(number, task)
            count += 1
        except Refusal as refusal:
            refused = refusal
    if not count:
        raise refused or refuse(
            "web.nothing_marked",
            "没有选中任务",
            "No task is marked",
            remedy_zh="请先勾选任务",
            remedy_en="Mark the tasks first",
        )
    said = text.format(n=count)
    if refused:
        said = Text(
            f"{said.zh}；其余未办：{refused.text.zh}", f"{said.en}; the rest: {refused.text.en}"
        )
    return done(request, said, safe_next(request, reverse("work")))
