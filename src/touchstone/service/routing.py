"""Which way a message takes: by the addresses its reader gave, else on paper."""

from __future__ import annotations

from contextlib import suppress

from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Language
from touchstone.service.folds import ADDRESSES, address_stream
from touchstone.service.ports import CHANNELS, PRINT, Route
from touchstone.service.recipients import Recipient
from touchstone.service.values import customer_fields
from touchstone.vault.actions import open_within
from touchstone.vault.masking import masked


def configured(unit: UnitOfWork, recipient: Recipient) -> Route:
    """The channel that the reader gave an address for last, of those that are configured.

    A customer who gave none is reached by his telephone through the gateway, where there is one;
    everybody else on paper.
    """
    unit.head(address_stream(str(recipient)))
    stored = unit.read(
        f"{ADDRESSES.select} WHERE recipient = %s ORDER BY set_at DESC, channel", (str(recipient),)
    )
    known = [ADDRESSES.decode(row) for row in stored]
    for row in known:
        if row["channel"] in CHANNELS.all() and CHANNELS.get(row["channel"]).is_ready:
            return Route(row["channel"], row["address"], row["masked"], row["language"])
    language: Language = known[0]["language"] if known else "zh"
    if recipient.kind == "customer" and CHANNELS.get("http").is_ready:
        telephone = customer_fields(unit, recipient.id).get("telephone")
        if telephone:
            with suppress(Refusal):  # erased or damaged: then on paper
                mask = masked(str(open_within(unit, telephone)), "phone")
                return Route("http", telephone, mask, language)
    return Route(PRINT, language=language)


def simulated(unit: UnitOfWork, recipient: Recipient) -> Route:
    """The way of a simulated bank, whoever the reader is."""
    return Route("simulated")
