"""A Django form field with the component set's classes; for the log-in pages."""

from __future__ import annotations

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """The field's input, without a placeholder: its label says what it is."""
    inner = field.field.widget
    name = "form-control"
    if isinstance(inner, CheckboxInput):
        name = "form-check-input"
    elif isinstance(inner, Select):
        name = "form-select"
    inner.attrs.pop("placeholder", None)
    return field.as_widget(attrs={"class": name})
