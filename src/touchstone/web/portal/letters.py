"""Letters as their reader is told of them: what, when, and whether it has reached him."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.service.queries import letters_to
from touchstone.web.messages.rows import letter_title
from touchstone.web.visitor import Visitor

_STATES: Mapping[str, Text] = {
    "waiting": Text("可在网点领取，也可在这里查看", "To collect at the outlet, or to read here"),
    "queued": Text("正在发出", "On its way"),
    "sending": Text("正在发出", "On its way"),
    "sent": Text("已发出", "Sent"),
    "delivered": Text("已送达", "Delivered"),
    "failed": Text("未能送达，请在这里查看", "It did not arrive: read it here"),
}


@dataclass(frozen=True, slots=True)
class OwnLetter:
    """One letter; nothing of its channel, attempts or case's inside."""

    id: str
    title: Text
    at: dt.datetime
    state: str
    told: Text
    can_read: bool


def letters_of(
    visitor: Visitor, *, case: str | None = None, offset: int = 0, limit: int = 50
) -> tuple[OwnLetter, ...]:
    """The customer's own letters, the latest first; ``case``: of that case alone."""
    found = letters_to(visitor.actor, case=case, offset=offset, limit=limit)
    return tuple(
        OwnLetter(
            item.id,
            letter_title(item),
            item.queued_at,
            item.state,
            _STATES[item.state],
            item.has_text,
        )
        for item in found
    )
