"""The link by which somebody sets his password: made for one account, dead once it was used."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.http import require_http_methods

from touchstone.kernel.text import Text
from touchstone.web.access import no_such_page, open_page
from touchstone.web.acting import done
from touchstone.web.request import PageRequest


def link_for(request: PageRequest, person: str) -> str:
    """The whole address at which ``person`` sets his password."""
    user = get_user_model().objects.get(username=person)
    uid = urlsafe_base64_encode(str(user.pk).encode())
    token = default_token_generator.make_token(user)
    return request.build_absolute_uri(reverse("first_password", args=[uid, token]))


@open_page
@require_http_methods(["GET", "POST"])
def first_password(request: PageRequest, uid: str, token: str) -> HttpResponse:
    """Set the password; a link that was used, ran out or was made up does not exist."""
    user = _owner(uid, token)
    form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        text = Text("密码已设置，请登录", "The password is set; log in")
        return done(request, text, reverse("account_login"))
    status = 422 if request.method == "POST" else 200
    answer = render(
        request, "web/people/first.html", {"form": form, "owner": user.username}, status=status
    )
    # The address holds the token: it goes nowhere.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _owner(uid: str, token: str) -> AbstractUser:
    try:
        key = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, UnicodeDecodeError):
        raise no_such_page() from None
    user = get_user_model().objects.filter(pk=key, is_active=True).first()
    if user is None or not default_token_generator.check_token(user, token):
        raise no_such_page()
    return user
