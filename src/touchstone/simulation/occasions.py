"""What begins by itself in the simulated bank: which procedure, who takes it in, how often. Pure data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from touchstone.simulation.behaviour import application, service_request
from touchstone.simulation.dealing import account_application, complaint, transfer_order


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to begin a case.

    Attributes:
        post: who begins it: a holder at the place, else at the branch, else at head office.
        place: where cases of it belong: every ``outlet``, every ``branch``, or the ``head``.
        draw: what is filled in.
        share: how likely it is in a quarter of an hour at one such place (about 700 of them in a month).
        customer: whether it is a customer's business.
    """

    procedure: str
    post: str
    place: str
    draw: Callable[[Random], dict[str, Any]]
    share: float
    customer: bool = False


OCCASIONS: tuple[Occasion, ...] = (
    Occasion("loan", "account_manager", "outlet", application, 0.05, customer=True),
    Occasion("acceptance", "acceptance_clerk", "outlet", service_request, 0.06, customer=True),
    Occasion(
        "account_opening", "acceptance_clerk", "outlet", account_application, 0.035, customer=True
    ),
    Occasion("large_transfer", "transfer_clerk", "outlet", transfer_order, 0.075, customer=True),
    Occasion("complaint", "complaint_clerk", "outlet", complaint, 0.018, customer=True),
)
