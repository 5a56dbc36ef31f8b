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
        share: how likely it is in a quarter of an hour at one such place (about 700 of them in a month).
        draw: what is filled in; None: a scenario of the procedure says so, and the case follows it.
        customer: whether it is a customer's business; he sits there, so what can be done is done at once.
        seldom: outcomes of scenarios that come seldom.
    """

    procedure: str
    post: str
    place: str
    share: float
    draw: Callable[[Random], dict[str, Any]] | None = None
    customer: bool = False
    seldom: frozenset[str] = frozenset()


# A month has about this many quarters of an hour of work.
_MONTH = 700
_PASSED_ON = frozenset({"end_passed_on"})
_UNDONE = frozenset({"end_not_accepted", "end_refused", "end_restored"})
_UNSOLD = frozenset({"end_cancelled", "end_not_accepted", "end_refused"})


OCCASIONS: tuple[Occasion, ...] = (
    Occasion("loan", "account_manager", "outlet", 0.05, application, customer=True),
    Occasion("acceptance", "acceptance_clerk", "outlet", 0.06, service_request, customer=True),
    Occasion(
        "account_opening", "acceptance_clerk", "outlet", 0.035, account_application, customer=True
    ),
    Occasion("large_transfer", "transfer_clerk", "outlet", 0.075, transfer_order, customer=True),
    Occasion("complaint", "complaint_clerk", "outlet", 0.018, complaint, customer=True),
    Occasion("enquiry", "acceptance_clerk", "outlet", 0.125, customer=True, seldom=_PASSED_ON),
    Occasion("customer_change", "acceptance_clerk", "outlet", 0.06, customer=True, seldom=_UNDONE),
    Occasion("product_sale", "account_manager", "outlet", 0.03, customer=True, seldom=_UNSOLD),
    Occasion("key_information", "account_manager", "outlet", 6 / _MONTH, customer=True),
    Occasion("incident", "duty_responder", "branch", 0.5 / _MONTH),
    Occasion("risk_assessment", "countersigner_business", "head", 4 / _MONTH),
    Occasion("reporting", "quality_officer", "head", 3 / _MONTH),
    Occasion("internal_audit", "audit_head", "head", 0.7 / _MONTH),
    Occasion("management_review", "quality_officer", "head", 0.4 / _MONTH),
    Occasion("assessment", "quality_officer", "head", 0.4 / _MONTH),
    Occasion("product_launch", "countersigner_business", "head", 2 / _MONTH),
    Occasion("monitoring_alert", "risk_officer", "branch", 8 / _MONTH),
    Occasion("training", "training_officer", "head", 6 / _MONTH),
    Occasion("appraisal", "training_officer", "head", 1.5 / _MONTH),
    Occasion("compliance_check", "head_compliance_officer", "head", 10 / _MONTH),
    Occasion("accountability", "head_compliance_officer", "head", 0.7 / _MONTH),
    Occasion("settlement_check", "post_reviewer", "branch", 16 / _MONTH),
    Occasion("customer_request", "acceptance_clerk", "outlet", 0.05, customer=True),
)
