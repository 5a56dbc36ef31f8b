"""Views of the customer's pages: home, apply, complain, follow, answer, withdraw, rate."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtStart
from touchstone.process.actions.own_cases import (
    REASONS,
    answer_request,
    choices_of,
    complain,
    rate_case,
    read_request,
    withdraw_own_case,
)
from touchstone.process.drafts import begun_by
from touchstone.process.progress import Progress, cases_of_customer, progress_of
from touchstone.service.actions.by_hand import read_own_letter
from touchstone.ui.forms.answer import Answer
from touchstone.web.access import customer_page, no_such_page
from touchstone.web.acting import context_of, done, new_key, safe_next
from touchstone.web.filling import answered, brought, kept_draft, known_draft
from touchstone.web.paging import SIZE, page_number
from touchstone.web.portal import LARGE_TYPE
from touchstone.web.portal.data import data
from touchstone.web.portal.letters import letters_of
from touchstone.web.portal.offers import (
    COMPLAINT,
    Offer,
    myself,
    offer_of,
    offers,
    outlet_of,
    outlets,
    prefilled,
    promises,
    telephone,
)
from touchstone.web.request import PageRequest

__all__ = [
    "answer",
    "apply",
    "begin",
    "case",
    "complaint",
    "data",
    "home",
    "large_type",
    "letter",
    "letters",
    "rate",
    "withdraw",
]
_ON_A_PAGE = 10
_SENT = {
    "begin": Text("已提交，您的申请已登记", "Sent: your application is registered"),
    "complain": Text("已提交，您的投诉已登记", "Sent: your complaint is registered"),
}
_ANSWERED = Text("已收到，我们会继续办理", "We have it and go on")
SCORES = (
    (5, Text("很满意", "Very satisfied")),
    (4, Text("满意", "Satisfied")),
    (3, Text("一般", "So-so")),
    (2, Text("不满意", "Dissatisfied")),
    (1, Text("很不满意", "Very dissatisfied")),
)


def _show(
    request: PageRequest, template: str, values: dict[str, Any], status: int = 200
) -> HttpResponse:
    values |= {"key": new_key(), "telephone": telephone(request.visitor)}
    return render(request, f"web/portal/{template}.html", values, status=status)


@customer_page
@require_GET
def home(request: PageRequest) -> HttpResponse:
    """His cases in plain words, and what he began to fill in."""
    visitor, number = request.visitor, page_number(request)
    start = (number - 1) * _ON_A_PAGE
    cases = cases_of_customer(visitor.customer, now=request.now, limit=_ON_A_PAGE + 1, offset=start)
    shown = cases[:_ON_A_PAGE]
    known = catalogue().objects("procedure")
    drafts = [
        (slug, Text.from_mapping(known[slug].data["title"]), unit, saved_at)
        for slug, unit, saved_at in begun_by(visitor.actor, request.now)
        if slug in known
    ]
    page = {
        "open_cases": [item for item in shown if item.ended_at is None],
        "past_cases": [item for item in shown if item.ended_at is not None],
        "drafts": drafts if number == 1 else [],
        "earlier": number + 1 if len(cases) > _ON_A_PAGE else None,
        "later": number - 1,
    }
    return _show(request, "home", page)


@customer_page
@require_GET
def apply(request: PageRequest) -> HttpResponse:
    """What he may apply for, and which papers it takes."""
    return _show(request, "apply", {"offers": offers()})


@customer_page
@require_http_methods(["GET", "POST"])
def begin(request: PageRequest, slug: str) -> HttpResponse:
    """The form of an application; a draft keeps it for later."""
    if slug == COMPLAINT:
        return HttpResponseRedirect(reverse("portal_complain"))
    return _begin(request, offer_of(slug), "begin")


@customer_page
@require_http_methods(["GET", "POST"])
def complaint(request: PageRequest) -> HttpResponse:
    """A complaint, with what it is promised; ``?case=`` says what it is about."""
    extra: dict[str, Any] = {"promises": promises(request.visitor)}
    about = request.GET.get("case")
    if about:
        extra["about"] = _mine(request, about).number
    return _begin(request, offer_of(COMPLAINT), "complain", extra)


def _begin(
    request: PageRequest, offer: Offer, template: str, extra: dict[str, Any] | None = None
) -> HttpResponse:
    visitor, procedure, form = request.visitor, offer.procedure, offer.form
    known = myself(visitor)
    unit = outlet_of(visitor, request.GET.get("unit"), known)
    desk = AtStart(procedure.slug, unit, known.id)
    page = {"offer": offer, "procedure": procedure, "form": form, "unit": unit, **(extra or {})}
    query = {"unit": unit}
    if "case" in request.GET:
        query["case"] = request.GET["case"]
    page |= {"units": outlets(visitor), "query": urlencode(query), "version": 0}
    if request.method == "GET":
        draft = known_draft(request, desk)
        typed = dict(draft.typed) if draft else dict(prefilled(form, known))
        if page.get("about"):
            typed["about"] = page["about"]
        page |= {"typed": typed, "version": draft.version if draft else 0}
        return _show(request, template, page)
    given = answered(request, desk, form, offer.papers)
    page |= {"typed": given.typed, "errors": given.errors}
    page["version"] = request.POST.get("draft_version", "0")
    try:
        if kept := kept_draft(request, desk, given.typed, f"{request.path}?{page['query']}"):
            return kept
        if given.errors or given.reshaped:
            return _show(request, template, page, status=422)
        case = _started(request, offer, unit, known.id, given)
    except Refusal as refusal:
        return _show(request, template, {**page, "refusal": refusal}, status=422)
    return done(request, _SENT[template], reverse("portal_case", args=[case]))


def _started(request: PageRequest, offer: Offer, unit: str, customer: str, given: Answer) -> str:
    slug, context = offer.procedure.slug, context_of(request)
    if slug == COMPLAINT:
        return complain(context, customer, unit, given.values, procedure=slug)
    return start_case(
        context,
        slug,
        unit=unit,
        values=given.values,
        customer=customer,
        evidence=given.evidence,
    )


@customer_page
@require_GET
def case(request: PageRequest, case: str) -> HttpResponse:
    """One case as its customer is told of it."""
    progress = _mine(request, case)
    may_withdraw, may_rate = choices_of(request.visitor.customer, case)
    page = {
        "progress": progress,
        "may_withdraw": may_withdraw,
        "may_rate": may_rate,
        "letters": letters_of(request.visitor, case=case),
    }
    return _show(request, "case", page)


@customer_page
@require_GET
def letters(request: PageRequest) -> HttpResponse:
    """Every letter to him, the latest first."""
    number = page_number(request)
    rows = letters_of(request.visitor, offset=(number - 1) * SIZE, limit=SIZE + 1)
    later = number - 1 if number > 1 else None
    earlier = number + 1 if len(rows) > SIZE else None
    return _show(request, "letters", {"letters": rows[:SIZE], "later": later, "earlier": earlier})


@customer_page
@require_POST
def letter(request: PageRequest, identity: str) -> HttpResponse:
    """One letter to him, to read and print; that he read it is on record."""
    try:
        text = read_own_letter(context_of(request), identity)
    except Refusal as refusal:
        if refusal.code == "service.no_such_message":
            raise no_such_page() from None
        raise
    answer = _show(request, "letter", {"letter": text})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@customer_page
@require_http_methods(["GET", "POST"])
def answer(request: PageRequest, case: str, message: str) -> HttpResponse:
    """Answer what is asked: his word, a form, papers."""
    progress = _mine(request, case)
    want = next((item for item in progress.wants if item.message == message), None)
    if want is None:
        raise no_such_page()
    page: dict[str, Any] = {"progress": progress, "want": want, "typed": {}, "errors": {}}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            given, papers = brought(request, want.case, message, want.form)
            page |= {"typed": given.typed, "errors": given.errors}
            if not given.errors and not given.reshaped:
                answer_request(context_of(request), want.case, message, given.values, papers)
                return done(request, _ANSWERED, reverse("portal_case", args=[case]))
        except Refusal as refusal:
            page["refusal"] = refusal
    page["told"] = read_request(context_of(request), want.case, message)
    return _show(request, "answer", page, status)


@customer_page
@require_http_methods(["GET", "POST"])
def withdraw(request: PageRequest, case: str) -> HttpResponse:
    """Withdraw a case, once confirmed."""
    progress = _mine(request, case)
    page: dict[str, Any] = {"progress": progress, "reasons": REASONS.items()}
    if request.method == "POST":
        try:
            withdraw_own_case(context_of(request), case, request.POST.get("reason", ""))
        except Refusal as refusal:
            return _show(request, "withdraw", {**page, "refusal": refusal}, status=422)
        text = Text("已按您的要求撤回", "Withdrawn as you asked")
        return done(request, text, reverse("portal_case", args=[case]))
    may_withdraw, _ = choices_of(request.visitor.customer, case)
    return _show(request, "withdraw", page | {"may_withdraw": may_withdraw})


@customer_page
@require_http_methods(["GET", "POST"])
def rate(request: PageRequest, case: str) -> HttpResponse:
    """Say how it was, once."""
    progress = _mine(request, case)
    page: dict[str, Any] = {"progress": progress, "scores": SCORES}
    if request.method == "POST":
        score, comment = request.POST.get("score", ""), request.POST.get("comment", "")
        try:
            rate_case(context_of(request), case, int(score) if score.isdecimal() else 0, comment)
        except Refusal as refusal:
            typed = {"score": score, "comment": comment}
            return _show(request, "rate", {**page, **typed, "refusal": refusal}, status=422)
        text = Text("感谢您的评价", "Thank you for telling us")
        return done(request, text, reverse("portal_case", args=[case]))
    return _show(request, "rate", page)


@customer_page
@require_POST
def large_type(request: PageRequest) -> HttpResponse:
    """Big type on or off, kept in a cookie."""
    response = HttpResponseRedirect(safe_next(request, reverse("portal")))
    wanted = "large" if request.POST.get("type") == "large" else "plain"
    response.set_cookie(
        LARGE_TYPE, wanted, max_age=365 * 86400, samesite="Lax", secure=request.is_secure()
    )
    return response


def _mine(request: PageRequest, case: str) -> Progress:
    """A case of his own; any other answers like one that does not exist."""
    try:
        return progress_of(request.visitor.customer, case, now=request.now)
    except Refusal:
        raise no_such_page() from None
