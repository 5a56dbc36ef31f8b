"""Webhook subscriptions: other systems that are told of facts by signed posts."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from touchstone.api.acting import Key, OptionalKey, context_of, once, same_request
from touchstone.api.caller import caller_of, needs
from touchstone.api.shapes import Id, Receipt, Strict
from touchstone.journal.reading import row_with_key
from touchstone.service.actions.webhooks import PUBLISHED, subscribe, unsubscribe
from touchstone.service.folds import subscription_stream
from touchstone.service.queries import subscriptions

router = Router(tags=["webhooks"])
_MANAGE = "integrations.manage"
Kind = Literal[PUBLISHED]  # type: ignore[valid-type]


class Subscription(Schema):
    """A subscription."""

    id: str
    url: str
    kinds: list[str]
    state: str = Field(description="`active`, or `off` after too many failures")
    pending: int = Field(description="Facts that are still to be told")
    problem: str | None


class NewSubscription(Strict):
    """What to tell, and where."""

    url: str = Field(
        min_length=8,
        max_length=2000,
        description="https://…",
        examples=["https://example.com/hook"],
    )
    kinds: list[Kind] = Field(min_length=1, description="Kinds of facts")


class Subscribed(Schema):
    """A new subscription."""

    id: str
    secret: str | None = Field(
        description="What posts are signed with, shown this once; null when the key is sent again"
    )


class Ended(Schema):
    """A subscription that ended."""

    id: str
    receipt: Receipt | None


@router.get(
    "/subscriptions",
    response=list[Subscription],
    **needs("webhooks:write"),
    summary="Subscriptions",
)
def every(request: HttpRequest) -> list[Subscription]:
    """Every subscription that was not ended."""
    caller_of(request).require(_MANAGE)
    return [
        Subscription(
            id=item.id,
            url=item.url,
            kinds=list(item.kinds),
            state=item.state,
            pending=item.pending,
            problem=item.problem,
        )
        for item in subscriptions()
    ]


@router.post(
    "/subscriptions", response={201: Subscribed}, **needs("webhooks:write"), summary="Subscribe"
)
def add(request: HttpRequest, given: NewSubscription, key: Key) -> Status[Subscribed]:
    """Tell an address of every fact of some kinds from now on, by the Standard Webhooks scheme."""
    context = context_of(caller_of(request), key)
    made = subscribe(context, given.url, list(given.kinds))
    assert context.key is not None
    row = row_with_key(context.key)
    if row is not None:
        same_request(row, "service.subscribe", subscription_stream(made.id))
    return Status(201, Subscribed(id=made.id, secret=made.secret))


@router.delete(
    "/subscriptions/{subscription}", response=Ended, **needs("webhooks:write"), summary="End one"
)
def end(request: HttpRequest, subscription: Annotated[Id, Path()], key: OptionalKey) -> Ended:
    """End a subscription for good."""
    context = context_of(caller_of(request), f"{key}:unsubscribe:{subscription}" if key else None)
    receipt = once(
        context,
        "service.switch_subscription",
        subscription_stream(subscription),
        lambda: unsubscribe(context, subscription),
    )
    return Ended(id=subscription, receipt=receipt)
