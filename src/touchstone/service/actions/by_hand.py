"""What people do with messages: print, hand over, post, confirm, and try a dead letter again."""

from __future__ import annotations

from typing import Literal

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of
from touchstone.service.actions.delivering import deliver_within, message_row
from touchstone.service.folds import message_stream
from touchstone.service.letters import Rendered
from touchstone.service.ports import ROUTING
from touchstone.service.recipients import Recipient
from touchstone.vault.actions import reveal_within

Way = Literal["handed_over", "posted", "confirmed"]
# Way -> states in which it makes sense.
_POSSIBLE = {
    "handed_over": ("waiting", "failed"),
    "posted": ("waiting", "failed"),
    "confirmed": ("sent",),
}

# A letter on its way (queued, sending) is its channel's to say; it may be read all the same.
_UNREAD = frozenset({"waiting", "sent", "failed"})


def show_letter(context: ActContext, message: str) -> Rendered:
    """The text of a letter, for printing; that it was shown, and to whom, is an event.

    Raises:
        Refusal: ``service.no_such_message``, ``identity.not_permitted``, ``service.no_text``,
            ``vault.no_such_value``.
    """

    def work(unit: UnitOfWork) -> Rendered:
        row = _load(unit, message)
        _may_hand_over(unit, row)
        if row["body"] is None:
            raise refuse("service.no_text", "该函件没有内容", "The letter has no text")
        return Rendered.from_data(
            reveal_within(unit, row["body"], "打印函件 / printing the letter")
        )

    return perform("service.show_letter", context.with_key(None), work)


def read_own_letter(context: ActContext, message: str) -> Rendered:
    """The text of a letter for the customer it is written to; having read it, it has reached him.

    Raises:
        Refusal: ``service.no_such_message``, also where it is another's; ``service.no_text``.
    """

    def work(unit: UnitOfWork) -> Rendered:
        row = _load(unit, message)
        if row["recipient"] != context.actor or row["purpose"] != "case":
            raise _unknown()
        if row["body"] is None:
            raise refuse("service.no_text", "该函件没有内容", "The letter has no text")
        text = Rendered.from_data(
            reveal_within(unit, row["body"], "客户本人查看 / read by its reader")
        )
        if row["state"] in _UNREAD:
            deliver_within(unit, row, "read")
        return text

    return perform("service.read_own_letter", context.with_key(None), work)


def hand_over(context: ActContext, message: str, way: Way) -> None:
    """Say what was done with a letter on paper, or that its reader confirmed it.

    ``handed_over`` and ``confirmed`` are delivery; ``posted`` is not, until somebody confirms.

    Raises:
        Refusal: ``service.no_such_message``, ``identity.not_permitted``, ``service.wrong_state``.
    """

    def work(unit: UnitOfWork) -> None:
        row = _load(unit, message)
        _may_hand_over(unit, row)
        if row["state"] not in _POSSIBLE[way] or (row["body"] is None and way != "handed_over"):
            raise refuse(
                "service.wrong_state",
                "该函件目前不能如此处理",
                "That cannot be done with the letter as it stands",
                remedy_zh="请刷新后核对其状态",
                remedy_en="Reload and look at its state",
            )
        if way == "posted":
            data = {"attempt": row["attempts"], "channel": "print", "how": "posted"}
            unit.record(message_stream(message), Fact("service.message_sent", data))
            return
        deliver_within(unit, row, way)

    _once("service.hand_over", context, work)


def requeue(context: ActContext, message: str) -> None:
    """Try a dead letter again, by whatever way its reader is reached now.

    Raises:
        Refusal: ``service.no_such_message``, ``identity.not_permitted``, ``service.wrong_state``.
    """

    def work(unit: UnitOfWork) -> None:
        row = _load(unit, message)
        require(directory(), context.actor, "service.requeue", day_of(unit.now), unit=row["unit"])
        if row["state"] != "failed" or row["body"] is None:
            raise refuse(
                "service.wrong_state",
                "只有发送失败且有内容的函件可以重发",
                "Only a letter that failed and has a text is tried again",
            )
        route = ROUTING.get("routing")(unit, Recipient.parse(row["recipient"]))
        said = {"channel": route.channel, "address": route.address, "masked": route.masked}
        data = {name: value for name, value in said.items() if value is not None}
        unit.record(message_stream(message), Fact("service.message_requeued", data))

    _once("service.requeue", context, work)


def _once(act: str, context: ActContext, work: object) -> None:
    try:
        perform(act, context, work)  # type: ignore[arg-type]
    except AlreadyDone:
        return


def _load(unit: UnitOfWork, message: str) -> Values:
    row = message_row(unit, message)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> Refusal:
    return refuse("service.no_such_message", "没有这条消息", "There is no such message")


def _may_hand_over(unit: UnitOfWork, row: Values) -> None:
    day = day_of(unit.now)
    require(directory(), unit.context.actor, "service.hand_over", day, unit=row["unit"])
