"""The first page, the health answer and the gallery of components."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from touchstone.web.access import open_page
from touchstone.web.gallery import samples
from touchstone.web.request import PageRequest
from touchstone.web.status import welcome_facts


@open_page
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the process serves."""
    return JsonResponse({"ok": True})


@open_page
@require_GET
def home(request: PageRequest) -> HttpResponse:
    """Staff go to their work, customers to theirs; whoever is not logged in is told what this is."""
    if request.visitor.is_staff:
        return HttpResponseRedirect(reverse("work"))
    if request.visitor.is_customer:
        return HttpResponseRedirect(reverse("portal"))
    return render(request, "web/welcome.html", {"facts": welcome_facts()})


@open_page
@require_GET
def components(request: PageRequest) -> HttpResponse:
    """Every component in every state, for whoever builds pages."""
    return render(request, "web/components.html", samples(request.now))
