"""The form tags: ``form_fields``, ``evidence_fields``, ``form_facts`` and what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from touchstone.kernel.forms import Form
from touchstone.kernel.text import Text
from touchstone.process.actions.filling import EVIDENCE
from touchstone.process.procedure import Evidence
from touchstone.ui.forms.answer import evidence_field
from touchstone.ui.forms.binding import Control, bind, control, error_lines
from touchstone.ui.forms.reading import read_out
from touchstone.ui.templatetags.say import active_language

register = template.Library()


@register.simple_tag
def form_assets() -> SafeString:
    """The style sheet and the module of forms, for the page's head."""
    return format_html(
        '<link rel="stylesheet" href="{}"><script src="{}" type="module"></script>',
        static("ui/forms.css"),
        static("ui/forms.js"),
    )


@register.inclusion_tag("ui/form/fields.html")
def form_fields(
    form: Form,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
) -> dict[str, Any]:
    """The fields of ``form`` with what was typed and what is wrong, a summary of errors first."""
    return {
        "sections": bind(form, values, errors),
        "lines": error_lines(form, errors),
    }


@register.inclusion_tag("ui/form/evidence.html")
def evidence_fields(
    documents: Iterable[Evidence],
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
) -> dict[str, Any]:
    """The documents that a step asks for; ``typed`` is an ``Answer``'s or a draft's."""
    filed = (typed or {}).get(EVIDENCE) or {}
    return {
        "controls": [
            control(evidence_field(item), f"{EVIDENCE}.{item.id}", filed.get(item.id), errors)
            for item in documents
        ]
    }


@register.inclusion_tag("ui/form/facts.html")
def form_facts(form: Form, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of ``form`` to read, not to fill in; of a sealed one only what ``values`` holds."""
    return {"sections": bind(form, values, None)}


@register.inclusion_tag("ui/form/field.html")
def form_field(shown: Control) -> dict[str, Any]:
    """One field with label, input, hint and error."""
    return {"field": shown}


@register.inclusion_tag("ui/form/sealed.html")
def sealed_mark() -> dict[str, Any]:
    """The lock of a sealed field."""
    return {}


@register.filter
def as_read(shown: Control) -> str:
    """The value as it reads."""
    return read_out(shown.field, shown.value, active_language())
