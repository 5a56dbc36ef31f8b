"""The demonstration: stepping into a person of the simulated bank without a password.

Only where the server was started for it and the data are a simulation's; anywhere else the page
does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from touchstone.journal.reading import head_position
from touchstone.kernel.text import Text
from touchstone.standard.queries import post_titles
from touchstone.web.access import no_such_page, open_page
from touchstone.web.request import PageRequest
from touchstone.web.visitor import CUSTOMER, Visitor

# The mark that a simulation leaves on what it wrote.
_MARK = "simulation"
_ROLES: tuple[tuple[str, str, Text], ...] = (
    ("acceptance_clerk", "b31", Text("柜员", "Clerk")),
    ("account_manager", "b31", Text("客户经理", "Account manager")),
    ("credit_first_reviewer", "b3", Text("初审员", "First reviewer")),
    ("credit_second_reviewer", "b3", Text("复审员", "Second reviewer")),
    ("branch_head", "b3", Text("分行行长", "Branch head")),
    ("quality_officer", "head", Text("质量官", "Quality officer")),
    ("internal_auditor", "head", Text("审计员", "Auditor")),
)
# The outlet of the clerk comes first, so that these people meet in the same cases.
_LIVELY = (
    "SELECT customer FROM process_case WHERE procedure = 'loan' AND state = 'open'"
    " AND customer IS NOT NULL ORDER BY unit = 'b31' DESC, started_at DESC, id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody one may step into."""

    actor: str
    role: Text
    name: Text
    is_current: bool


def is_open() -> bool:
    """Whether stepping in is allowed: a server started for it, over simulated data."""
    return bool(settings.DEMO) and head_position(_MARK) > 0


def personas(visitor: Visitor) -> tuple[Persona, ...]:
    """One holder of each role worth looking at, and a customer with an open loan."""
    if not is_open():
        return ()
    found = []
    for post, unit, role in _ROLES:
        for person in visitor.directory.holders([post], unit, visitor.day)[:1]:
            name = visitor.directory.persons[person].name
            found.append(Persona(person, role, name, person == visitor.actor))
    customer = visitor.actor if visitor.is_customer else _customer()
    if customer:
        role = Text("客户", "Customer")
        found.append(Persona(customer, role, role, customer == visitor.actor))
    return tuple(found)


def everybody(visitor: Visitor) -> tuple[tuple[Text, tuple[tuple[str, Text, bool], ...]], ...]:
    """Unit by unit, everybody who works there: id, posts with name, whether it is the visitor."""
    if not is_open():
        return ()
    posts, found = post_titles(), dict[str, list[tuple[str, Text, bool]]]()
    for person in visitor.directory.persons.values():
        held = visitor.directory.posts_of(person.id, visitor.day)
        if held:
            titles = [posts.get(item.post, Text(item.post, item.post)) for item in held]
            zh = f"{'、'.join(item.zh for item in titles)} · {person.name.zh}"
            en = f"{', '.join(item.en for item in titles)} · {person.name.en}"
            line = (person.id, Text(zh, en), person.id == visitor.actor)
            found.setdefault(held[0].unit, []).append(line)
    units = visitor.directory.units
    return tuple((units[unit].name, tuple(people)) for unit, people in found.items())


def _customer() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(_LIVELY)
        row = cursor.fetchone()
    return f"{CUSTOMER}{row[0]}" if row else None


@open_page
@require_POST
def step_in(request: PageRequest) -> HttpResponse:
    """Become a person of the simulated bank."""
    if not is_open():
        raise no_such_page()
    actor = request.POST.get("actor") or request.POST.get("other", "")
    known = actor.startswith(CUSTOMER) or request.visitor.directory.is_here(
        actor, request.visitor.day
    )
    if not known:
        raise no_such_page()
    user, _ = get_user_model().objects.get_or_create(username=actor)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(reverse("home"))
