"""The plain status page and the health answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from touchstone.kernel.time import SystemClock, day_of
from touchstone.web.status import status


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the process serves."""
    return JsonResponse({"ok": True})


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The state of the institution on one page."""
    now = SystemClock().now()
    chosen = request.GET.get("lang")
    english = chosen == "en" or (chosen is None and not (get_language() or "zh").startswith("zh"))
    page = {"status": status(now), "today": day_of(now), "english": english}
    return render(request, "web/status.html", page)
