"""Words of the decisions' pages."""

from __future__ import annotations

from django import template

from touchstone.kernel.text import Text
from touchstone.web.decisions.wording import FINDINGS

register = template.Library()


@register.filter
def finding_kind(kind: str) -> Text:
    """What a kind of finding is called."""
    return FINDINGS.get(kind, Text(kind, kind))
