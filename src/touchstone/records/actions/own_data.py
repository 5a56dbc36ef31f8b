"""What a customer does with his own record: sees it in clear, takes it along, asks for its erasure.

Each is an event on his own stream; asking for erasure is a request in a register, not the act.
"""

from __future__ import annotations

from typing import Any, Literal

from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of
from touchstone.records.actions.entries import enter_as_customer
from touchstone.records.folds import CUSTOMERS, customer_stream
from touchstone.records.queries import erasure_requests
from touchstone.records.registers import PERSONAL_REQUESTS
from touchstone.vault.actions import open_within

_CUSTOMER = "customer:"


def show_own_data(
    context: ActContext, *, how: Literal["page", "export"] = "page"
) -> dict[str, Any]:
    """The actor's own sealed fields in clear; that he saw them is an event.

    Raises:
        Refusal: ``records.no_such_customer``.
    """

    def work(act: UnitOfWork) -> dict[str, Any]:
        customer, row = _own(act)
        found = {name: open_within(act, ref) for name, ref in sorted(row["sealed"].items())}
        data = {"fields": sorted(found), "how": how}
        act.record(customer_stream(customer), Fact("records.own_data_shown", data))
        return found

    return perform("records.show_own_data", context.with_key(None), work)


def ask_erasure(context: ActContext) -> None:
    """Ask that the actor's own data be erased; somebody whose post it is looks into it.

    Raises:
        Refusal: ``records.no_such_customer``, ``records.asked_already``.
    """

    def work(act: UnitOfWork) -> None:
        customer, row = _own(act)
        if any(item.state == "entered" for item in erasure_requests(customer)):
            raise refuse(
                "records.asked_already",
                "您的删除请求已登记，正在处理",
                "Your request for erasure is registered and being looked into",
            )
        values = {
            "customer": customer,
            "request": "erasure",
            "asked_on": day_of(act.now).isoformat(),
        }
        entry = enter_as_customer(act, PERSONAL_REQUESTS, values, unit=row["unit"])
        act.record(customer_stream(customer), Fact("records.erasure_asked", {"entry": entry}))

    try:
        perform("records.ask_erasure", context, work)
    except AlreadyDone:
        return


def _own(act: UnitOfWork) -> tuple[str, Values]:
    actor = act.context.actor
    if not actor.startswith(_CUSTOMER):
        raise _nobody()
    customer = actor.removeprefix(_CUSTOMER)
    act.head(customer_stream(customer))
    row = act.row(CUSTOMERS.table, (customer,))
    if row is None or row["state"] != "active":
        raise _nobody()
    return customer, row


def _nobody() -> Refusal:
    return refuse(
        "records.no_such_customer",
        "没有这个客户，或其信息已删除",
        "There is no such customer, or it was erased",
    )
