"""What every page's template may use beside its own values."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest

from touchstone.ui.templatetags.say import active_language
from touchstone.web.dated import as_of, is_dated, kept_query
from touchstone.web.demo import everybody, personas
from touchstone.web.navigation import links_for
from touchstone.web.portal import LARGE_TYPE
from touchstone.web.request import PageRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The visitor, his navigation, the language, and in a demonstration whom one may step into."""
    page = cast(PageRequest, request)
    visitor = getattr(page, "visitor", None)
    if visitor is None:
        return {"language": active_language(), "links": ()}
    return {
        "visitor": visitor,
        "links": links_for(visitor) if visitor.kind != "nobody" else (),
        "language": active_language(),
        "large_type": page.COOKIES.get(LARGE_TYPE) == "large",
        "now": page.now,
        "now_seconds": int(page.now.timestamp()),
        **_dated(page),
        "personas": personas(visitor) if settings.DEMO else (),
        "everybody": everybody(visitor) if settings.DEMO else (),
    }


def _dated(page: PageRequest) -> dict[str, Any]:
    """The day a page is read as of, where it can be another than today."""
    if not is_dated(page):
        return {"is_dated": False, "as_of": None}
    return {"is_dated": True, "as_of": as_of(page), "as_of_keeps": kept_query(page)}
