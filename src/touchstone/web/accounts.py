"""Log-in accounts: who may have one, and how the bank's own directory maps to people.

An account proves who somebody is and holds nothing else: what he may do comes from his posts.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from touchstone.identity.queries import directory
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import SystemClock, day_of
from touchstone.web.access import show_refusal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: accounts are opened for people of the directory and for customers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class DirectoryAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The bank's directory says who it is; only people who work here today get in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether the person of the directory works here."""
        return _person_of(sociallogin) is not None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind the log-in to the person's account, and take over the word on the second factor."""
        person = _person_of(sociallogin)
        if person is None:
            raise ImmediateHttpResponse(
                show_refusal(
                    request,  # type: ignore[arg-type]
                    refuse(
                        "web.unknown_person",
                        "目录中的该人员未在本机构任职",
                        "The directory's person does not work here",
                        remedy_zh="请联系系统管理员登记人员",
                        remedy_en="Ask the system administrator to register the person",
                    ),
                )
            )
        if not sociallogin.is_existing:
            user, _ = get_user_model().objects.get_or_create(username=person)
            sociallogin.connect(request, user)
        if _had_second_factor(sociallogin.account.extra_data):
            request.session["second_factor"] = "directory"


def _person_of(sociallogin: SocialLogin) -> str | None:
    claims = _claims(sociallogin.account.extra_data)
    person = str(claims.get(settings.OIDC_PERSON_CLAIM, ""))
    return person if directory().is_here(person, day_of(SystemClock().now())) else None


def _claims(data: dict[str, Any]) -> dict[str, Any]:
    """Claims of the identity token and of the user information, whichever holds them."""
    return {**data, **data.get("userinfo", {}), **data.get("id_token", {})}


def _had_second_factor(data: dict[str, Any]) -> bool:
    claims = _claims(data)
    told = claims.get("amr") or []
    methods = {told} if isinstance(told, str) else set(told)
    if claims.get("acr"):
        methods.add(str(claims["acr"]))
    return not methods.isdisjoint(settings.OIDC_SECOND_FACTOR)
