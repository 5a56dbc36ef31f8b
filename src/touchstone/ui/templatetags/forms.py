"""temporary"""

from django import template

register = template.Library()


@register.simple_tag
def form_fields(form, values, errors):
    return f"[{form.name}] {dict(values)} {dict(errors)}"
