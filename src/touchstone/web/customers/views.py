"""Views of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.journal.unit_of_work import AlreadyDone
from touchstone.kernel.forms import parse
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.records.actions.customers import (
    change_customer,
    erase_customer,
    find_by_telephone,
    find_customer,
    register_customer,
    show_customer,
)
from touchstone.records.customer_form import CHANGE, REGISTRATION
from touchstone.records.queries import Customer, customer
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.customers.panel import customer_panel
from touchstone.web.naming import Naming
from touchstone.web.request import PageRequest
from touchstone.web.visitor import Visitor

_OWN = frozenset({"key", "unit", "next"})
_OPEN = ("risk_grade", "segment", "is_vulnerable")


def _posted(request: PageRequest) -> dict[str, list[str]]:
    """What was sent, without what is the page's own."""
    return {name: list(sent) for name, sent in request.POST.lists() if name not in _OWN}


def _known(identity: str) -> Customer:
    found = customer(identity)
    if found is None:
        raise no_such_page()
    return found


@staff_page("records.find_customer")
@require_http_methods(["GET", "POST"])
def find(request: PageRequest) -> HttpResponse:
    """Find a customer by his whole identity number or telephone; nothing less finds anybody."""
    number = request.POST.get("identity_number", "").strip()[:60]
    telephone = request.POST.get("telephone", "").strip()[:40]
    found: tuple[str, ...] = ()
    context = context_of(request).with_key(None)
    if number:
        one = find_customer(context, number)
        found = (one,) if one else ()
    elif telephone:
        found = find_by_telephone(context, telephone)
    if len(found) == 1:
        return HttpResponseRedirect(reverse("customer", args=found))
    page = {
        "number": number,
        "telephone": telephone,
        "asked": bool(number or telephone),
        "found": [(item, item.masked()) for item in map(customer, found) if item],
        "may_register": request.visitor.may("records.register_customer"),
    }
    return render(request, "web/customers/find.html", page)


@staff_page("records.find_customer")
@require_GET
def customer_page(request: PageRequest, identity: str) -> HttpResponse:
    """One customer, masked."""
    return _page(request, _known(identity))


def _page(
    request: PageRequest,
    known: Customer,
    *,
    shown: Mapping[str, Any] | None = None,
    refusal: Refusal | None = None,
    asked: Mapping[str, str] | None = None,
) -> HttpResponse:
    page = {
        "panel": customer_panel(known, request.visitor, shown),
        "refusal": refusal,
        "asked": asked or {},
        "key": new_key(),
    }
    status = status_of(refusal) if refusal else 200
    answer = render(request, "web/customers/customer.html", page, status=status)
    if shown:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@staff_page("records.find_customer")
@require_POST
def show(request: PageRequest, identity: str) -> HttpResponse:
    """One field in clear, this once, for a reason that stays on record."""
    known = _known(identity)
    asked = {name: request.POST.get(name, "")[:500] for name in ("field", "reason")}
    try:
        value = show_customer(context_of(request), identity, asked["field"], asked["reason"])
    except AlreadyDone:
        return HttpResponseRedirect(reverse("customer", args=[identity]))
    except Refusal as refusal:
        return _page(request, known, refusal=refusal, asked=asked)
    return _page(request, known, shown={asked["field"]: value})


@staff_page("records.register_customer")
@require_http_methods(["GET", "POST"])
def register(request: PageRequest) -> HttpResponse:
    """Register a customer at a unit of the visitor's."""
    units = _units(request.visitor, "records.register_customer")
    if request.method == "GET":
        return _form(request, "register", REGISTRATION, {}, units=units)
    parsed = parse(REGISTRATION, _posted(request))
    if parsed.errors:
        return _form(request, "register", REGISTRATION, parsed.typed, parsed.errors, units=units)
    unit = request.POST.get("unit", "")
    try:
        identity = register_customer(context_of(request), parsed.values, unit=unit)
    except Refusal as refusal:
        return _form(request, "register", REGISTRATION, parsed.typed, refusal=refusal, units=units)
    text = Text("客户已登记", "The customer is registered")
    return done(request, text, reverse("customer", args=[identity]))


@staff_page("records.change_customer")
@require_http_methods(["GET", "POST"])
def change(request: PageRequest, identity: str) -> HttpResponse:
    """Change what differs; a sealed field left empty stays as it is."""
    known = _known(identity)
    request.visitor.require("records.change_customer", known.unit)
    units = tuple((unit.id, unit.name) for unit in request.visitor.directory.units.values())
    before = {name: getattr(known, name) for name in _OPEN}
    more: dict[str, Any] = {"units": units, "known": known}
    if request.method == "GET":
        return _form(request, "change", CHANGE, before, **more)
    parsed = parse(CHANGE, _posted(request))
    if parsed.errors:
        return _form(request, "change", CHANGE, parsed.typed, parsed.errors, **more)
    values = {
        name: value for name, value in parsed.values.items() if before.get(name, ...) != value
    }
    unit = request.POST.get("unit") or known.unit
    try:
        change_customer(
            context_of(request), identity, values, unit=None if unit == known.unit else unit
        )
    except Refusal as refusal:
        return _form(request, "change", CHANGE, parsed.typed, refusal=refusal, **more)
    text = Text("客户信息已变更", "The customer's data are changed")
    return done(request, text, reverse("customer", args=[identity]))


def _form(
    request: PageRequest,
    name: str,
    form: Any,
    typed: Mapping[str, Any],
    errors: Mapping[str, Text] | None = None,
    *,
    refusal: Refusal | None = None,
    units: tuple[tuple[str, Text], ...] = (),
    known: Customer | None = None,
) -> HttpResponse:
    page = {
        "form": form,
        "typed": typed,
        "errors": errors or {},
        "refusal": refusal,
        "units": units,
        "unit": request.POST.get("unit") or (known.unit if known else units[0][0] if units else ""),
        "known": known,
        "masked": known.masked() if known else {},
        "key": request.POST.get("key") or new_key(),
    }
    status = status_of(refusal) if refusal else 422 if errors else 200
    return render(request, f"web/customers/{name}.html", page, status=status)


def _units(visitor: Visitor, act: str) -> tuple[tuple[str, Text], ...]:
    """Units at which the visitor may do an act: those of his posts, then those below them."""
    held = [item.unit for item in visitor.holdings]
    below = sorted({unit for place in held for unit in visitor.directory.under(place)})
    return tuple(
        (unit, visitor.directory.units[unit].name)
        for unit in dict.fromkeys([*held, *below])
        if visitor.may(act, unit)
    )


@staff_page("vault.erase")
@require_http_methods(["GET", "POST"])
def erase(request: PageRequest) -> HttpResponse:
    """Erase a customer named by his id, for a reason; the key is destroyed and nothing brings it back."""
    asked = {name: request.POST.get(name, "").strip()[:500] for name in ("customer", "reason")}
    page: dict[str, Any] = {"asked": asked, "key": request.POST.get("key") or new_key()}
    if request.method == "POST":
        try:
            erase_customer(context_of(request), asked["customer"], asked["reason"])
        except Refusal as refusal:
            page["refusal"] = refusal
            return render(request, "web/customers/erase.html", page, status=status_of(refusal))
        text = Text("已删除：密钥已销毁", "Erased: the key is destroyed")
        return done(request, text, reverse("customer_erase"))
    known = customer(request.GET.get("customer", ""))
    page["known"] = known
    if known is not None:
        page["asked"] = {"customer": known.id, "reason": ""}
        page["unit"] = Naming(request.visitor.directory).unit(known.unit)
    return render(request, "web/customers/erase.html", page)
