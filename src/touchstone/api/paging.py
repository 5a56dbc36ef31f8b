"""Cursors: where the page before ended, opaque to callers. A forged one reaches nothing new."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated

from ninja import Query
from pydantic import Field

from touchstone.kernel.refusal import Refusal, refuse

Limit = Annotated[int, Query(50, ge=1, le=200, description="How many at most")]
Cursor = Annotated[
    str | None, Query(None, max_length=400, description="The `next` of the page before")
]
Next = Annotated[str | None, Field(description="Ask with this cursor for more; null: no more")]


def cursor_of(*place: int | str) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def place_of(cursor: str | None, *kinds: type) -> tuple[int | str, ...] | None:
    """The place a cursor names; None without one.

    Raises:
        Refusal: ``api.bad_cursor``.
    """
    if cursor is None:
        return None
    try:
        place = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _bad() from None
    if (
        not isinstance(place, list)
        or [type(item) for item in place] != list(kinds)
        or any(isinstance(item, int) and abs(item) >= 2**62 for item in place)
        or any(
            isinstance(item, str) and (len(item) > 128 or not item.isascii() or "\0" in item)
            for item in place
        )
    ):
        raise _bad()
    return tuple(place)


def _bad() -> Refusal:
    return refuse(
        "api.bad_cursor",
        "分页游标无效",
        "The cursor is not valid",
        remedy_zh="请使用上一页返回的 next，或从头开始",
        remedy_en="Use the `next` of the page before, or begin again without one",
    )
