"""What every request passes: who it is, the idle time-out, the second factor, how refusals show."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import SystemClock, day_of
from touchstone.web.access import show_refusal
from touchstone.web.acting import safe_next
from touchstone.web.request import PageRequest
from touchstone.web.visitor import visitor_of

Next = Callable[[HttpRequest], HttpResponse]
_SEEN = "seen_at"
_FREE = ("/account/", "/i18n/", "/static/", "/healthz", "/demo/")


class VisitorMiddleware:
    """Puts the visitor and the instant on the request, and ends a session that stood idle."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request as its visitor."""
        page = cast(PageRequest, request)
        page.now = SystemClock().now()
        seconds = int(page.now.timestamp())
        if request.user.is_authenticated:
            seen = request.session.get(_SEEN, seconds)
            if seconds - seen > settings.IDLE_SECONDS:
                logout(request)
            elif seconds - seen >= 60 or _SEEN not in request.session:
                # Written at most once a minute, so that reading pages costs no write.
                request.session[_SEEN] = seconds
        page.visitor = visitor_of(request.user, day_of(page.now))
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal is an answer, not an error; a second press of the same form changes nothing."""
        page = cast(PageRequest, request)
        if isinstance(error, AlreadyDone):
            return HttpResponseRedirect(safe_next(page, request.path))
        return show_refusal(page, error) if isinstance(error, Refusal) else None


class SecondFactorMiddleware:
    """Members of staff without a second factor set one up before anything else."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or lead to where a second factor is set up."""
        visitor = cast(PageRequest, request).visitor
        if (
            settings.SECOND_FACTOR == "required"
            and visitor.is_staff
            and not request.path.startswith(_FREE)
            and not _has_second_factor(request)
        ):
            return HttpResponseRedirect(reverse("mfa_index"))
        return self._next(request)


def _has_second_factor(request: HttpRequest) -> bool:
    """One of his own, or the directory's word that it asked for one (``amr``, ``acr``)."""
    from allauth.mfa.utils import is_mfa_enabled

    if request.session.get("second_factor") == "directory":
        return True
    # The answer is kept in the session once it is yes, so that pages do not ask again.
    if request.session.get("second_factor") == "own":
        return True
    if is_mfa_enabled(request.user):
        request.session["second_factor"] = "own"
        return True
    return False
