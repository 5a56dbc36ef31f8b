"""Registering, changing, finding, showing and erasing customers.

Name, identity number, telephone and address lie in the vault; nobody is registered twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.folds import STREAM as DIRECTORY
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.records.customer_form import CHANGE, REGISTRATION, checked, dialled, spelled
from touchstone.records.folds import CUSTOMERS, customer_stream
from touchstone.records.ports import OPEN_BUSINESS
from touchstone.vault.actions import erase_within, index, reveal_within, seal, subjects_with

_INDEXED, _TELEPHONE = "customer.identity_number", "customer.telephone"


def register_customer(
    context: ActContext, values: Mapping[str, Any], *, unit: str, since: dt.date | None = None
) -> str:
    """Register a customer of ``unit``; the id. The same key registers once.

    ``values``: kind, risk_grade, segment, is_vulnerable; sealed: name, identity_number, telephone,
    address. ``since`` is the first day, by default today.

    Raises:
        Refusal: ``records.customer_invalid``, ``records.customer_exists``,
            ``records.no_such_unit``, ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> str:
        people = _people(act)
        _known_unit(people, unit)
        day = day_of(act.now)
        require(people, context.actor, "records.register_customer", day, unit=unit)
        opened, secret = checked(REGISTRATION, values)
        _not_taken(act, secret["identity_number"])
        identity = new_id(context.chance)
        data = {"segment": None, "is_vulnerable": False, **opened, "unit": unit}
        data["since"] = (since or day).isoformat()
        data["sealed"] = seal(act, identity, secret, version=1)
        index(act, identity, _INDEXED, secret["identity_number"], sole=True)
        if "telephone" in secret:
            index(act, identity, _TELEPHONE, secret["telephone"])
        fact = Fact("records.customer_registered", data, (ObjectRef("unit", unit),))
        act.record(customer_stream(identity), fact)
        return identity

    try:
        return perform("records.register_customer", context, work)
    except AlreadyDone as done:
        return done.row.stream.partition(":")[2]


def change_customer(
    context: ActContext, customer: str, values: Mapping[str, Any], *, unit: str | None = None
) -> None:
    """Change what is named in ``values``, and move the customer to ``unit`` where one is given.

    Raises:
        Refusal: ``records.no_such_customer``, ``records.customer_invalid``,
            ``records.customer_exists``, ``records.no_such_unit``, ``records.nothing_to_change``,
            ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        row = _load(act, customer)
        people = _people(act)
        day = day_of(act.now)
        require(people, context.actor, "records.change_customer", day, unit=row["unit"])
        opened, secret = checked(CHANGE, values)
        if unit is not None:
            _known_unit(people, unit)
            opened["unit"] = unit
        if not opened and not secret:
            raise refuse("records.nothing_to_change", "没有需要变更的内容", "Nothing was changed")
        number = secret.get("identity_number")
        if number is not None:
            _not_taken(act, number, but=customer)
            before = row["sealed"]["identity_number"]
            index(act, customer, _INDEXED, number, sole=True, instead_of=before)
        if "telephone" in secret:
            earlier = row["sealed"].get("telephone")
            index(act, customer, _TELEPHONE, secret["telephone"], instead_of=earlier)
        stream = customer_stream(customer)
        sealed = seal(act, customer, secret, version=act.head(stream).position + 1)
        data = {name: part for name, part in (("set", opened), ("sealed", sealed)) if part}
        act.record(stream, Fact("records.customer_changed", data))

    try:
        perform("records.change_customer", context, work)
    except AlreadyDone:
        return


def find_customer(context: ActContext, identity_number: str) -> str | None:
    """The customer with this identity number, looked up without opening any value.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> str | None:
        require(_people(act), context.actor, "records.find_customer", day_of(act.now))
        found = subjects_with(act, _INDEXED, spelled(identity_number))
        return found[0] if found else None

    return perform("records.find_customer", context, work)


def find_by_telephone(context: ActContext, telephone: str) -> tuple[str, ...]:
    """Customers with this telephone number, in order of id; a family may share one.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> tuple[str, ...]:
        require(_people(act), context.actor, "records.find_customer", day_of(act.now))
        return subjects_with(act, _TELEPHONE, dialled(telephone))

    return perform("records.find_customer", context, work)


def show_customer(context: ActContext, customer: str, field: str, reason: str) -> Any:
    """Show one sealed field; that it was shown, to whom and why is an event.

    Raises:
        Refusal: ``records.no_such_customer``, ``vault.no_reason``, ``vault.no_such_value``,
            ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> Any:
        row = _load(act, customer)
        day = day_of(act.now)
        require(_people(act), context.actor, "vault.reveal", day, unit=row["unit"])
        if field not in row["sealed"]:
            raise refuse("vault.no_such_value", "没有登记该信息", "No such value is registered")
        return reveal_within(act, row["sealed"][field], reason)

    return perform("records.show_customer", context, work)


def erase_customer(context: ActContext, customer: str, reason: str) -> None:
    """Destroy the key of the customer's own record; open fields and the chain stay.

    Sealed values of the customer's cases have keys of their own and the case file's retention.

    Raises:
        Refusal: ``records.no_such_customer``, ``records.customer_has_business``,
            ``vault.no_reason``, ``identity.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        _load(act, customer)
        running = sum(provider(customer) for provider in OPEN_BUSINESS.all().values())
        if running:
            raise refuse(
                "records.customer_has_business",
                f"该客户有 {running} 笔在办业务，不得删除",
                f"The customer has {running} open cases and cannot be erased",
                remedy_zh="请在业务办结后再删除",
                remedy_en="Erase when they are over",
            )
        erase_within(act, customer, reason)
        act.record(customer_stream(customer), Fact("records.customer_erased", {}))

    try:
        perform("records.erase_customer", context, work)
    except AlreadyDone:
        return


def _people(act: UnitOfWork) -> Directory:
    return directory(act.head(DIRECTORY).position)


def _load(act: UnitOfWork, customer: str) -> Values:
    # The head first: a row read before it could be older than the place the act will take.
    act.head(customer_stream(customer))
    row = act.row(CUSTOMERS.table, (customer,))
    if row is None or row["state"] != "active":
        raise refuse(
            "records.no_such_customer",
            "没有这个客户，或其信息已删除",
            "There is no such customer, or it was erased",
        )
    return row


def _known_unit(people: Directory, unit: str) -> None:
    if unit not in people.units:
        raise refuse("records.no_such_unit", "没有这个机构", "There is no such unit")


def _not_taken(act: UnitOfWork, identity_number: str, *, but: str | None = None) -> None:
    found = [item for item in subjects_with(act, _INDEXED, identity_number) if item != but]
    if found:
        raise refuse(
            "records.customer_exists",
            f"该证件号码已登记，客户编号 {found[0]}",
            f"This identity number is registered already, as customer {found[0]}",
            remedy_zh="请使用已登记的客户",
            remedy_en="Use the customer already registered",
        )
