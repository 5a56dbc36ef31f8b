"""Log-in by the bank's own directory: the whole code flow against a real provider, and its second factor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.web.directory_server import CLIENT, SECRET, Directory, directory_server
from touchstone.identity.actions import grant_post, join_person
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock
from touchstone.simulation.reset import forget

WORK = "/work/"


@pytest.fixture
def provider(transactional_db: None, settings: Any) -> Iterator[Directory]:
    """The directory, and an operator who works here and has no account yet."""
    forget()
    context = ActContext("system:setup", SystemClock(), SystemChance())
    from touchstone.identity.actions import open_unit

    open_unit(context, "head", Text("总行", "Head office"), "head")
    join_person(context, "op1", Text("运维", "Operator"))
    grant_post(context, "op1", "system_administrator", "head")
    with directory_server() as served:
        application = {
            "provider_id": "directory",
            "name": "Directory",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": served.url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"APPS": [application], "OAUTH_PKCE_ENABLED": True}
        }
        settings.SECOND_FACTOR = "required"
        yield served
    forget()


def through(client: Client, **changed: str) -> Any:
    """A browser's way: to the directory and back with its code."""
    begun = client.post(reverse("openid_connect_login", args=["directory"]))
    assert begun.status_code == 302, begun.content.decode()
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    back = requests.get(begun.headers["Location"], allow_redirects=False, timeout=5)
    query = {
        name: values[0]
        for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()
    }
    place = reverse("openid_connect_callback", args=["directory"])
    return client.get(place, {**query, **changed})


def said(person: str, **claims: Any) -> dict[str, Any]:
    return {"sub": f"sub-{person}", "preferred_username": person, **claims}


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "proof", [{"amr": ["pwd", "otp"]}, {"amr": ["hwk"]}, {"acr": "mfa"}, {"amr": "mfa"}]
)
def test_the_first_log_in_of_an_operator_with_the_directorys_second_factor(
    provider: Directory, proof: dict[str, Any]
) -> None:
    provider.claims = said("op1", **proof)
    client = Client()
    answer = through(client)

    assert answer.status_code == 302, answer.content.decode()
    assert is_in(client)
    assert get_user_model().objects.get().username == "op1"
    assert client.session["second_factor"] == "directory"
    assert client.get("/people/").status_code in (200, 403)
    assert client.get(WORK).status_code == 200
    again = Client()
    through(again)
    assert is_in(again)
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("proof", [{}, {"amr": ["pwd"]}, {"acr": "0"}, {"amr": []}])
def test_without_its_word_on_a_second_factor_one_is_set_up_first(
    provider: Directory, proof: dict[str, Any]
) -> None:
    provider.claims = said("op1", **proof)
    client = Client()
    through(client)

    assert is_in(client)
    assert client.get(WORK).headers["Location"] == "/account/2fa/"


def test_whoever_does_not_work_here_does_not_get_in(provider: Directory) -> None:
    for claims in (said("stranger", amr=["mfa"]), {"sub": "x", "amr": ["mfa"]}):
        provider.claims = claims
        client = Client()
        answer = through(client)

        assert answer.status_code == 422
        assert "未在本机构任职" in answer.content.decode()
        assert not is_in(client)
    assert not get_user_model().objects.exists()


def test_a_forged_state_a_used_code_and_a_token_for_others_get_nobody_in(
    provider: Directory,
) -> None:
    provider.claims = said("op1", amr=["mfa"])
    for changed in ({"state": "forged"}, {"code": "made-up"}):
        client = Client()
        through(client, **changed)
        assert not is_in(client), changed
    assert provider.refused
    provider.audience = "another-application"
    client = Client()
    through(client)
    assert not is_in(client)
    stranger = Client()
    place = reverse("openid_connect_callback", args=["directory"])
    stranger.get(place, {"code": next(iter(provider.codes), "none"), "state": "x"})
    assert not is_in(stranger)
