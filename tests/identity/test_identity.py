"""Posts that may not meet do not meet, and nobody does what his posts do not permit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from touchstone.identity import queries
from touchstone.identity.actions import grant_post, join_person, name_deputy, open_unit
from touchstone.identity.queries import directory
from touchstone.journal.reading import head_position
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs import catalogue

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
DAY = dt.date(2026, 3, 2)


@pytest.fixture
def setup(context: ActContext) -> ActContext:
    queries.forget()
    catalogue.forget()
    made = replace(context, actor="system:setup")
    open_unit(made, "head", Text("总行", "Head office"), "head")
    open_unit(made, "b1", Text("分行", "Branch"), "branch", "head")
    open_unit(made, "o1", Text("支行", "Outlet"), "outlet", "b1")
    for person in ("ann", "bob"):
        join_person(made, person, Text(person, person))
    return made


def code_of(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.code


@pytest.mark.parametrize("second", ["security_administrator", "security_auditor"])
def test_the_three_administrators_are_three_people(setup: ActContext, second: str) -> None:
    grant_post(setup, "ann", "system_administrator", "head")
    before = head_position("directory")

    with pytest.raises(Refusal) as caught:
        grant_post(setup, "ann", second, "head")

    assert code_of(caught) == "identity.incompatible_posts"
    assert head_position("directory") == before


def test_a_deputy_may_not_join_what_is_kept_apart(setup: ActContext) -> None:
    grant_post(setup, "ann", "system_administrator", "head")
    grant_post(setup, "bob", "security_auditor", "head")

    with pytest.raises(Refusal) as caught:
        name_deputy(setup, "ann", "bob", DAY, DAY)

    assert code_of(caught) == "identity.incompatible_posts"


def test_nobody_grants_himself_a_post(setup: ActContext) -> None:
    grant_post(setup, "ann", "security_administrator", "head")

    with pytest.raises(Refusal) as caught:
        grant_post(replace(setup, actor="ann"), "ann", "teller", "o1")

    assert code_of(caught) == "identity.own_grant"


def test_a_clerk_administers_nothing(setup: ActContext) -> None:
    grant_post(setup, "ann", "teller", "o1")

    with pytest.raises(Refusal) as caught:
        open_unit(replace(setup, actor="ann"), "o2", Text("二", "Two"), "outlet", "b1")

    assert code_of(caught) == "identity.not_permitted"


def test_a_deputy_stands_in_within_the_days_named(setup: ActContext) -> None:
    grant_post(setup, "ann", "teller", "o1")
    name_deputy(setup, "ann", "bob", DAY, DAY + dt.timedelta(days=2))
    current = directory()

    standing = current.standing("bob", ["teller"], "o1", DAY)

    assert standing is not None
    assert standing.on_behalf_of == "ann"
    assert current.standing("bob", ["teller"], "o1", DAY + dt.timedelta(days=3)) is None


def test_a_unit_is_found_from_below(setup: ActContext) -> None:
    current = directory()

    places = [current.place_of("o1", place) for place in ("case", "branch", "head")]

    assert places == ["o1", "b1", "head"]
    assert current.under("b1") == {"b1", "o1"}
