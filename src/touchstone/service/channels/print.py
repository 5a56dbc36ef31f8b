"""The way without a machine: the letter waits in a list until a person hands it over or posts it."""

from __future__ import annotations

from touchstone.service.ports import Accepted, Outgoing, SendingFailed


class PrintChannel:
    """Always there; nothing is ever sent by it, since its messages wait for a person."""

    is_ready = True
    is_repeatable = False

    def send(self, outgoing: Outgoing) -> Accepted:
        """Refuse: only a person hands a letter over.

        Raises:
            SendingFailed: always.
        """
        raise SendingFailed("service.waits_for_a_person", is_final=True)
