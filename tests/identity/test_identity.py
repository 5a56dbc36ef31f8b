"""Posts that may not meet do not meet, and nobody does what his posts do not permit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.process.small_bank import refused
from touchstone.identity import queries
from touchstone.identity.actions import (
    end_deputy,
    end_post,
    grant_post,
    join_person,
    leave_person,
    name_deputy,
    open_unit,
)
from touchstone.identity.authority import ACTS, require
from touchstone.identity.queries import directory
from touchstone.journal.reading import head_position
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs import catalogue
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack

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


ADMINISTRATORS = ("system_administrator", "security_administrator", "security_auditor")


@pytest.mark.parametrize("first", ADMINISTRATORS)
@pytest.mark.parametrize("second", ADMINISTRATORS)
def test_no_two_administrators_meet_in_one_person_on_any_day(
    setup: ActContext, first: str, second: str
) -> None:
    if first == second:
        return
    grant_post(setup, "ann", first, "head", from_day=DAY + dt.timedelta(days=100))

    with refused("identity.incompatible_posts"):
        grant_post(setup, "ann", second, "head")
    grant_post(setup, "ann", second, "head", to_day=DAY + dt.timedelta(days=99))

    for days in range(90, 110):
        held = {item.post for item in directory().posts_of("ann", DAY + dt.timedelta(days=days))}
        assert len(held) == 1


def test_a_deputy_s_grant_is_judged_with_what_he_stands_in_for(setup: ActContext) -> None:
    grant_post(setup, "ann", "system_administrator", "head")
    name_deputy(setup, "ann", "bob", DAY, DAY + dt.timedelta(days=5))

    with refused("identity.incompatible_posts"):
        grant_post(setup, "bob", "security_auditor", "head")
    grant_post(setup, "bob", "security_auditor", "head", from_day=DAY + dt.timedelta(days=6))


def test_a_principal_s_grant_is_judged_with_what_his_deputy_holds(setup: ActContext) -> None:
    grant_post(setup, "bob", "security_auditor", "head")
    name_deputy(setup, "ann", "bob", DAY, DAY)

    with refused("identity.incompatible_posts"):
        grant_post(setup, "ann", "security_administrator", "head")


def test_nobody_stands_in_for_two_whose_posts_are_kept_apart(setup: ActContext) -> None:
    join_person(setup, "cat", Text("cat", "cat"))
    grant_post(setup, "ann", "system_administrator", "head")
    grant_post(setup, "bob", "security_auditor", "head")
    name_deputy(setup, "ann", "cat", DAY, DAY)

    with refused("identity.incompatible_posts"):
        name_deputy(setup, "bob", "cat", DAY, DAY)


def test_a_post_that_ended_and_a_person_who_left_permit_nothing(setup: ActContext) -> None:
    grant_post(setup, "ann", "system_administrator", "head")
    end_post(setup, "ann", "system_administrator", "head", DAY - dt.timedelta(days=1))
    with refused("identity.not_permitted"):
        join_person(replace(setup, actor="ann"), "dan", Text("丹", "Dan"))

    grant_post(setup, "bob", "system_administrator", "head")
    leave_person(setup, "bob", DAY)
    with refused("identity.not_permitted"):
        join_person(replace(setup, actor="bob"), "dan", Text("丹", "Dan"))
    assert not directory().is_here("bob", DAY)
    assert all(table.differences == 0 for table in replay().values())


def test_a_deputyship_ends_when_it_is_ended(setup: ActContext) -> None:
    grant_post(setup, "ann", "teller", "o1")
    name_deputy(setup, "ann", "bob", DAY, DAY + dt.timedelta(days=9))

    end_deputy(setup, "ann", "bob", DAY, DAY + dt.timedelta(days=2))

    current = directory()
    assert current.represented("bob", DAY + dt.timedelta(days=2)) == ("ann",)
    assert current.represented("bob", DAY + dt.timedelta(days=3)) == ()
    assert all(table.differences == 0 for table in replay().values())


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda by: join_person(by, "", Text("", "")), "identity.bad_id"),
        (lambda by: join_person(by, "system:x", Text("", "")), "identity.bad_id"),
        (lambda by: join_person(by, "a" * 65, Text("", "")), "identity.bad_id"),
        (lambda by: join_person(by, "ann", Text("", "")), "identity.person_exists"),
        (lambda by: open_unit(by, "o 1", Text("", ""), "outlet"), "identity.bad_id"),
        (lambda by: open_unit(by, "o1", Text("", ""), "outlet"), "identity.unit_exists"),
        (lambda by: open_unit(by, "o2", Text("", ""), "outlet", "b9"), "identity.no_such_unit"),
        (lambda by: grant_post(by, "zoe", "teller", "o1"), "identity.no_such_person"),
        (lambda by: grant_post(by, "ann", "teller", "o9"), "identity.no_such_unit"),
        (
            lambda by: grant_post(by, "ann", "teller", "o1", to_day=dt.date(2020, 1, 1)),
            "identity.days_invalid",
        ),
        (lambda by: end_post(by, "ann", "teller", "o1", DAY), "identity.not_held"),
        (lambda by: end_deputy(by, "ann", "bob", DAY, DAY), "identity.not_held"),
        (lambda by: leave_person(by, "zoe", DAY), "identity.no_such_person"),
        (lambda by: name_deputy(by, "ann", "ann", DAY, DAY), "identity.deputy_invalid"),
        (lambda by: name_deputy(by, "ann", "zoe", DAY, DAY), "identity.deputy_invalid"),
        (
            lambda by: name_deputy(by, "ann", "bob", DAY, DAY - dt.timedelta(days=1)),
            "identity.deputy_invalid",
        ),
    ],
)
def test_a_bad_or_forged_id_is_refused_and_changes_nothing(
    setup: ActContext, act: Callable[[ActContext], None], code: str
) -> None:
    before = head_position("directory")

    with refused(code):
        act(setup)

    assert head_position("directory") == before


def test_a_post_is_granted_once(setup: ActContext) -> None:
    grant_post(setup, "ann", "teller", "o1")

    with refused("identity.already_held"):
        grant_post(setup, "ann", "teller", "o1", from_day=DAY + dt.timedelta(days=30))


@pytest.mark.parametrize("post", ["security_auditor", "internal_auditor"])
def test_who_audits_reads_and_does_nothing_else(setup: ActContext, post: str) -> None:
    grant_post(setup, "ann", post, "head")
    current = directory()

    permitted = set()
    for act in ACTS:
        try:
            require(current, "ann", act, DAY)
        except Refusal:
            continue
        permitted.add(act)

    assert "journal.read" in permitted
    assert {act for act in permitted if not act.partition(".")[2].startswith("read")} == set()


def test_an_act_nobody_listed_is_permitted_to_nobody(setup: ActContext) -> None:
    for actor in ("system:setup", "system:unknown", "ann"):
        with refused("identity.not_permitted"):
            require(directory(), actor, "vault.open_everything", DAY)


class TestUnderTheShippedStandard:
    """What the pack's own rules add to the law of the house."""

    @pytest.fixture
    def bank(self, setup: ActContext) -> ActContext:
        apply_pack(setup, read(shipped_pack()))
        return setup

    def test_a_post_the_standard_does_not_know_is_refused(self, bank: ActContext) -> None:
        with refused("identity.no_such_post"):
            grant_post(bank, "ann", "wizard", "o1")

    def test_internal_audit_holds_no_other_post(self, bank: ActContext) -> None:
        grant_post(bank, "ann", "internal_auditor", "head")
        posts = catalogue.catalogue().get("roles", "roles")
        assert posts is not None

        for post in posts.data["posts"]:
            if post != "internal_auditor":
                with refused("identity.incompatible_posts"):
                    grant_post(bank, "ann", post, "head")

    def test_no_step_and_no_register_is_for_a_post_that_only_reads(self, bank: ActContext) -> None:
        standard = catalogue.catalogue()
        roles = standard.get("roles", "roles")
        assert roles is not None
        reading = {post for post, data in roles.data["posts"].items() if data.get("read_only")}
        steps = [
            post
            for item in standard.objects("procedure").values()
            for step in item.data["steps"].values()
            for post in step.get("posts") or ()
        ]
        assert {"security_auditor", "internal_auditor"} <= reading
        assert not reading & set(steps)

    def test_a_deputy_stands_in_no_longer_than_the_standard_allows(self, bank: ActContext) -> None:
        name_deputy(bank, "ann", "bob", DAY, DAY + dt.timedelta(days=29))

        with refused("identity.deputy_too_long") as error:
            name_deputy(bank, "bob", "ann", DAY, DAY + dt.timedelta(days=30))

        assert error.value.clause == "GOV-04"
