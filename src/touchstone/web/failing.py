"""What is answered outside any page: no such address, a form without its token, something broken."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.web.access import no_such_page, show_refusal
from touchstone.web.request import PageRequest


def no_such_address(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, in the words of every page that does not exist."""
    return _shown(request, no_such_page(), 404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be read."""
    said = refuse("web.bad_request", "无法识别这次请求", "This request cannot be read")
    return _shown(request, said, 400)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that did not come from a page of this session changes nothing."""
    said = refuse(
        "web.no_token",
        "页面已失效，没有任何改动",
        "The page is no longer valid; nothing was changed",
        remedy_zh="请重新打开页面后再提交",
        remedy_en="Open the page again and send the form once more",
    )
    return _shown(request, said, 403)


def _shown(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    if not hasattr(request, "visitor"):
        # Refused before anybody asked who it is.
        return HttpResponse(
            f"{refusal.text.zh}\n{refusal.text.en}\n", status=status, content_type="text/plain"
        )
    answer = show_refusal(cast(PageRequest, request), refusal)
    answer.status_code = status
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """500: says nothing of what broke; it stands in the server's log."""
    return render(request, "web/broken.html", status=500)
