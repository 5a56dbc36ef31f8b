"""Both languages beside each other: ``{% say "中文" "English" %}`` and ``{{ text|say }}`` (ADR 6)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from touchstone.kernel.text import Language, Text

register = template.Library()


def active_language() -> Language:
    """The language of the page being made; Chinese unless English was chosen."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


@register.simple_tag(name="say")
def say_tag(zh: str, en: str, **values: Any) -> SafeString:
    """The wording of the active language, with named places filled and escaped."""
    wording = zh if active_language() == "zh" else en
    return format_html(wording, **values) if values else conditional_escape(wording)


@register.filter(name="say")
def say_text(text: Text | str | None) -> str:
    """A ``Text`` in the active language; a plain string stays as it is."""
    if text is None:
        return ""
    return text.in_language(active_language()) if isinstance(text, Text) else text
