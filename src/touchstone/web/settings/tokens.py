"""One's own access tokens: issued with scopes and an end, shown once, revoked at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from touchstone.identity.tokens import (
    DEFAULT_DAYS,
    MOST_DAYS,
    SCOPES,
    Issued,
    TokenView,
    issue_token,
    revoke_token,
    tokens_of,
)
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.request import PageRequest

_SHOWN = 50


@staff_page()
@require_http_methods(["GET", "POST"])
def own(request: PageRequest) -> HttpResponse:
    """The visitor's tokens, and a new one, whose secret is shown this once."""
    if request.method == "GET":
        return _page(request, {"days": str(DEFAULT_DAYS)})
    post = request.POST
    name, days = post.get("name", "").strip()[:100], post.get("days", "")[:4]
    scopes = [scope for scope in post.getlist("scope") if scope in SCOPES]
    try:
        issued = issue_token(
            context_of(request),
            request.visitor.actor,
            scopes,
            name=name,
            days=int(days) if days.isascii() and days.isdigit() else 0,
        )
    except Refusal as refusal:
        asked = {"name": name, "days": days, "scopes": scopes}
        return _page(request, asked, refusal=refusal)
    return _page(request, {"days": str(DEFAULT_DAYS)}, issued=issued)


def _page(
    request: PageRequest,
    asked: Mapping[str, Any],
    *,
    issued: Issued | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    page = {
        "rows": [
            (
                token,
                _state(token, request),
                [SCOPES[item] for item in SCOPES if item in token.scopes],
            )
            for token in tokens_of(request.visitor.actor)[:_SHOWN]
        ],
        "scopes": SCOPES.items(),
        "most_days": MOST_DAYS,
        "asked": asked,
        "issued": issued,
        "refusal": refusal,
        "key": new_key(),
    }
    answer = render(
        request, "web/settings/tokens.html", page, status=status_of(refusal) if refusal else 200
    )
    if issued:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _state(token: TokenView, request: PageRequest) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "active" if token.is_good(request.now) else "expired"


@staff_page()
@require_POST
def revoke(request: PageRequest, identity: str) -> HttpResponse:
    """End one of the visitor's tokens at once; anybody else's does not exist here."""
    if identity not in {token.id for token in tokens_of(request.visitor.actor)}:
        raise no_such_page()
    revoke_token(context_of(request), identity)
    return done(request, Text("令牌已吊销", "The token is revoked"), reverse("tokens"))
