"""People, posts, deputies and accounts: each act for the administrator who may, the others refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.identity.accounts import accounts_of
from touchstone.identity.actions import join_person
from touchstone.identity.queries import directory
from touchstone.journal.reading import stream_rows
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
ADMINISTRATORS = ("system_administrator", "security_administrator", "security_auditor")
NEW_PASSWORD = "a rather long pass phrase"


def today(after: int = 0) -> str:
    return (day_of(SystemClock().now()) + dt.timedelta(days=after)).isoformat()


def act(client: Client, person: str, name: str, **asked: str) -> int:
    key = f"{name}{person}{len(asked)}".ljust(20, "x")
    return client.post(f"/people/{person}/act/", {"act": name, "key": key, **asked}).status_code


@pytest.mark.parametrize("address", ["", "p030/"])
def test_people_are_read_by_the_administrators_and_audit(
    bank: Simulation, as_person: LogIn, holder: Holder, address: str
) -> None:
    for post in (*ADMINISTRATORS, "internal_auditor"):
        assert as_person(holder(post)).get(f"/people/{address}").status_code == 200, post
    for post in ("branch_head", "acceptance_clerk", "quality_officer"):
        assert as_person(holder(post)).get(f"/people/{address}").status_code == 403, post
    assert as_person("customer:x").get(f"/people/{address}").status_code == 404


@pytest.mark.parametrize(
    ("name", "asked", "may"),
    [
        ("grant", {"post": "teller", "unit": "b21"}, "security_administrator"),
        ("end", {"held": "acceptance_clerk@b11", "on": today()}, "security_administrator"),
        (
            "deputise",
            {"deputy": "{colleague}", "from": today(), "to": today(3)},
            "security_administrator",
        ),
        ("leave", {"on": today(1)}, "system_administrator"),
        ("open", {}, "system_administrator"),
    ],
)
def test_each_act_is_one_administrators(
    bank: Simulation,
    as_person: LogIn,
    holder: Holder,
    name: str,
    asked: dict[str, str],
    may: str,
) -> None:
    person = holder("acceptance_clerk", "b11")
    colleague = holder("account_manager", "b11")
    asked = {key: value.format(colleague=colleague) for key, value in asked.items()}
    for post in ADMINISTRATORS:
        if post != may:
            assert act(as_person(holder(post)), person, name, **asked) == 403, post
    assert act(as_person(holder("branch_head")), person, name, **asked) == 403
    assert act(as_person(holder(may)), person, name, **asked) in (200, 302)


def test_incompatible_posts_are_refused_in_place(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    security = as_person(holder("security_administrator"))
    person = holder("security_auditor")
    answer = security.post(
        f"/people/{person}/act/",
        {"act": "grant", "post": "system_administrator", "unit": "head", "key": "m" * 20},
    )

    assert answer.status_code == 422
    assert "三员分立" in answer.content.decode()
    assert "system_administrator" in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"act": "grant", "post": "nothing", "unit": "b11"},
        {"act": "grant", "post": "teller", "unit": "nowhere"},
        {"act": "grant", "post": "teller", "unit": "b21", "from": "soon"},
        {"act": "deputise", "deputy": "nobody", "from": today(), "to": today(1)},
        {"act": "end", "held": "president@head", "on": today()},
    ],
)
def test_what_is_no_such_thing_is_said_and_changes_nothing(
    bank: Simulation, as_person: LogIn, holder: Holder, asked: dict[str, str]
) -> None:
    before = list(stream_rows("directory"))
    answer = as_person(holder("security_administrator")).post("/people/p031/act/", asked)

    assert answer.status_code == 422
    assert list(stream_rows("directory")) == before


def test_a_person_joins_and_leaves(bank: Simulation, as_person: LogIn, holder: Holder) -> None:
    system = as_person(holder("system_administrator"))
    sent = {"id": "p900", "zh": "新人<b>", "en": "New <b>", "key": "j" * 20}
    joined = system.post("/people/join/", sent)
    twice = system.post("/people/join/", {**sent, "key": "k" * 20})
    bad = system.post("/people/join/", {**sent, "id": "a:b", "key": "l" * 20})

    assert joined.headers["Location"] == "/people/p900/"
    assert (twice.status_code, bad.status_code) == (422, 422)
    page = system.get("/people/?q=p900").content.decode()
    assert "新人&lt;b&gt;" in page
    assert act(system, "p900", "leave", on=today()) == 302
    assert "已离职" in system.get("/people/p900/").content.decode()
    assert act(system, holder("system_administrator"), "leave", on=today()) == 422
    assert as_person(holder("security_administrator")).get("/people/join/").status_code == 403


def test_an_account_is_opened_by_a_link_that_works_once_and_shows_no_password(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    system, person = as_person(holder("system_administrator")), holder("post_reviewer", "b3")
    page = system.post(f"/people/{person}/act/", {"act": "open", "key": "o" * 20}).content.decode()
    link = next(word for word in page.split() if "/account/first/" in word)
    path = link[link.index("/account/first/") : link.index("</p>")]
    owner = Client()

    assert accounts_of([person])[person].has_password is False
    assert owner.get(path).status_code == 200
    short = owner.post(path, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 422
    done = owner.post(path, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})
    assert done.headers["Location"] == "/account/login/"
    assert owner.get(path).status_code == 404
    assert owner.get(path.replace("/first/", "/first/x")).status_code == 404
    assert get_user_model().objects.get(username=person).check_password(NEW_PASSWORD)
    assert accounts_of([person])[person].has_password is True
    kinds = [item.kind for row in stream_rows(f"account:{person}") for item in row.recorded()]
    assert kinds == ["identity.account_opened"]
    assert NEW_PASSWORD not in "".join(row.payload for row in stream_rows(f"account:{person}"))


def test_a_locked_account_is_out_at_once(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    system, person = as_person(holder("system_administrator")), holder("branch_head", "b2")
    client = as_person(person)
    assert client.get("/settings/").status_code == 200

    assert act(system, person, "lock") == 302
    assert client.get("/settings/").status_code == 302
    assert act(system, person, "unlock") == 302
    assert client.get("/settings/").status_code == 200
    assert act(system, holder("system_administrator"), "lock") == 422
    assert act(as_person(holder("security_administrator")), person, "lock") == 403


def test_everybody_has_settings_of_his_own(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    person = holder("acceptance_clerk", "b11")
    page = as_person(person).get("/settings/?lang=en").content.decode()
    main = page[page.index("<main") : page.index("</main>")].replace("中文", "")

    assert person in main
    assert "Acceptance clerk" in main
    assert "/account/2fa/" in main
    assert "/account/sessions/" in main
    assert [sign for sign in main if "\u4e00" <= sign <= "\u9fff"] == []


def test_the_list_of_people_is_paged_and_asks_the_same_for_one_and_many(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    auditor = as_person(holder("internal_auditor"))
    system = replace(bank.context, actor=holder("system_administrator"))
    for number in range(900, 910):
        join_person(system, f"p{number}", Text(f"新人{number}", f"New {number}"))
    auditor.get("/people/")
    counts = []
    for address in ("/people/?q=p031", "/people/"):
        with CaptureQueriesContext(connection) as captured:
            page = auditor.get(address).content.decode()
        counts.append(len(captured))

    assert page.count("data-row") == 50
    assert counts[0] == counts[1] <= 6
    assert len(directory().persons) > 50


@pytest.mark.parametrize(
    "address", ["2fa/", "2fa/webauthn/", "sessions/", "password/change/", "password/reset/"]
)
def test_log_in_pages_show_in_the_shell_in_both_languages(
    bank: Simulation, as_person: LogIn, holder: Holder, address: str
) -> None:
    client = as_person(holder("acceptance_clerk"))
    get_user_model().objects.filter(username=holder("acceptance_clerk")).update(password="x")
    for language, latin in (("zh", False), ("en", True)):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get(f"/account/{address}", follow=True).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        has_chinese = any("\u4e00" <= sign <= "\u9fff" for sign in main)
        assert has_chinese is not latin, address
