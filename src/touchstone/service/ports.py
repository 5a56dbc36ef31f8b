"""What messages ask of the ways out of the house, and who decides which way one takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.ports import Port
from touchstone.kernel.text import Language
from touchstone.service.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a channel sends it.

    Attributes:
        message: its id; the same for every attempt.
        at: the instant of this attempt.
    """

    message: str
    address: str
    subject: str
    body: str
    language: Language
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A channel took the message over.

    Attributes:
        reference: the channel's own name for it, or None.
        is_delivered: the channel is the reader's own, so that taking it over is delivery.
        delivered_at: when the channel says that it will have arrived, or None.
    """

    reference: str | None = None
    is_delivered: bool = False
    delivered_at: dt.datetime | None = None


class SendingFailed(Exception):
    """A channel did not take a message over.

    Attributes:
        code: stable word for the journal; never text of the other side, which may hold an address.
        is_final: trying again is useless.
        is_uncertain: it may have gone out all the same.
    """

    def __init__(self, code: str, *, is_final: bool = False, is_uncertain: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final
        self.is_uncertain = is_uncertain


class Channel(Protocol):
    """A way out of the house."""

    @property
    def is_ready(self) -> bool:
        """Whether it is configured."""
        ...

    @property
    def is_repeatable(self) -> bool:
        """Whether the other side drops a second copy of the same message."""
        ...

    def send(self, outgoing: Outgoing) -> Accepted:
        """Send once.

        Raises:
            SendingFailed: it was not taken over.
        """
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """By which channel and to which address a message goes.

    Attributes:
        address: vault reference, or None where the channel needs none.
        masked: what may be seen of the address.
    """

    channel: str
    address: str | None = None
    masked: str | None = None
    language: Language = "zh"


Router = Callable[[UnitOfWork, Recipient], Route]
CHANNELS: Port[Channel] = Port("message channel")
ROUTING: Port[Router] = Port("message routing")
PRINT = "print"
"""The channel without a machine: a letter waits until a person hands it over or posts it."""
