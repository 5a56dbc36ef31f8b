"""Views of the decisions: the list, one of them, the cases behind a rule, two versions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.decisions.content import CardDecision, TableDecision
from touchstone.kernel.time import day_of
from touchstone.process.deciding import decided_lines, fired
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.decisions.comparing import chosen_versions, compared, decision_at
from touchstone.web.decisions.proposing import may_propose
from touchstone.web.decisions.reading import (
    day_shown,
    decision_lines,
    decision_now,
    decision_page,
    fields_of,
    keys_of,
    period_of,
)
from touchstone.web.decisions.rows import past_rows
from touchstone.web.decisions.tables import card_view, readings_of, table_views
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest


@staff_page()
@require_GET
def decisions(request: PageRequest) -> HttpResponse:
    """Every decision of the standard, and how often it was asked."""
    period = period_of(request)
    lines = decision_lines(request.visitor.sight, period, day_of(request.now))
    return render(request, "web/decisions/decisions.html", {"lines": lines, "period": period})


@staff_page()
@require_GET
def decision(request: PageRequest, identity: str) -> HttpResponse:
    """One decision: its tables or points, a form to try it, its analysis and its use."""
    page = {
        "shown": decision_page(request, identity),
        "may_propose": may_propose(request.visitor),
    }
    return render(request, "web/decisions/decision.html", page)


@staff_page()
@require_GET
def cases(request: PageRequest, identity: str) -> HttpResponse:
    """The cases behind a count: those that one rule, or any, decided in the period."""
    found, period = decision_now(identity), period_of(request)
    sight, number = request.visitor.sight, page_number(request)
    groups = fired(identity, period.span, sight)
    table, rule = request.GET.get("table", "")[:200], request.GET.get("rule", "")[:200]
    wanted = [g for g in groups if g.key in set(keys_of(groups, table, rule))]
    lines = decided_lines(
        identity,
        period.span,
        sight,
        tuple(group.key for group in wanted),
        offset=(number - 1) * SIZE,
        limit=SIZE,
    )
    readings = readings_of(found, day_shown(found, day_of(request.now)), fields_of(identity))
    page = {
        "decision": found,
        "period": period,
        "rule": rule,
        "page": page_of(
            past_rows(lines, readings, request.visitor), number, sum(g.count for g in wanted)
        ),
    }
    return render(request, "web/decisions/cases.html", page)


@staff_page()
@require_GET
def versions(request: PageRequest, identity: str) -> HttpResponse:
    """Two versions of the decision side by side."""
    now = decision_now(identity)
    chosen = chosen_versions(request, identity)
    before, after = (decision_at(n, identity) for n in (chosen.before, chosen.after))
    if after is None:
        raise no_such_page()
    today, fields = day_of(request.now), fields_of(identity)
    page: dict[str, object] = {"decision": now, "chosen": chosen, "comparisons": (), "cards": ()}
    if isinstance(before, TableDecision) and isinstance(after, TableDecision):
        page["comparisons"] = compared(
            *(
                (one.content, table_views(one, day_shown(one, today), fields))
                for one in (before, after)
            )
        )
    elif isinstance(before, CardDecision) and isinstance(after, CardDecision):
        page["cards"] = tuple(
            view for one in (before, after) if (view := card_view(one, day_shown(one, today)))
        )
    return render(request, "web/decisions/versions.html", page)
