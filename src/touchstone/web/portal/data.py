"""The customer's own data: masked, shown once he confirms, exported, his request for erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.consents import consents_of
from touchstone.process.progress import Progress, cases_of_customer
from touchstone.records.actions.own_data import ask_erasure, show_own_data
from touchstone.records.customer_form import REGISTRATION
from touchstone.records.queries import Customer, erasure_requests, of_customer
from touchstone.records.registers import register_of
from touchstone.service.queries import addresses_of
from touchstone.web.access import customer_page, no_such_page
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.portal.offers import myself, telephone
from touchstone.web.request import PageRequest

_CHANNELS = "channel-registration"


@customer_page
@require_http_methods(["GET", "POST"])
def data(request: PageRequest) -> HttpResponse:
    """What the institution holds of him, and what he may do with it."""
    known = myself(request.visitor)
    wanted = request.POST.get("do") if request.method == "POST" else None
    if wanted is None and request.method == "GET":
        return _page(request, known, known.masked())
    if wanted == "show":
        return _page(request, known, show_own_data(context_of(request)), is_clear=True)
    if wanted == "export":
        return _export(request, known)
    if wanted == "erase":
        try:
            _ask_erasure(request)
        except Refusal as refusal:
            return _page(request, known, known.masked(), refusal=refusal, status=422)
        text = Text("删除请求已登记", "Your request for erasure is registered")
        return done(request, text, reverse("portal_data"))
    raise no_such_page()


def _ask_erasure(request: PageRequest) -> None:
    if request.POST.get("sure") != "yes":
        raise refuse(
            "web.not_confirmed",
            "请先勾选确认",
            "Please tick that you are sure",
        )
    ask_erasure(context_of(request))


def _page(
    request: PageRequest,
    known: Customer,
    secret: Mapping[str, Any],
    *,
    is_clear: bool = False,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    unit = request.visitor.directory.units.get(known.unit)
    facts = [
        (REGISTRATION.title_of(name), secret[name])
        for name in ("name", "identity_number", "telephone", "address")
        if name in secret
    ]
    page = {
        "known": known,
        "unit": unit.name if unit else None,
        "facts": facts,
        "is_clear": is_clear,
        "channels": [
            (_channel(item.values["channel"]), item.values)
            for item in of_customer(_CHANNELS, known.id)
        ],
        "addresses": addresses_of(f"customer:{known.id}"),
        "consents": consents_of(known.id),
        "requests": erasure_requests(known.id),
        "refusal": refusal,
        "key": new_key(),
        "telephone": telephone(request.visitor),
    }
    response = render(request, "web/portal/data.html", page, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _channel(value: str) -> Text:
    """The register's own word for a channel."""
    form = register_of(catalogue(), _CHANNELS).form
    options = next(field.options for field in form.fields if field.name == "channel")
    found = (option.label for option in options if option.value == value)
    return next(found, Text(value, value))


def _export(request: PageRequest, known: Customer) -> HttpResponse:
    """Everything that is the customer's own, as JSON: his record, his cases in the words he is told."""
    secret = show_own_data(context_of(request), how="export")
    cases = cases_of_customer(known.id, now=request.now, limit=1000)
    found = {
        "customer": known.id,
        "kind": known.kind,
        "unit": known.unit,
        "since": known.since.isoformat(),
        **secret,
        "channels": [dict(item.values) for item in of_customer(_CHANNELS, known.id)],
        "addresses": [
            {"channel": item.channel, "address": item.masked}
            for item in addresses_of(f"customer:{known.id}")
        ],
        "consents": [
            {"to": item.text.zh, "case": item.number, "given_at": item.given_at.isoformat()}
            for item in consents_of(known.id)
        ],
        "requests": [
            {"request": item.values["request"], "asked_on": item.on.isoformat()}
            for item in erasure_requests(known.id)
        ],
        "cases": [_told(item) for item in cases],
        "exported_at": request.now.isoformat(),
    }
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "no-store"
    return response


def _told(progress: Progress) -> dict[str, Any]:
    return {
        "number": progress.number,
        "title": progress.title.zh,
        "started_at": progress.started_at.isoformat(),
        "ended_at": progress.ended_at.isoformat() if progress.ended_at else None,
        "stages": [
            {
                "title": stage.title.zh,
                "state": stage.state,
                "since": stage.since.isoformat() if stage.since else None,
            }
            for stage in progress.stages
        ],
        "outcome": progress.outcome.zh if progress.outcome else None,
    }
