"""The way of a simulated bank: nothing leaves the house, and the letter arrives after a while.

Every event of such a message names the channel, so nobody takes it for a real one.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from touchstone.service.ports import Accepted, Outgoing

_SHORTEST, _LONGEST = 1, 90


class SimulatedChannel:
    """Delivers after a number of minutes that the message's id decides."""

    is_ready = True
    is_repeatable = True

    def __init__(self, *, at_once: bool = False) -> None:
        self._at_once = at_once

    def send(self, outgoing: Outgoing) -> Accepted:
        """Take the message over and say when it will arrive."""
        if self._at_once:
            return Accepted(is_delivered=True)
        drawn = int.from_bytes(sha256(outgoing.message.encode()).digest()[:4])
        minutes = _SHORTEST + drawn % (_LONGEST - _SHORTEST + 1)
        return Accepted(delivered_at=outgoing.at + dt.timedelta(minutes=minutes))
