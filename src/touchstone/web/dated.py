"""Pages that can be read as of an earlier day: the day the address asks for, and which pages they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

from touchstone.web.request import PageRequest

View = TypeVar("View", bound=Callable[..., Any])
# What an address asks for beside the day does not hold on another day.
_GONE = frozenset({"as_of", "page"})


def dated_page(view: View) -> View:
    """Mark a page that shows how things stood on the day the address asks for (``as_of``)."""
    view.touchstone_dated = True  # type: ignore[attr-defined]
    return view


def is_dated(request: HttpRequest) -> bool:
    """Whether the page at hand can be read as of an earlier day."""
    found = getattr(request, "resolver_match", None)
    return found is not None and getattr(found.func, "touchstone_dated", False)


def as_of(request: PageRequest) -> dt.date | None:
    """The earlier day the address asks for; None: today, and for what is no day or yet to come."""
    try:
        day = dt.date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return day if day < request.visitor.day else None


def kept_query(request: HttpRequest) -> list[tuple[str, str]]:
    """The rest of the address's query, for a form that changes the day alone."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in _GONE
        for value in values
    ]
