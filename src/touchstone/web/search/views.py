"""View of the search."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.web.access import staff_page
from touchstone.web.request import PageRequest
from touchstone.web.search.finding import search_for


@staff_page()
@require_GET
def search(request: PageRequest) -> HttpResponse:
    """Everything the visitor finds under the words of the header's search."""
    found = search_for(request.GET.get("q", ""), request.visitor)
    page = {"found": found, "may_find": request.visitor.may("records.find_customer")}
    return render(request, "web/search/search.html", page)
