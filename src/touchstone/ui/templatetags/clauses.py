"""The text of clauses: parameters in it are links to their values over time."""

from __future__ import annotations

import re

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from touchstone.kernel.text import Text
from touchstone.ui.templatetags.say import say_text

register = template.Library()
_LINK = re.compile(r"\[([^\]\n]+)\]\(parameter:([\w.-]+)\)")


@register.filter
def clause_plain(text: Text | str) -> str:
    """The wording without its links, for cards and lists."""
    return _LINK.sub(r"\1", say_text(text))


@register.filter
def clause_text(text: Text | str) -> SafeString:
    """The wording in paragraphs, each parameter a link to its values over time."""
    paragraphs = [part.strip() for part in say_text(text).split("\n\n") if part.strip()]
    return format_html_join("", "<p>{}</p>", ((_linked(part),) for part in paragraphs))


def _linked(text: str) -> SafeString:
    pieces: list[str] = []
    at = 0
    for found in _LINK.finditer(text):
        pieces.append(escape(text[at : found.start()]))
        pieces.append(_parameter(found.group(1), found.group(2)))
        at = found.end()
    pieces.append(escape(text[at:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece was escaped above


def _parameter(words: str, identity: str) -> str:
    try:
        address = reverse("parameter", args=[identity])
    except NoReverseMatch:
        return f"<strong>{escape(words)}</strong>"
    return f'<a href="{escape(address)}">{escape(words)}</a>'
