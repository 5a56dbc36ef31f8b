"""What packs asks of higher modules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Set
from typing import Protocol

from touchstone.kernel.ports import Port


class Authority(Protocol):
    """May this actor do this act?"""

    def require(self, actor: str, act: str, day: dt.date, unit: str | None = None) -> None:
        """Return when he may on ``day``.

        Raises:
            Refusal: he may not.
        """
        ...


AUTHORITY: Port[Authority] = Port("authority")
RUNNING_CASES: Port[Callable[[Set[str]], int]] = Port("running cases")
"""Procedure slugs -> how many cases of them are open."""
