"""Limits: what a customer has taken up of each today, and what is left."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from touchstone.api.caller import caller_of, needs, not_found
from touchstone.api.shapes import Id, Money, Words, said
from touchstone.decisions.limits.definition import Exposure
from touchstone.decisions.limits.queries import exposures_of
from touchstone.identity.authority import may
from touchstone.records.queries import customer

router = Router(tags=["limits"])
CustomerId = Annotated[Id, Path(description="Id of a customer, as cases name it")]


class Taken(Schema):
    """What a customer has taken up of one limit."""

    limit: str
    title: Words
    clause: str
    period: str | None = Field(
        description="Day, month or year it adds up over; null: until released"
    )
    ceiling: Money = Field(description="The highest amount today")
    used: Money = Field(description="Done, and counted")
    reserved: Money = Field(description="Promised, and kept free")
    free: Money


class TakenOfLimits(Schema):
    """Every limit of which the customer has taken up something."""

    customer: str
    items: list[Taken]


@router.get(
    "/{identity}/limits",
    response=TakenOfLimits,
    **needs("cases:read"),
    summary="What a customer has taken up of limits",
)
def taken_by_customer(request: HttpRequest, identity: CustomerId) -> TakenOfLimits:
    """Today's exposure; a limit of which nothing is taken up is left out."""
    caller = caller_of(request)
    caller.require("limits.read")
    known = customer(identity)
    if known is None or not may(
        caller.directory, caller.person, "limits.read", caller.day, unit=known.unit
    ):
        raise not_found()
    found = exposures_of(known.id, "customer", caller.day)
    return TakenOfLimits(customer=known.id, items=[_taken(item) for item in found])


def _taken(item: Exposure) -> Taken:
    def money(amount: Decimal) -> Money:
        return Money(amount=f"{amount:.2f}", currency=item.limit.currency)

    return Taken(
        limit=item.limit.id,
        title=said(item.limit.title),
        clause=item.limit.clause,
        period=item.period or None,
        ceiling=money(item.ceiling),
        used=money(item.used),
        reserved=money(item.reserved),
        free=money(item.free),
    )
