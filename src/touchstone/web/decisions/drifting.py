"""The page of a card's drift: who is scored now beside who was expected."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.decisions.content import CardDecision
from touchstone.decisions.drifting import GRADE, Drift, Lines, drift_of
from touchstone.decisions.scorecard import Scorecard
from touchstone.kernel.time import day_of
from touchstone.process.deciding import fired, outcomes
from touchstone.process.sight import Sight
from touchstone.standard.parameters import parameter
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.decisions.reading import Period, decision_now, period_of
from touchstone.web.request import PageRequest

_AMBER, _LIMIT, _MISSING = "risk.drift_amber", "risk.drift_limit", "risk.missing_share"
_FEWEST = "measures.small_denominator"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a card came to in a period, by class and by grade."""

    classes: Counter[str]
    grades: Counter[str]


@staff_page()
@require_GET
def drift(request: PageRequest, identity: str) -> HttpResponse:
    """How far the scored have moved since the period before, or since the development sample."""
    decision, period = decision_now(identity), period_of(request)
    if not isinstance(decision, CardDecision):
        raise no_such_page()
    today = day_of(request.now)
    card = decision.card_on(today)
    if not isinstance(card, Scorecard):
        raise no_such_page()
    days = period.last - period.first
    earlier = Period(
        period.first - days - dt.timedelta(days=1), period.first - dt.timedelta(days=1)
    )
    sight = request.visitor.sight
    now, before = counted(decision, period, sight), counted(decision, earlier, sight)
    page = {
        "decision": decision,
        "card": card,
        "period": period,
        "earlier": earlier,
        "total": sum(now.grades.values()),
        "before": sum(before.grades.values()),
        "drifts": drifts(card, today, now, before),
        "lines": {name: parameter(name) for name in (_AMBER, _LIMIT, _MISSING, _FEWEST)},
        "lines_clause": parameter(_LIMIT).clause,
    }
    return render(request, "web/decisions/drift.html", page)


def counted(decision: CardDecision, period: Period, sight: Sight) -> Counted:
    """What the decision came to in cases that the reader may see."""
    classes: Counter[str] = Counter()
    for group in fired(decision.id, period.span, sight):
        for rule in group.rules.get(decision.id, ()):
            classes[rule] += group.count
    return Counted(classes, Counter(outcomes(decision.id, GRADE, period.span, sight)))


def drifts(card: Scorecard, day: dt.date, now: Counted, before: Counted) -> tuple[Drift, ...]:
    """The drift by the lines in force on a day."""
    amber, limit, missing, fewest = (
        float(parameter(name).value_on(day)) for name in (_AMBER, _LIMIT, _MISSING, _FEWEST)
    )
    lines = Lines(amber, limit, missing, int(fewest))
    return drift_of(card, lines, now.classes, before.classes, now.grades, before.grades)
