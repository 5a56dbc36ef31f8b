"""A signed report of the gateway on what became of a message; each report is taken once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.conf import settings

from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.service.actions.delivering import deliver_within, message_row
from touchstone.service.folds import message_stream
from touchstone.service.signing import key_of, verify

Outcome = Literal["taken", "repeated"]
_STATES = ("delivered", "failed")
_BY_MACHINE = ("http", "smtp")
_MOST_BYTES = 16 * 1024


def take_receipt(context: ActContext, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Take a report over: ``{"type": "receipt", "message": id, "state": "delivered" | "failed"}``.

    A report with an id that was taken before changes nothing and is answered as ``repeated``.

    Raises:
        Refusal: ``service.no_gateway``, ``service.not_signed``, ``service.wrong_time``,
            ``service.wrong_signature``, ``service.bad_receipt``, ``service.no_such_message``,
            ``service.not_sent``.
    """
    secret = settings.GATEWAY["secret"]
    if not secret:
        raise refuse("service.no_gateway", "未配置消息网关", "No gateway is configured")
    receipt = verify(key_of(secret), headers, body, context.clock.now())
    said = _read(body)

    def work(unit: UnitOfWork) -> None:
        row = message_row(unit, said["message"])
        if row is None:
            raise refuse("service.no_such_message", "没有这条消息", "There is no such message")
        if row["channel"] not in _BY_MACHINE or row["state"] not in ("sending", "sent"):
            raise refuse(
                "service.not_sent",
                "该消息不在等待回执",
                "The message does not wait for a receipt",
            )
        if said["state"] == "delivered":
            deliver_within(unit, row, "receipt")
            return
        data = {
            "attempt": row["attempts"],
            "channel": row["channel"],
            "code": "service.undeliverable",
        }
        objects = (ObjectRef("case", row["case_id"]),) if row["case_id"] else ()
        unit.record(message_stream(row["id"]), Fact("service.message_failed", data, objects))

    try:
        perform("service.take_receipt", context.with_key(f"receipt:{receipt}"), work)
    except AlreadyDone:
        return "repeated"
    return "taken"


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body) if len(body) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if (
        not isinstance(said, dict)
        or said.get("type") != "receipt"
        or not isinstance(said.get("message"), str)
        or said.get("state") not in _STATES
    ):
        raise _bad_receipt()
    return said


def _bad_receipt() -> Refusal:
    return refuse(
        "service.bad_receipt",
        "回执内容无法识别",
        "The receipt cannot be read",
        remedy_zh="应为 JSON，含 type、message 与 state（delivered 或 failed）",
        remedy_en="JSON with type, message and state (delivered or failed)",
    )
