"""Delivery receipts of the message gateway: signed, not by token."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.service.actions.receipts import take_receipt

router = Router(tags=["receipts"])
_BODY = {
    "type": "object",
    "required": ["type", "message", "state"],
    "properties": {
        "type": {"const": "receipt"},
        "message": {"type": "string", "description": "Id of the message"},
        "state": {"enum": ["delivered", "failed"]},
    },
}
_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "description": text,
    }
    for name, text in (
        ("webhook-id", "Id of this report; each is taken once"),
        ("webhook-timestamp", "Seconds since 1970, at most five minutes old"),
        ("webhook-signature", "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`"),
    )
]


class Taken(Schema):
    """What became of a report."""

    outcome: str = Field(description="`taken`, or `repeated` where it was taken before")


@router.post(
    "",
    response=Taken,
    auth=None,
    summary="What became of a message",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}},
        "parameters": _HEADERS,
    },
)
def take(request: HttpRequest) -> Taken:
    """A report of the gateway, signed with the secret that both sides share."""
    context = ActContext("system:gateway", SystemClock(), SystemChance())
    return Taken(outcome=take_receipt(context, request.headers, request.body))
