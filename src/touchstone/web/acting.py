"""From a click to an act: its context, its key, and where the person goes next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock
from touchstone.ui.templatetags.say import say_text
from touchstone.web.request import PageRequest

_KEY_LENGTHS = range(16, 65)


def context_of(request: PageRequest) -> ActContext:
    """The context of the visitor's act; the form's ``key`` makes a second press write nothing."""
    key = request.POST.get("key") or request.headers.get("Idempotency-Key")
    if key is not None and (
        len(key) not in _KEY_LENGTHS or not key.isascii() or not key.isprintable()
    ):
        raise refuse(
            "web.bad_key",
            "表单标识无效",
            "The form's key is not valid",
            remedy_zh="请刷新页面后重试",
            remedy_en="Reload the page and try again",
        )
    named = f"web:{request.visitor.actor}:{key}" if key else None
    return ActContext(request.visitor.actor, SystemClock(), SystemChance(), key=named)


def new_key() -> str:
    """A key for one form on one page."""
    return SystemChance().token_bytes(18).hex()


def done(request: PageRequest, text: Text, address: str) -> HttpResponseRedirect:
    """Say that the act was done and go to ``address``."""
    messages.success(request, say_text(text))
    return HttpResponseRedirect(address)


def safe_next(request: PageRequest, default: str) -> str:
    """The address the form asked to go on to, if it is one of this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/") else default
