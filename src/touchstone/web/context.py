"""What every page's template may use beside its own values."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest

from touchstone.ui.templatetags.say import active_language
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
        "personas": personas(visitor) if settings.DEMO else (),
        "everybody": everybody(visitor) if settings.DEMO else (),
    }
