"""A changed table over a past period: a run of some seconds, a slice of it at each look at the page.

What a run has found is kept for its owner for an hour, in no journal: it is a question, not an act.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from touchstone.decisions.content import TableDecision
from touchstone.decisions.loading import DecisionModelError
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.process.deciding import lines_of, past_count
from touchstone.process.decision_use import decision_uses
from touchstone.process.rerunning import Rerun, Turn, go_on
from touchstone.web.access import staff_page
from touchstone.web.acting import new_key
from touchstone.web.decisions.drafts import uploaded
from touchstone.web.decisions.proposing import desk_of, own_proposal, proposed_decision
from touchstone.web.decisions.reading import Period, day_shown, fields_of, period_of, table_now
from touchstone.web.decisions.rows import PastRow, in_words, past_rows
from touchstone.web.decisions.tables import readings_of
from touchstone.web.decisions.wording import Reading
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest

SECONDS = 1.5
_KEPT = 3600


@dataclass(frozen=True, slots=True)
class Run:
    """One question, and how far its answer has come.

    Attributes:
        source: draft or file, and what it is called.
        amount: the input or variable that is summed up, "" where none is.
    """

    decision: str
    content: bytes
    source: Text
    period: Period
    amount: str
    total: int
    found: Rerun

    @property
    def percent(self) -> int:
        """How much of it is done."""
        if self.found.is_finished or not self.total:
            return 100
        return min(99, self.found.done * 100 // self.total)


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One old and new outcome in words."""

    number: int
    before: tuple[tuple[Text, Text], ...]
    after: tuple[tuple[Text, Text], ...]
    turn: Turn


@staff_page()
@require_http_methods(["GET", "POST"])
def what_if(request: PageRequest, identity: str) -> HttpResponse:
    """Ask, or see how far the answer has come."""
    desk_of(request.visitor)
    current = table_now(identity)
    if request.method == "GET":
        return _shown(request, current)
    try:
        token = _begin(request, current)
    except Refusal as refusal:
        return _form(request, current, refusal=refusal, status=422)
    return HttpResponseRedirect(f"{reverse('decision_what_if', args=[identity])}?run={token}")


def _begin(request: PageRequest, current: TableDecision) -> str:
    """Keep the question under a token of its own.

    Raises:
        Refusal: there is no file, or it cannot be loaded.
    """
    content, source = _source(request, current)
    try:
        proposed_decision(current, content)
    except DecisionModelError as error:
        first = error.problems[0].text
        raise refuse(
            "decisions.not_loadable",
            f"模型无法运行：{first.zh}",
            f"The model cannot be run: {first.en}",
            remedy_zh="请先修正模型中的问题",
            remedy_en="Correct the model first",
        ) from None
    period = period_of(request)
    amount = request.POST.get("amount", "")
    token = new_key()
    run = Run(
        current.id,
        content,
        source,
        period,
        amount if amount in dict(_amounts(current)) else "",
        past_count(current.id, period.span),
        Rerun(),
    )
    cache.set(_key(request, token), run, _KEPT)
    return token


def _source(request: PageRequest, current: TableDecision) -> tuple[bytes, Text]:
    if request.FILES.get("file"):
        content = uploaded(request)
        name = str(getattr(request.FILES["file"], "name", ""))[:80]
        return content, Text(f"上传的文件 {name}", f"the uploaded file {name}")
    draft = own_proposal(request, current.id)
    if draft is None:
        raise refuse(
            "decisions.no_file",
            "没有草稿，请上传一个 .dmn 文件",
            "There is no draft: upload a .dmn file",
        )
    return draft.content, Text("我的草稿", "my draft")


def _shown(request: PageRequest, current: TableDecision) -> HttpResponse:
    token = request.GET.get("run", "")[:100]
    run = cache.get(_key(request, token)) if token.isalnum() and token.isascii() else None
    if not isinstance(run, Run) or run.decision != current.id:
        return _form(request, current, is_gone=bool(token))
    proposed = proposed_decision(current, run.content)
    if not run.found.is_finished:
        stop = time.monotonic() + SECONDS
        found = go_on(
            current.id,
            proposed,
            run.period.span,
            run.found,
            has_time=lambda: time.monotonic() < stop,
            amount=run.amount or None,
        )
        run = replace(run, found=found)
        cache.set(_key(request, token), run, _KEPT)
    readings = _readings(request, current, proposed)
    page = {
        "decision": current,
        "run": run,
        "token": token,
        "amount": dict(_amounts(current)).get(run.amount),
        "lacking": [
            (readings[name].title if name in readings else Text(name, name), count)
            for name, count in run.found.lacking.items()
        ],
        "turns": [
            TurnRow(n, in_words(t.before, readings), in_words(t.after, readings), t)
            for n, t in enumerate(run.found.turns)
        ],
        **_cases(request, run, readings),
    }
    answer = render(request, "web/decisions/what_if_run.html", page)
    if not run.found.is_finished:
        answer.headers["Refresh"] = "1"
    return answer


def _cases(request: PageRequest, run: Run, readings: dict[str, Reading]) -> dict[str, object]:
    """The decisions of the turn the address names, as far as the visitor may know of them."""
    text, number = request.GET.get("turn", ""), page_number(request)
    if not (text.isascii() and text.isdigit() and int(text) < len(run.found.turns)):
        return {"turn": None}
    turn = run.found.turns[int(text)]
    part = turn.ids[(number - 1) * SIZE : number * SIZE]
    rows: tuple[PastRow, ...] = past_rows(
        lines_of(part, request.visitor.sight), readings, request.visitor
    )
    return {
        "turn": int(text),
        "page": page_of(rows, number, len(turn.ids)),
        "hidden": len(part) - len(rows),
    }


def _readings(
    request: PageRequest, current: TableDecision, proposed: TableDecision
) -> dict[str, Reading]:
    today, fields = day_of(request.now), fields_of(current.id)
    new = readings_of(proposed, day_shown(proposed, today), fields)
    return new | readings_of(current, day_shown(current, today), fields)


def _amounts(current: TableDecision) -> tuple[tuple[str, Reading], ...]:
    """What can be added up: money among the open fields of the cases that ask for the decision."""
    found: dict[str, Reading] = {}
    for use in decision_uses(catalogue().version).get(current.id, ()):
        for name, (title, currency) in use.amounts.items():
            found.setdefault(name, Reading(title, currency))
    return tuple(sorted(found.items(), key=lambda item: item[0] not in current.inputs))


def _form(
    request: PageRequest,
    current: TableDecision,
    *,
    refusal: Refusal | None = None,
    is_gone: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = {
        "decision": current,
        "draft": own_proposal(request, current.id),
        "period": period_of(request),
        "amounts": _amounts(current),
        "refusal": refusal,
        "is_gone": is_gone,
    }
    return render(request, "web/decisions/what_if.html", page, status=status)


def _key(request: PageRequest, token: str) -> str:
    return f"what-if:{request.visitor.actor}:{token}"
