"""Views of findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from touchstone.improvement.folds import finding_stream
from touchstone.improvement.queries import Asked, finding, finding_counts, findings
from touchstone.improvement.repairing import repair_by_person
from touchstone.improvement.xray import RULES, Checked, xray
from touchstone.journal.projections import Values
from touchstone.journal.reading import stream_rows
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.standard.queries import function_titles
from touchstone.ui.templatetags.say import say_text
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.improvement.ledger import ledger_of
from touchstone.web.improvement.rows import finding_rows
from touchstone.web.journal.wording import KINDS
from touchstone.web.naming import Naming
from touchstone.web.oversight.scope import units_of
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.request import PageRequest

_READ = "oversight.read"
_KEPT_MINUTES = 5
# Tab -> level and state.
_TABS = {
    "findings": ("finding", "open"),
    "hints": ("hint", "open"),
    "closed": (None, "closed"),
}
_LEDGER = 5000
_TITLE = Text("整改台账", "Ledger of rectification")


def _asked(request: PageRequest, level: str | None) -> tuple[Asked, dict[str, Any]]:
    """What the address asks for, within the units that the visitor watches over."""
    known, own = request.visitor.directory, units_of(request.visitor)
    open_units = [
        unit
        for unit in known.units.values()
        if unit.level != "outlet" and (own is None or unit.id in own)
    ]
    unit, owner = request.GET.get("unit", ""), request.GET.get("owner", "")
    unit = unit if unit in {item.id for item in open_units} else ""
    owners = function_titles()
    owner = owner if owner in owners else ""
    asked = Asked(frozenset({unit}) if unit else own, level, owner or None)
    filters = {
        "units": [(item.id, item.name) for item in open_units],
        "unit": unit,
        "owners": sorted(owners.items(), key=lambda item: item[1].zh),
        "owner": owner,
    }
    return asked, filters


@staff_page(_READ)
@require_GET
def findings_page(request: PageRequest) -> HttpResponse:
    """Findings, hints, or what is closed."""
    tab = request.GET.get("tab", "findings")
    tab = tab if tab in _TABS else "findings"
    level, state = _TABS[tab]
    asked, filters = _asked(request, level)
    counts = finding_counts(Asked(asked.units, None, asked.owner))
    shown = {name: _count(counts, *wanted) for name, wanted in _TABS.items()}
    number = page_number(request)
    found = findings(asked, state=state, offset=(number - 1) * SIZE, limit=SIZE)
    rows = finding_rows(found, Naming(request.visitor.directory))
    page = {
        "rows": rows,
        "page": page_of(rows, number, shown[tab]),
        "tab": tab,
        "counts": shown,
        "watches_all": units_of(request.visitor) is None,
    }
    return render(request, "web/improvement/findings.html", page | filters)


def _count(counts: dict[tuple[str, str], int], level: str | None, state: str) -> int:
    return sum(
        count
        for (known, where), count in counts.items()
        if where == state and level in (None, known)
    )


@staff_page(_READ)
@require_GET
def ledger(request: PageRequest) -> HttpResponse:
    """The ledger as a spreadsheet: findings open and closed, not hints."""
    asked, _ = _asked(request, "finding")
    found = [
        row for state in ("open", "closed") for row in findings(asked, state=state, limit=_LEDGER)
    ]
    rows = finding_rows(found, Naming(request.visitor.directory))
    body = ledger_of(rows, _TITLE, say_text)
    answer = HttpResponse(
        body, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="ledger-{request.visitor.day}.xlsx"'
    return answer


@staff_page(_READ)
@require_GET
def self_check(request: PageRequest) -> HttpResponse:
    """What must hold of the live data, rule by rule; for who watches the whole institution."""
    if units_of(request.visitor) is not None:
        raise no_such_page()
    at, checked = _checked(request)
    page = {
        "at": at,
        "rules": checked,
        "broken": sum(bool(item.violations) for item in checked),
        "left_out": [rule for rule in RULES if rule.is_whole],
        "tab": "xray",
    }
    return render(request, "web/improvement/xray.html", page)


def _checked(request: PageRequest) -> tuple[dt.datetime, tuple[Checked, ...]]:
    """When the rules were checked, and what was found: at most some minutes ago, or now if asked."""
    key = f"xray:{catalogue().version}"
    kept = cache.get(key)
    if kept is None or request.GET.get("again") == "1":
        kept = (request.now, xray(request.now, whole=False))
        cache.set(key, kept, _KEPT_MINUTES * 60)
    at, checked = kept
    return at, checked


def _known(request: PageRequest, identity: str) -> Values:
    """A finding that the visitor may know of.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    found = finding(identity)
    units = units_of(request.visitor)
    if found is None or not (units is None or found["unit"] in units):
        raise no_such_page()
    return found


@staff_page(_READ)
@require_GET
def finding_page(request: PageRequest, identity: str) -> HttpResponse:
    """One finding, from the clause to its repair."""
    return _finding_page(request, _known(request, identity))


def _finding_page(
    request: PageRequest, found: Values, refusal: Refusal | None = None
) -> HttpResponse:
    visitor = request.visitor
    naming = Naming(visitor.directory)
    (row,) = finding_rows([found], naming)
    stream = finding_stream(found["subject"], found["scope"])
    steps = [
        (recorded, KINDS[recorded.kind], naming.person(recorded.actor))
        for event in stream_rows(stream)
        for recorded in event.recorded()
        if recorded.data["id"] == found["id"]
    ]
    branches = [unit for unit in visitor.directory.units.values() if unit.level == "branch"]
    page = {
        "row": row,
        "steps": steps,
        "stream": stream,
        "refusal": refusal,
        "key": new_key(),
        "branches": [(unit.id, unit.name) for unit in branches],
        "may_repair": row.waits_for_a_person and visitor.may("improvement.begin_repair"),
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "web/improvement/finding.html", page, status=status)


@staff_page(_READ)
@require_POST
def begin_repair(request: PageRequest, identity: str) -> HttpResponse:
    """Say which branch repairs what head office answers for."""
    found = _known(request, identity)
    try:
        repair_by_person(context_of(request), found["id"], request.POST.get("unit", ""))
    except Refusal as refusal:
        return _finding_page(request, found, refusal)
    return done(
        request, Text("已发起整改", "The repair was begun"), reverse("finding", args=[identity])
    )
