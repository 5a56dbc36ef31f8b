"""Views of the counter intake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.kernel.forms import parse
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtStart
from touchstone.records.actions.customers import find_customer, register_customer
from touchstone.records.customer_form import REGISTRATION
from touchstone.records.queries import Customer, customer
from touchstone.web.access import staff_page
from touchstone.web.acting import context_of, new_key
from touchstone.web.cases.panel import course_for
from touchstone.web.filling import answered, kept_draft, known_draft, posted
from touchstone.web.intake.desks import Counter, counter_of, counters
from touchstone.web.request import PageRequest


@staff_page()
@require_GET
def choose(request: PageRequest) -> HttpResponse:
    """What the visitor may begin."""
    return render(request, "web/intake/choose.html", {"counters": counters(request.visitor)})


@staff_page()
@require_http_methods(["GET", "POST"])
def begin(request: PageRequest, slug: str) -> HttpResponse:
    """The form a case begins with; sent, it begins and its receipt is shown."""
    counter = counter_of(request.visitor, slug)
    unit = _unit(request, counter)
    known = _customer(request)
    desk = AtStart(slug, unit, known.id if known else None)
    form = counter.deployed.forms[counter.deployed.procedure.start.form or ""]
    if request.method == "GET":
        draft = known_draft(request, desk)
        typed = draft.typed if draft else _prefilled(form.properties, known)
        return _page(request, counter, unit, known, typed, version=draft.version if draft else 0)
    given = answered(request, desk, form)
    try:
        if kept := kept_draft(request, desk, given.typed, request.get_full_path()):
            return kept
        if given.errors or given.reshaped:
            return _page(request, counter, unit, known, given.typed, given.errors, status=422)
        case = start_case(
            context_of(request),
            slug,
            unit=unit,
            values=given.values,
            customer=known.id if known else None,
        )
    except Refusal as refusal:
        return _page(request, counter, unit, known, given.typed, refusal=refusal, status=422)
    return HttpResponseRedirect(reverse("receipt", args=[case]))


def _page(
    request: PageRequest,
    counter: Counter,
    unit: str,
    known: Customer | None,
    typed: Mapping[str, Any],
    errors: Mapping[str, Text] | None = None,
    *,
    refusal: Refusal | None = None,
    version: int = 0,
    status: int = 200,
) -> HttpResponse:
    procedure = counter.deployed.procedure
    page = {
        "counter": counter,
        "procedure": procedure,
        "form": counter.deployed.forms[procedure.start.form or ""],
        "unit": unit,
        "customer": known,
        "masked": known.masked() if known else {},
        "needs_customer": procedure.start.customer and known is None,
        "registration": REGISTRATION,
        "typed": typed,
        "errors": errors or {},
        "refusal": refusal,
        "version": version,
        "key": new_key(),
        "query": urlencode(
            {"unit": unit, **({"customer": known.id} if known else {})},
        ),
    }
    return render(request, "web/intake/begin.html", page, status=status)


@staff_page("records.find_customer")
@require_POST
def find(request: PageRequest, slug: str) -> HttpResponse:
    """Find the customer by the whole identity number; nothing less finds anybody."""
    counter = counter_of(request.visitor, slug)
    unit = _unit(request, counter)
    number = request.POST.get("identity_number", "")
    found = find_customer(context_of(request), number)
    if found is None:
        refusal = refuse(
            "records.no_such_customer",
            "没有登记该证件号码的客户",
            "No customer is registered under this identity number",
            remedy_zh="请核对号码，或在下方登记新客户",
            remedy_en="Check the number, or register the customer below",
        )
        return _page(request, counter, unit, None, {}, refusal=refusal, status=422)
    return _with_customer(slug, unit, found)


@staff_page("records.register_customer")
@require_POST
def enrol(request: PageRequest, slug: str) -> HttpResponse:
    """Register the customer and go on with the form."""
    counter = counter_of(request.visitor, slug)
    unit = _unit(request, counter)
    parsed = parse(REGISTRATION, posted(request))
    page_values: dict[str, Any] = {"status": 422}
    if not parsed.errors:
        try:
            found = register_customer(context_of(request), parsed.values, unit=unit)
            return _with_customer(slug, unit, found)
        except Refusal as refusal:
            page_values["refusal"] = refusal
    return _page(request, counter, unit, None, parsed.typed, parsed.errors, **page_values)


def _with_customer(slug: str, unit: str, found: str) -> HttpResponse:
    query = urlencode({"unit": unit, "customer": found})
    return HttpResponseRedirect(f"{reverse('begin', args=[slug])}?{query}")


@staff_page()
@require_GET
def receipt(request: PageRequest, case: str) -> HttpResponse:
    """The receipt of a case that was just begun, for print."""
    course = course_for(request, case)
    return render(request, "web/intake/receipt.html", {"course": course})


def _unit(request: PageRequest, counter: Counter) -> str:
    wanted = request.GET.get("unit") or request.POST.get("unit")
    own = [unit for unit, _ in counter.units]
    return wanted if wanted in own else own[0]


def _customer(request: PageRequest) -> Customer | None:
    identity = request.GET.get("customer")
    known = (
        customer(identity) if identity and request.visitor.may("records.find_customer") else None
    )
    return known if known and known.state == "active" else None


def _prefilled(properties: Mapping[str, Any], known: Customer | None) -> Mapping[str, Any]:
    """What is known at the counter: the channel, and the customer's open facts of the same name."""
    found: dict[str, Any] = {}
    if "counter" in (properties.get("channel") or {}).get("enum", ()):
        found["channel"] = "counter"
    for name in ("risk_grade", "segment", "is_vulnerable", "kind"):
        if known and name in properties and getattr(known, name) is not None:
            found[name] = getattr(known, name)
    return found
