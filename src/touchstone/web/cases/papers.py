"""Files of a case, opened by who works on it; that each was opened is on record."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from touchstone.process.actions.filling import show_evidence
from touchstone.web.access import no_such_page, staff_page
from touchstone.web.acting import context_of
from touchstone.web.cases.panel import course_for
from touchstone.web.request import PageRequest


@staff_page()
@require_POST
def paper(request: PageRequest, case: str) -> HttpResponse:
    """A file of the case, or of the application it was called for; it is saved, never run."""
    course = course_for(request, case)
    holder = request.POST.get("of") or case
    if holder not in (case, course.case["caller_case"]):
        raise no_such_page()
    opened = show_evidence(
        context_of(request), holder, request.POST.get("sha256", ""), request.POST.get("reason", "")
    )
    response = HttpResponse(opened.content, content_type=opened.media_type)
    name = content_disposition_header(as_attachment=True, filename=opened.name)
    response["Content-Disposition"] = name or "attachment"
    response["Cache-Control"] = "no-store"
    return response
