"""Views of the monthly report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.measures.queries.stored import measured_periods
from touchstone.ui.templatetags.say import say_text
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.naming import Naming
from touchstone.web.reports.composing import Report, monthly_report
from touchstone.web.reports.files import docx_of, pdf_of
from touchstone.web.reports.signing import signed_by, signings
from touchstone.web.request import PageRequest

_READ = "board.read"
_KINDS = {
    "docx": (
        docx_of,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "pdf": (pdf_of, "application/pdf"),
}


@staff_page(_READ)
@require_GET
def reports(request: PageRequest) -> HttpResponse:
    """Every month that was measured: how far its report has come, and its files."""
    periods = tuple(measured_periods())
    known = signings(periods)
    rows = [(period, known[period]) for period in periods]
    page = {"rows": rows, "naming": Naming(request.visitor.directory)}
    return render(request, "web/reports/reports.html", page)


@staff_page(_READ)
@require_GET
def report(request: PageRequest, period: str) -> HttpResponse:
    """One month's report, to read."""
    naming = Naming(request.visitor.directory)
    found = _report(period, naming)
    signing = signings((period,))[period]
    page = {"report": found, "signing": signing, "signers": signed_by(signing, naming)}
    return render(request, "web/reports/report.html", page)


@staff_page(_READ)
@require_GET
def report_file(request: PageRequest, period: str, kind: str) -> HttpResponse:
    """One month's report as DOCX or PDF, in the reader's language."""
    if kind not in _KINDS:
        raise no_such_page()
    naming = Naming(request.visitor.directory)
    found = _report(period, naming)
    make, media = _KINDS[kind]
    signers = signed_by(signings((period,))[period], naming)
    answer = HttpResponse(make(found, signers, say_text), content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="service-quality-{period}.{kind}"'
    return answer


def _report(period: str, naming: Naming) -> Report:
    found = monthly_report(period, naming) if period in set(measured_periods()) else None
    if found is None:
        raise no_such_page()
    return found
