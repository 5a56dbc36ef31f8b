"""Pages of log-in and second factor are whole in both languages, and so is what goes wrong before a page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

LogIn = Callable[[str], Client]
NOBODY = (
    "login/", "password/reset/", "password/reset/done/", "password/reset/key/1-abc/",
    "password/reset/key/done/", "inactive/", "signup/", "confirm-email/", "confirm-email/abc/",
    "3rdparty/login/cancelled/", "3rdparty/login/error/",
)  # fmt: skip
HIS_OWN = (
    "logout/", "reauthenticate/", "password/change/", "email/", "2fa/", "2fa/totp/activate/",
    "2fa/webauthn/", "2fa/webauthn/add/", "sessions/", "3rdparty/",
)  # fmt: skip
WRONG = {
    "login/": {"login": "nobody", "password": "wrong"},
    "password/change/": {"oldpassword": "wrong", "password1": "a", "password2": "b"},
    "reauthenticate/": {"password": "wrong"},
    "2fa/totp/activate/": {"code": "000000"},
    "email/": {"email": "no address", "action_add": ""},
}
_LATIN = re.compile(r"[A-Za-z]{3,}[ ,]+[A-Za-z]{2,}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(page: str) -> list[str]:
    """What the page says, without its names of products and its scripts."""
    found = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert found
    main = re.sub(r"<(script|svg)\b.*?</\1>|<!--.*?-->", "", found[0], flags=re.DOTALL)
    said = re.findall(r'(?:placeholder|aria-label|title|alt)="([^"]*)"', main)
    return [line.strip() for line in [*re.sub(r"<[^>]+>", "\n", main).split("\n"), *said] if line]


def foreign(page: str, language: str) -> list[str]:
    """What stands in the other language."""
    wrong = _LATIN if language == "zh" else _CHINESE
    return [unescape(line) for line in words(page) if wrong.search(unescape(line))]


@pytest.fixture
def known(as_person: LogIn, holder: Callable[..., str]) -> Client:
    """A member of staff who has just said his password."""
    client = as_person(holder("acceptance_clerk"))
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_an_account_speaks_another_language(known: Client, language: str) -> None:
    shown: dict[str, list[str]] = {}
    for client, paths in ((Client(), NOBODY), (known, HIS_OWN)):
        client.cookies["django_language"] = language
        for path in paths:
            answers = [client.get(f"/account/{path}", follow=True)]
            if path in WRONG:
                answers.append(client.post(f"/account/{path}", WRONG[path], follow=True))
            for answer in answers:
                assert answer.status_code in (200, 400, 401), path
                shown[path] = shown.get(path, []) + foreign(answer.content.decode(), language)

    assert {path: lines for path, lines in shown.items() if lines} == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_goes_wrong_before_a_page_is_told_in_the_readers_language(
    known: Client, language: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    for client in (known, strict):
        client.cookies["django_language"] = language
    missing = known.get("/no/such/page/")
    forged = strict.post("/account/login/", {"login": "a", "password": "b"})

    assert (missing.status_code, forged.status_code) == (404, 403)
    with translation.override({"zh": "zh-hans"}.get(language, language)):
        broken = render_to_string("500.html")  # as it is made: without request or context
    for page in (missing.content.decode(), forged.content.decode(), broken):
        assert foreign(page, language) == []
        assert ("没有" if language == "zh" else "no") in page
