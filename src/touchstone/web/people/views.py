"""Views of people and of each person's own settings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.identity.actions import join_person
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.standard.queries import post_titles
from touchstone.ui.templatetags.say import active_language
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.paging import SIZE, page_number, page_of
from touchstone.web.people.acts import ACTS
from touchstone.web.people.first import link_for
from touchstone.web.people.rows import person_panel, person_rows, wanted_people
from touchstone.web.request import PageRequest

_READ = "people.read"
_LONGEST = 120


@staff_page()
@require_GET
def own(request: PageRequest) -> HttpResponse:
    """The visitor's own posts, deputies, look of the pages and security."""
    visitor = request.visitor
    page = {"panel": person_panel(visitor, visitor.actor), "may_erase": visitor.may("vault.erase")}
    return render(request, "web/people/settings.html", page)


@staff_page(_READ)
@require_GET
def people(request: PageRequest) -> HttpResponse:
    """Everybody, by id or name, unit and post."""
    asked = {name: request.GET.get(name, "")[:_LONGEST] for name in ("q", "unit", "post")}
    found = wanted_people(request.visitor, asked["q"].strip(), asked["unit"], asked["post"])
    number = page_number(request)
    rows = person_rows(found[(number - 1) * SIZE : number * SIZE], request.visitor)
    page = {
        "rows": rows,
        "page": page_of(rows, number, len(found)),
        "asked": asked,
        "count": len(found),
        "units": _units(request),
        "posts": _posts(),
        "may_join": request.visitor.may("identity.join_person"),
    }
    return render(request, "web/people/people.html", page)


def _units(request: PageRequest) -> list[tuple[str, Text]]:
    return [(unit.id, unit.name) for unit in request.visitor.directory.units.values()]


def _posts() -> list[tuple[str, Text]]:
    language = active_language()
    return sorted(post_titles().items(), key=lambda item: item[1].in_language(language))


@staff_page("identity.join_person")
@require_http_methods(["GET", "POST"])
def join(request: PageRequest) -> HttpResponse:
    """Take a person on; posts are the security administrator's to grant."""
    asked = {name: request.POST.get(name, "").strip()[:_LONGEST] for name in ("id", "zh", "en")}
    page: dict[str, Any] = {"asked": asked, "key": request.POST.get("key") or new_key()}
    if request.method == "GET":
        return render(request, "web/people/join.html", page)
    try:
        name = Text(asked["zh"] or asked["id"], asked["en"] or asked["zh"] or asked["id"])
        join_person(context_of(request), asked["id"], name)
    except Refusal as refusal:
        page["refusal"] = refusal
        return render(request, "web/people/join.html", page, status=status_of(refusal))
    text = Text(
        "人员已登记，请安全管理员授予岗位", "Registered; the security administrator grants posts"
    )
    return done(request, text, reverse("person", args=[asked["id"]]))


@staff_page(_READ)
@require_GET
def person(request: PageRequest, identity: str) -> HttpResponse:
    """One person, and what the visitor may do about him."""
    return _page(request, identity)


def _page(
    request: PageRequest,
    identity: str,
    *,
    refusal: Refusal | None = None,
    link: str | None = None,
) -> HttpResponse:
    visitor = request.visitor
    if identity not in visitor.directory.persons:
        raise no_such_page()
    is_other = identity != visitor.actor
    page = {
        "panel": person_panel(visitor, identity),
        "refusal": refusal,
        "link": link,
        "asked": request.POST,
        "units": _units(request),
        "posts": _posts(),
        "today": visitor.day.isoformat(),
        "yesterday": (visitor.day - dt.timedelta(days=1)).isoformat(),
        "may_grant": is_other and visitor.may("identity.grant_post"),
        "may_deputise": visitor.may("identity.name_deputy"),
        "may_leave": is_other and visitor.may("identity.leave_person"),
        "may_account": is_other and visitor.may("identity.manage_account"),
        "key": new_key(),
    }
    status = status_of(refusal) if refusal else 200
    answer = render(request, "web/people/person.html", page, status=status)
    if link:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@staff_page(_READ)
@require_POST
def act(request: PageRequest, identity: str) -> HttpResponse:
    """One act of an administrator; the act itself says who may, a refusal is shown in place."""
    name = request.POST.get("act", "")
    if name not in ACTS or identity not in request.visitor.directory.persons:
        raise no_such_page()
    work, text = ACTS[name]
    asked = {key: str(value)[:_LONGEST] for key, value in request.POST.items()}
    try:
        work(context_of(request), identity, asked)
    except Refusal as refusal:
        return _page(request, identity, refusal=refusal)
    if name in ("open", "link"):
        return _page(request, identity, link=link_for(request, identity))
    return done(request, text, reverse("person", args=[identity]))
