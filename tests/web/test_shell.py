"""The shell: who gets in, what he sees of it, in which language, under which headers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]


def own_views(resolver: URLResolver | None = None) -> list[URLPattern]:
    """Every pattern of ours, however deep."""
    found: list[URLPattern] = []
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            found += own_views(item)
        elif item.callback.__module__.startswith("touchstone.web."):
            found.append(item)
    return found


def test_every_page_says_who_may_open_it() -> None:
    silent = [
        str(item.pattern) for item in own_views() if not hasattr(item.callback, "touchstone_access")
    ]

    assert len(own_views()) > 5
    assert silent == []


def test_a_name_leads_to_one_page() -> None:
    names = [item.name for item in own_views() if item.name]

    assert sorted(names) == sorted(set(names))


def test_health_is_plain(db: None) -> None:
    assert Client().get("/healthz").json() == {"ok": True}


def test_whoever_is_not_logged_in_is_told_what_this_is_and_no_more(bank: Simulation) -> None:
    page = Client().get("/").content.decode()
    work = Client().get("/work/")

    assert "把写下来的标准变成每天在跑的标准" in page
    assert work.status_code == 302
    assert work.headers["Location"] == "/account/login/?next=%2Fwork%2F"


def test_chinese_comes_first_and_one_control_changes_it_and_keeps_the_page(
    as_person: LogIn, holder: Holder
) -> None:
    client = as_person(holder("acceptance_clerk"))
    first = client.get("/work/", headers={"Accept-Language": "en"}).content.decode()
    answer = client.post("/language/", {"language": "en", "next": "/work/?x=1"})
    second = client.get("/work/").content.decode()

    assert 'lang="zh-Hans"' in first
    assert answer.headers["Location"] == "/work/?x=1"
    assert 'lang="en"' in second
    assert "My work" in second


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_no_form_leads_out_of_the_house(db: None, wanted: str) -> None:
    answer = Client().post("/language/", {"language": "en", "next": wanted})

    assert answer.headers["Location"] == "/"


def test_pages_run_no_inline_script_and_stand_in_no_frame(db: None) -> None:
    headers = Client().get("/").headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_without_its_token_changes_nothing(
    as_person: LogIn, holder: Holder, settings: object
) -> None:
    settings.SECOND_FACTOR = "off"  # type: ignore[attr-defined]
    person = holder("acceptance_clerk")
    as_person(person)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username=person))

    assert strict.post("/work/claim/", {"task": "x"}).status_code == 403


def test_stepping_into_a_person_exists_only_in_a_demonstration(
    bank: Simulation, settings: object, holder: Holder
) -> None:
    person = holder("acceptance_clerk")
    closed = Client().post("/demo/step-in/", {"actor": person})
    settings.DEMO = True  # type: ignore[attr-defined]
    settings.SECOND_FACTOR = "off"  # type: ignore[attr-defined]
    client = Client()
    opened = client.post("/demo/step-in/", {"actor": person})
    stranger = Client().post("/demo/step-in/", {"actor": "nobody"})

    assert closed.status_code == 404
    assert opened.headers["Location"] == "/"
    assert client.get("/work/").status_code == 200
    assert stranger.status_code == 404


def test_staff_without_a_second_factor_set_one_up_first(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("acceptance_clerk"))
    session = client.session
    del session["second_factor"]
    session.save()

    assert client.get("/work/").headers["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/").status_code in (200, 302)


def test_an_idle_session_ends(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("acceptance_clerk"))
    assert client.get("/work/").status_code == 200
    session = client.session
    session["seen_at"] -= 1801
    session.save()

    assert client.get("/work/").headers["Location"].startswith("/account/login/")


def test_whoever_has_left_gets_no_further(as_person: LogIn) -> None:
    assert as_person("p999").get("/work/").headers["Location"].startswith("/account/login/")


def test_repeated_failures_lock(db: None) -> None:
    user = get_user_model().objects.create_user(username="p001", password="a long enough one")
    client = Client()
    for _ in range(6):
        client.post("/account/login/", {"login": user.username, "password": "wrong"})

    client.post("/account/login/", {"login": user.username, "password": "a long enough one"})

    assert "_auth_user_id" not in client.session


def test_a_log_in_begins_a_new_session(db: None) -> None:
    get_user_model().objects.create_user(username="p001", password="a long enough one")
    client = Client()
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key

    client.post("/account/login/", {"login": "p001", "password": "a long enough one"})

    assert client.session.session_key != planted


def test_every_component_shows(db: None) -> None:
    assert Client().get("/components/").status_code == 200
