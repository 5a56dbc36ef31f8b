"""The language of a page: the visitor's choice, else Chinese; one control in the header keeps the page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_POST

from touchstone.web.access import open_page
from touchstone.web.acting import safe_next
from touchstone.web.request import PageRequest

_CODES = {"zh": "zh-hans", "en": "en"}


class LanguageMiddleware:
    """Activates the chosen language; Chinese comes first, whatever the browser prefers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in its language."""
        wanted = request.GET.get("lang") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = _CODES.get(wanted, _CODES["zh"])
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self._next(request)
            response.headers.setdefault("Content-Language", code)
        return response


@open_page
@require_POST
def choose(request: PageRequest) -> HttpResponse:
    """Remember the language and go back to the page."""
    response = HttpResponseRedirect(safe_next(request, "/"))
    wanted = request.POST.get("language", "zh")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        wanted if wanted in _CODES else "zh",
        max_age=365 * 86400,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
