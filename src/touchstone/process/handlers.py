"""The handlers that need no foreign system: numbers, the archive, hand-offs."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.time import day_of
from touchstone.process.actions.handoffs import hand_off
from touchstone.process.actions.revising import apply_change, check_change
from touchstone.process.actions.starting import start_procedure
from touchstone.process.ports import Request


def acceptance_number(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The acceptance number (受理编号): unique; a gap is an act that was refused, and explained."""
    year = day_of(context.clock.now()).year
    return {
        "acceptance_number": f"SL{year}{_next(context, f'counter:acceptance-{year}', request):06d}"
    }


def receipt_number(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The receipt number (收件回执号), given at once."""
    day = day_of(context.clock.now())
    number = _next(context, f"counter:receipt-{day:%Y}", request)
    return {"receipt_number": f"HZ{day:%Y%m%d}{number:05d}"}


def _next(context: ActContext, stream: str, request: Request) -> int:
    """The next number of a counter: the position of the row that takes it."""

    def work(unit: UnitOfWork) -> int:
        number = unit.head(stream).position + 1
        fact = Fact(
            "process.number_taken", {"case": request.case}, (ObjectRef("case", request.case),)
        )
        unit.record(stream, fact)
        return number

    try:
        return perform("process.take_number", context, work)
    except AlreadyDone as done:
        return done.row.position


def screening(context: ActContext, request: Request) -> Mapping[str, Any]:
    """List screening in place of a foreign system: the same customer always gets the same answer.

    Marked as a simulated feed wherever it is counted as evidence.
    """
    digest = sha256((request.customer or request.case).encode()).digest()
    grade = "low" if digest[1] < 200 else "medium" if digest[1] < 243 else "high"
    return {"screening_hit": digest[0] < 5, "aml_grade": grade}


def draw(context: ActContext, request: Request) -> Mapping[str, Any]:
    """A number from 0 to 99 by chance: whether a case falls into a sample nobody can foresee."""
    return {"draw": int.from_bytes(context.chance.token_bytes(4)) % 100}


def account_number(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The account's number, in place of the core system's answer; a simulated feed."""
    return {"account_number": f"6200{_next(context, 'counter:account', request):010d}"}


def payment(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The payment order's number, in place of the payment system's answer; a simulated feed."""
    day = day_of(context.clock.now())
    number = _next(context, f"counter:payment-{day:%Y}", request)
    return {"payment_number": f"ZF{day:%Y%m%d}{number:06d}"}


def notify(context: ActContext, request: Request) -> Mapping[str, Any]:
    """Nothing to find out: leaving the step makes its letter due, which is a fact of its own."""
    return {}


def archive(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The case file is closed."""
    return {}


HANDLERS = {
    "acceptance_number": acceptance_number,
    "account_number": account_number,
    "draw": draw,
    "payment": payment,
    "receipt_number": receipt_number,
    "screening": screening,
    "notify": notify,
    "archive": archive,
    "handoff": hand_off,
    "start_procedure": start_procedure,
    "check_change": check_change,
    "apply_change": apply_change,
}
