"""The component tags: icon, state, bar, spark, clock, empty, refusal, clause, pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from touchstone.kernel.text import Text
from touchstone.ui import components
from touchstone.ui.templatetags.say import active_language, say_text

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of the sprite; hidden from readers unless it is the only word (``label``)."""
    told = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>',
        mark_safe(told),  # noqa: S308 - built two lines above, escaped
        static("ui/built/icons.svg"),
        name,
    )


@register.simple_tag
def state(name: str, words: Text | str | None = None) -> SafeString:
    """A state by shape, colour and word; ``words`` say more than the usual word."""
    found = components.look(name)
    return format_html(
        '<span class="pill tone-{}">{}{}</span>',
        found.tone,
        icon(found.icon),
        say_text(words or found.text),
    )


@register.simple_tag
def tone(name: str) -> str:
    """The tone class of a state."""
    return f"tone-{components.look(name).tone}"


@register.simple_tag
def bar(share: float | None, label: str = "", mark: float | None = None) -> SafeString:
    """A bar filled to a share between 0 and 1."""
    drawn = components.bar(
        float(share or 0), mark=None if mark is None else float(mark), label=escape(label)
    )
    return mark_safe(drawn)  # noqa: S308 - numbers and an escaped label


@register.simple_tag
def spark(values: Sequence[Any], target: Any = None, label: str = "") -> SafeString:
    """A sparkline with its target."""
    drawn = components.sparkline(
        [None if value is None else float(value) for value in values],
        target=None if target in (None, "") else float(target),
        label=escape(label),
    )
    return mark_safe(drawn)  # noqa: S308 - numbers and an escaped label


@register.inclusion_tag("ui/parts/clock.html")
def clock(view: Any, now: dt.datetime, title: Text | str | None = None) -> dict[str, Any]:
    """A running, paused or stopped clock: time left, share used, deadline, why it pauses.

    ``view`` is a ``clocks.queries.ClockView``.
    """
    name, at = view.state, view.stopped_at or view.paused_at or now
    if view.state == "stopped":
        name = "stopped_late" if view.breached_at else "stopped"
    elif view.breached_at or view.due_at <= at:
        name = "breached"
    elif view.state == "running" and view.warnings:
        name = "warned"
    whole = (view.due_at - view.started_at).total_seconds() or 1.0
    used = (at - view.started_at).total_seconds() / whole
    return {
        "view": view,
        "title": title,
        "name": name,
        "tone": components.look(name).tone,
        "icon": components.look(name).icon,
        "left": abs((view.due_at - at).total_seconds()),
        "due_seconds": int(view.due_at.timestamp()),
        "is_over": view.due_at <= at,
        "used": max(0.0, min(1.0, used)),
        "used_percent": round(max(0.0, used) * 100),
    }


@register.inclusion_tag("ui/parts/refusal.html")
def refusal(value: Any) -> dict[str, Any]:
    """A refusal: what, why, which clause, what to do now."""
    return {"refusal": value}


@register.inclusion_tag("ui/parts/clause.html")
def clause_card(clause: Any, line: Text | str | None = None) -> dict[str, Any]:
    """The clause that a thing serves, for the margin; ``line`` says how alive it is."""
    return {"clause": clause, "line": line}


@register.inclusion_tag("ui/parts/pages.html", takes_context=True)
def pages(context: Any, page: Any) -> dict[str, Any]:
    """Earlier and later pages of a list, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.simple_tag(takes_context=True)
def here(context: Any, prefix: str, apart: str = "") -> SafeString:
    """``aria-current`` where the page's address begins with ``prefix``, and not with ``apart``."""
    path = context["request"].path
    is_here = path == prefix or (prefix != "/" and path.startswith(prefix))
    is_here = is_here and not (apart and path.startswith(apart))
    return mark_safe(' aria-current="page"') if is_here else mark_safe("")


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The page's query with some parts changed; an empty value takes a part away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def as_of_query(context: Any) -> str:
    """The day a page is read as of, for links to pages that can be read as of it too."""
    day = context.get("as_of")
    return f"?as_of={day.isoformat()}" if day else ""


@register.simple_tag
def page_language() -> str:
    """The language of the page for ``lang=``."""
    return "zh-Hans" if active_language() == "zh" else "en"
