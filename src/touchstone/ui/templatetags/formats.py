"""Filters over ``touchstone.ui.formats`` in the active language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from touchstone.kernel.time import from_microseconds
from touchstone.ui import formats
from touchstone.ui.templatetags.say import active_language

register = template.Library()
Instant = dt.datetime | int | None


def _moment(value: dt.datetime | int) -> dt.datetime:
    return from_microseconds(value) if isinstance(value, int) else value


@register.filter
def instant(value: Instant) -> str | SafeString:
    """An instant (aware, or microseconds) in full, as a ``<time>``."""
    if value is None:
        return formats.NONE
    moment = _moment(value)
    text = formats.instant(moment, active_language())
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.filter
def until(value: Instant) -> str | SafeString:
    """An instant as the end of something, as a ``<time>``."""
    if value is None:
        return formats.NONE
    moment = _moment(value)
    text = formats.until(moment, active_language())
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.filter
def short_instant(value: Instant) -> str | SafeString:
    """An instant as ``11-22 17:00``; the full one is its title."""
    if value is None:
        return formats.NONE
    moment = _moment(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.instant(moment, active_language()),
        formats.short_instant(moment),
    )


@register.filter
def day(value: dt.date | str | None) -> str:
    """A day in full."""
    if not value:
        return formats.NONE
    found = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return formats.day(found, active_language())


@register.filter
def month(value: str) -> str:
    """A period ``2026-11`` in words."""
    return formats.month(value, active_language())


@register.filter
def duration(seconds: float | dt.timedelta | None) -> str:
    """A length of time in its two largest parts."""
    if seconds is None:
        return formats.NONE
    length = seconds.total_seconds() if isinstance(seconds, dt.timedelta) else seconds
    return formats.duration(length, active_language())


@register.filter
def money(value: Decimal | int | str | None, currency: str = "CNY") -> str:
    """An amount of money."""
    return formats.NONE if value in (None, "") else formats.money(Decimal(str(value)), currency)


@register.filter
def number(value: Decimal | int | float | None) -> str:
    """A number grouped by thousands."""
    return formats.number(value)


@register.filter
def share(value: Decimal | float | str | None, unit: str) -> str:
    """A value of an indicator in its unit; what a template has no value for is the empty text."""
    return formats.share(None if isinstance(value, str) else value, unit)


@register.simple_tag
def since(earlier: int, now: int) -> str:
    """How long ago an instant was, both in microseconds."""
    return formats.duration((now - earlier) / 1_000_000, active_language())
