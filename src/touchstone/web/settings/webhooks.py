"""Webhooks: other systems that are told of facts; subscribed, tried, switched on again, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.service.actions.webhooks import (
    MAX_ATTEMPTS,
    PUBLISHED,
    TEST,
    Subscribed,
    send_test,
    subscribe,
    switch_on,
    unsubscribe,
)
from touchstone.service.queries import last_told, subscriptions
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.journal.wording import kind_title
from touchstone.web.naming import Naming
from touchstone.web.request import PageRequest

_MANAGE = "integrations.manage"
_TRIAL = Text("试投递", "Trial")


@staff_page(_MANAGE)
@require_http_methods(["GET", "POST"])
def subscriptions_page(request: PageRequest) -> HttpResponse:
    """Every subscription with its last posts, and a new one, whose secret is shown this once."""
    if request.method == "GET":
        return _page(request, {})
    url = request.POST.get("url", "").strip()[:2000]
    kinds = [kind for kind in request.POST.getlist("kind") if kind in PUBLISHED]
    try:
        made = subscribe(context_of(request), url, kinds)
    except Refusal as refusal:
        return _page(request, {"url": url, "kinds": kinds}, refusal=refusal)
    return _page(request, {}, made=made)


def _page(
    request: PageRequest,
    asked: Mapping[str, Any],
    *,
    made: Subscribed | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    found, naming = subscriptions(), Naming(request.visitor.directory)
    told = last_told(item.id for item in found)
    page = {
        "rows": [
            (
                item,
                naming.person(item.subscribed_by),
                [kind_title(kind) for kind in item.kinds],
                [
                    (post, _TRIAL if post.kind == TEST else kind_title(post.kind))
                    for post in told.get(item.id, ())[:5]
                ],
            )
            for item in found
        ],
        "kinds": [(kind, kind_title(kind)) for kind in PUBLISHED],
        "most": MAX_ATTEMPTS,
        "asked": asked,
        "made": made,
        "refusal": refusal,
        "key": new_key(),
    }
    answer = render(
        request, "web/settings/webhooks.html", page, status=status_of(refusal) if refusal else 200
    )
    if made:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@staff_page(_MANAGE)
@require_POST
def act(request: PageRequest, identity: str) -> HttpResponse:
    """Try a subscription, switch it on again, or end it."""
    wanted = request.POST.get("act", "")
    if identity not in {item.id for item in subscriptions()} or wanted not in _ACTS:
        raise no_such_page()
    try:
        text = _ACTS[wanted](request, identity)
    except Refusal as refusal:
        return _page(request, {}, refusal=refusal)
    return done(request, text, reverse("webhooks"))


def _test(request: PageRequest, identity: str) -> Text:
    code = send_test(context_of(request), identity)
    if code is None:
        return Text("试投递成功", "The trial was taken")
    return Text(f"试投递失败：{code}", f"The trial failed: {code}")


def _on(request: PageRequest, identity: str) -> Text:
    switch_on(context_of(request), identity)
    return Text("订阅已重新启用", "The subscription is on again")


def _end(request: PageRequest, identity: str) -> Text:
    unsubscribe(context_of(request), identity)
    return Text("订阅已终止", "The subscription has ended")


_ACTS = {"test": _test, "on": _on, "end": _end}
