"""The request as views see it: Django's, with the visitor and the instant of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from touchstone.web.visitor import Visitor


class PageRequest(HttpRequest):
    """A request after the middleware of this part has seen it."""

    visitor: Visitor
    now: dt.datetime


View = Callable[..., HttpResponse]
