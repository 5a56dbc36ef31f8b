"""Where readers want to be reached. The address itself is in the vault; events hold its mask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Language
from touchstone.kernel.time import day_of
from touchstone.records.folds import CUSTOMERS, customer_stream
from touchstone.service.folds import ADDRESSES, address_stream
from touchstone.service.recipients import Recipient
from touchstone.vault.actions import seal
from touchstone.vault.masking import Mask, masked

AddressedBy = Literal["smtp", "http"]
_FORMS: Mapping[str, re.Pattern[str]] = {
    "smtp": re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"),
    "http": re.compile(r"[A-Za-z0-9+@._:-]{3,120}"),
}
_MASKS: Mapping[str, Mask] = {"smtp": "email", "http": "phone"}


def set_address(
    context: ActContext,
    recipient: Recipient,
    channel: AddressedBy,
    address: str,
    *,
    language: Language = "zh",
) -> None:
    """Reach ``recipient`` by ``channel`` from now on; the way set last is taken first.

    ``address`` is a mail address, or for the gateway a telephone number or a name it knows.

    Raises:
        Refusal: ``service.bad_address``, ``service.no_such_recipient``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        _may_set(unit, recipient)
        given = address.strip()
        form = _FORMS.get(channel)
        if form is None or not form.fullmatch(given):
            raise refuse(
                "service.bad_address",
                "地址格式不正确",
                "The address is not in the right form",
                remedy_zh="请填写邮箱地址，或网关可识别的电话与账号",
                remedy_en="Give a mail address, or a telephone number or name the gateway knows",
            )
        stream = address_stream(str(recipient))
        version = unit.head(stream).position + 1
        unit.row(ADDRESSES.table, (str(recipient), channel))
        subject = recipient.id if recipient.kind == "customer" else str(recipient)
        field = f"address.{channel}"
        reference = seal(unit, subject, {field: given}, version=version)[field]
        data = {
            "channel": channel,
            "address": reference,
            "masked": masked(given, "email" if "@" in given else _MASKS[channel]),
            "language": language,
        }
        objects = (ObjectRef(recipient.kind, recipient.id, "reader"),)
        unit.record(stream, Fact("service.address_set", data, objects))

    _once("service.set_address", context, work)


def remove_address(context: ActContext, recipient: Recipient, channel: AddressedBy) -> None:
    """No longer reach ``recipient`` by ``channel``.

    Raises:
        Refusal: ``service.no_such_address``, ``service.no_such_recipient``,
            ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        _may_set(unit, recipient)
        stream = address_stream(str(recipient))
        unit.head(stream)
        if unit.row(ADDRESSES.table, (str(recipient), channel)) is None:
            raise refuse("service.no_such_address", "没有登记此地址", "There is no such address")
        objects = (ObjectRef(recipient.kind, recipient.id, "reader"),)
        unit.record(stream, Fact("service.address_removed", {"channel": channel}, objects))

    _once("service.remove_address", context, work)


def _may_set(unit: UnitOfWork, recipient: Recipient) -> None:
    """Everybody his own; for others, whoever looks after the customer or the staff."""
    people, day, actor = directory(), day_of(unit.now), unit.context.actor
    known = True
    if recipient.kind == "person":
        if actor != recipient.id:
            require(people, actor, "service.set_person_address", day)
        known = people.is_here(recipient.id, day)
    elif recipient.kind == "customer":
        unit.head(customer_stream(recipient.id))
        row = unit.row(CUSTOMERS.table, (recipient.id,))
        known = row is not None and row["state"] == "active"
        if actor != str(recipient):
            place = row["unit"] if row else None
            require(people, actor, "service.set_customer_address", day, unit=place)
    else:
        known = False
    if not known:
        raise refuse("service.no_such_recipient", "没有这个收件人", "There is no such recipient")


def _once(act: str, context: ActContext, work: object) -> None:
    try:
        perform(act, context, work)  # type: ignore[arg-type]
    except AlreadyDone:
        return
