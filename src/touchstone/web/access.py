"""Who may open which page: the decorators every view carries, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.web.request import PageRequest

Params = ParamSpec("Params")
Page = Callable[Concatenate[PageRequest, Params], HttpResponse]
# What a refusal answers with; everything else that the business refuses is 422.
_STATUS = {
    "web.not_permitted": 403,
    "web.no_such_page": 404,
    "identity.not_permitted": 403,
    "process.not_permitted": 403,
    "journal.busy": 409,
}


def staff_page(act: str | None = None) -> Callable[[Page[Params]], Page[Params]]:
    """For members of staff; ``act`` of ``identity.authority`` narrows it."""

    def decorate(view: Page[Params]) -> Page[Params]:
        @wraps(view)
        def guarded(
            request: PageRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponse:
            if not request.visitor.is_staff:
                return _elsewhere(request)
            if act is not None:
                request.visitor.require(act)
            return view(request, *args, **kwargs)

        guarded.touchstone_access = ("staff", act)  # type: ignore[attr-defined]
        return guarded

    return decorate


def customer_page(view: Page[Params]) -> Page[Params]:
    """For customers, about themselves."""

    @wraps(view)
    def guarded(
        request: PageRequest, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponse:
        if not request.visitor.is_customer:
            return _elsewhere(request)
        return view(request, *args, **kwargs)

    guarded.touchstone_access = ("customer", None)  # type: ignore[attr-defined]
    return guarded


def open_page(view: Page[Params]) -> Page[Params]:
    """For everybody, logged in or not; says nothing about anybody."""
    view.touchstone_access = ("open", None)  # type: ignore[attr-defined]
    return view


def _elsewhere(request: PageRequest) -> HttpResponse:
    """Whoever is not logged in logs in first; whoever is has no such page."""
    if request.visitor.kind == "nobody":
        address = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
        return HttpResponseRedirect(address)
    raise no_such_page()


def no_such_page() -> Refusal:
    """The same answer for what does not exist and for what somebody may not know of."""
    return refuse(
        "web.no_such_page",
        "没有找到您要的内容",
        "There is no such page",
        remedy_zh="请返回上一页，或使用搜索",
        remedy_en="Go back, or use the search",
    )


def status_of(refusal: Refusal) -> int:
    """The HTTP status that a refusal answers with."""
    return _STATUS.get(refusal.code, 422)


def show_refusal(request: PageRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a page of its own, or as a part where a part was asked for."""
    part = "ui/parts/refusal.html" if request.headers.get("HX-Request") else "web/refused.html"
    values: dict[str, Any] = {"refusal": refusal, "back": _came_from(request)}
    return render(request, part, values, status=status_of(refusal))


def _came_from(request: PageRequest) -> str | None:
    """The page of this house on which the refused act was tried."""
    found = urlsplit(request.headers.get("Referer", ""))
    return found.path if found.netloc == request.get_host() and found.path != request.path else None
