"""Entering, confirming, correcting and voiding entries of registers.

Nothing is ever taken out of a register: old values and voided entries stay in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from touchstone.identity.directory import Directory
from touchstone.identity.folds import STREAM as DIRECTORY
from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.packs.folds import STREAM as CONTENT
from touchstone.records.folds import ENTRIES, entry_stream
from touchstone.records.queries import is_customer
from touchstone.records.registers import Register, register_of
from touchstone.vault.actions import reveal_within, seal


def enter_record(
    context: ActContext, register: str, values: Mapping[str, Any], *, unit: str | None = None
) -> str:
    """Enter ``values`` into ``register`` for ``unit``; the entry's id. The same key enters once.

    ``unit`` may be left out where the register's own field ``unit`` names it.

    Raises:
        Refusal: ``records.no_such_register``, ``records.entry_invalid``, ``records.no_such_unit``,
            ``records.unit_differs``, ``records.no_such_customer``, ``records.not_permitted``.
    """

    def work(act: UnitOfWork) -> str:
        standard, people = _standard(act), _people(act)
        found = register_of(standard, register)
        _check(act, found, values)
        place = _place(values, unit, people)
        by = _permitted(people, act, found, found.entered_by, place)
        return _entered(act, found, values, place, by, standard.version)

    try:
        return perform("records.enter_record", context, work)
    except AlreadyDone as done:
        return done.row.stream.partition(":")[2]


def enter_as_customer(
    act: UnitOfWork, register: str, values: Mapping[str, Any], *, unit: str
) -> str:
    """Enter what a customer says himself, as part of his act, whose own rule let him; the entry's id.

    The register does not name him: whose case or request it is stands in its fields, where it does.

    Raises:
        Refusal: ``records.no_such_register``, ``records.entry_invalid``, ``records.not_permitted``.
    """
    found = register_of(_standard(act), register)
    if not found.customer_enters:
        raise refuse(
            "records.not_permitted",
            f"「{found.title.zh}」不由客户填写",
            f"Customers do not write in “{found.title.en}”",
            clause=found.clause,
        )
    return _entered_of_itself(act, found, values, unit, "customer")


def enter_by_system(act: UnitOfWork, register: str, values: Mapping[str, Any], *, unit: str) -> str:
    """Enter what an act of the house has found, as part of that act; the entry's id.

    Raises:
        Refusal: ``records.no_such_register``, ``records.entry_invalid``, ``records.not_permitted``.
    """
    found = register_of(_standard(act), register)
    if not found.system_enters:
        raise refuse(
            "records.not_permitted",
            f"「{found.title.zh}」不由系统登记",
            f"The system does not write in “{found.title.en}”",
            clause=found.clause,
        )
    return _entered_of_itself(act, found, values, unit, "system")


def _entered_of_itself(
    act: UnitOfWork, register: Register, values: Mapping[str, Any], unit: str, by: str
) -> str:
    """An entry that needs no post, because the register lets ``by`` make it within another act."""
    _check(act, register, values)
    place = _place(values, unit, _people(act))
    return _entered(act, register, values, place, [by], _standard(act).version)


def _entered(
    act: UnitOfWork,
    register: Register,
    values: Mapping[str, Any],
    place: str,
    by: list[str],
    content: int,
) -> str:
    identity = new_id(act.context.chance)
    data = {"register": register.id, "entry": identity, "unit": place, "by": by}
    data |= _written(act, register, identity, values, version=1, content=content)
    objects = _objects(register.id, place, values)
    act.record(entry_stream(identity), Fact("records.entered", data, objects))
    return identity


def confirm_record(context: ActContext, entry: str) -> None:
    """Confirm an entry as the second person.

    Raises:
        Refusal: ``records.no_such_entry``, ``records.needs_no_confirmation``,
            ``records.not_open``, ``records.same_person``, ``records.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        row, register = _load(act, entry)
        if not register.confirmed_by:
            raise refuse(
                "records.needs_no_confirmation",
                f"「{register.title.zh}」无须确认",
                f"Entries of “{register.title.en}” need no confirmation",
            )
        if row["state"] != "entered":
            raise _not_open()
        by = _second_person(act, register, row)
        fact = Fact("records.confirmed", {"register": row["register"], "entry": entry, "by": by})
        act.record(entry_stream(entry), fact)

    _once("records.confirm_record", context, work)


def correct_record(context: ActContext, entry: str, values: Mapping[str, Any], reason: str) -> None:
    """Replace an entry's values; it is judged by the register in force and confirmed anew.

    Raises:
        Refusal: ``records.no_such_entry``, ``records.no_reason``, ``records.not_open``,
            ``records.entry_invalid``, ``records.unit_differs``, ``records.no_such_customer``,
            ``records.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        row, register = _load(act, entry)
        if row["state"] == "void":
            raise _not_open()
        _check(act, register, values)
        _place(values, row["unit"], _people(act))
        by = _permitted(_people(act), act, register, register.entered_by, row["unit"])
        position = act.head(entry_stream(entry)).position + 1
        data = {"register": row["register"], "entry": entry, "by": by, "reason": _stated(reason)}
        data |= _written(
            act, register, entry, values, version=position, content=_standard(act).version
        )
        objects = _objects(row["register"], row["unit"], values)
        act.record(entry_stream(entry), Fact("records.corrected", data, objects))

    _once("records.correct_record", context, work)


def void_record(context: ActContext, entry: str, reason: str) -> None:
    """Void an entry; one that a second person confirmed takes a second person to void.

    Raises:
        Refusal: ``records.no_such_entry``, ``records.no_reason``, ``records.not_open``,
            ``records.same_person``, ``records.not_permitted``.
    """

    def work(act: UnitOfWork) -> None:
        row, register = _load(act, entry)
        if row["state"] == "void":
            raise _not_open()
        if row["state"] == "confirmed":
            by = _second_person(act, register, row)
        else:
            by = _permitted(_people(act), act, register, register.entered_by, row["unit"])
        data = {"register": row["register"], "entry": entry, "by": by, "reason": _stated(reason)}
        act.record(entry_stream(entry), Fact("records.voided", data))

    _once("records.void_record", context, work)


def show_record(context: ActContext, entry: str, field: str, reason: str) -> Any:
    """Show one sealed field to whoever enters or confirms; that it was shown is an event.

    Raises:
        Refusal: ``records.no_such_entry``, ``records.not_permitted``, ``vault.no_reason``,
            ``vault.no_such_value``.
    """

    def work(act: UnitOfWork) -> Any:
        row, register = _load(act, entry)
        posts = (*register.entered_by, *register.confirmed_by)
        _permitted(_people(act), act, register, posts, row["unit"])
        if field not in row["sealed"]:
            raise refuse("vault.no_such_value", "没有登记该信息", "No such value is registered")
        return reveal_within(act, row["sealed"][field], reason)

    return perform("records.show_record", context, work)


def _once(act: str, context: ActContext, work: Any) -> None:
    try:
        perform(act, context, work)
    except AlreadyDone:
        return


def _standard(act: UnitOfWork) -> Catalogue:
    return catalogue(act.head(CONTENT).position)


def _people(act: UnitOfWork) -> Directory:
    return directory(act.head(DIRECTORY).position)


def _load(act: UnitOfWork, entry: str) -> tuple[Values, Register]:
    # The head first: a row read before it could be older than the place the act will take.
    act.head(entry_stream(entry))
    row = act.row(ENTRIES.table, (entry,))
    if row is None:
        raise refuse("records.no_such_entry", "没有这条台账记录", "There is no such entry")
    return row, register_of(_standard(act), row["register"])


def _check(act: UnitOfWork, register: Register, values: Mapping[str, Any]) -> None:
    """The values fit the register's form, and a customer they name exists."""
    faults = register.form.faults(values)
    if faults is not None:
        raise refuse(
            "records.entry_invalid",
            f"「{register.title.zh}」未通过校验：{faults.zh}",
            f"The entry of “{register.title.en}” is not valid: {faults.en}",
            clause=register.clause,
            remedy_zh="请按提示改正后重新提交",
            remedy_en="Correct the fields named and submit again",
        )
    if "customer" in values and not is_customer(act, values["customer"]):
        raise refuse(
            "records.no_such_customer",
            "没有这个客户，或其信息已删除",
            "There is no such customer, or it was erased",
        )


def _place(values: Mapping[str, Any], unit: str | None, people: Directory) -> str:
    named = values.get("unit")
    place = unit or named
    if named is not None and place != named:
        raise refuse(
            "records.unit_differs",
            "记录中的机构与所属机构不一致",
            "The unit in the entry is not the unit it is entered for",
        )
    if place not in people.units:
        raise refuse("records.no_such_unit", "没有这个机构", "There is no such unit")
    return str(place)


def _permitted(
    people: Directory, act: UnitOfWork, register: Register, posts: Sequence[str], unit: str
) -> list[str]:
    """Everybody whose duty separation the act touches."""
    person = act.context.actor
    standing = people.standing_over(person, posts, unit, day_of(act.now))
    if standing is None:
        raise refuse(
            "records.not_permitted",
            f"您的岗位无权办理「{register.title.zh}」",
            f"Your posts do not permit this act on “{register.title.en}”",
            clause=register.clause,
            remedy_zh="请由台账规定的岗位办理",
            remedy_en="Leave it to a post that the register names",
        )
    return [person, standing.on_behalf_of] if standing.on_behalf_of else [person]


def _second_person(act: UnitOfWork, register: Register, row: Values) -> list[str]:
    posts = register.confirmed_by or register.entered_by
    by = _permitted(_people(act), act, register, posts, row["unit"])
    if not set(by).isdisjoint(row["writers"]):
        raise refuse(
            "records.same_person",
            "录入人不得确认或作废自己录入并经确认的记录",
            "Whoever wrote the entry neither confirms it nor voids it once confirmed",
            clause=register.clause,
            remedy_zh="请由另一人办理",
            remedy_en="Leave it to somebody else",
        )
    return by


def _written(
    act: UnitOfWork,
    register: Register,
    entry: str,
    values: Mapping[str, Any],
    *,
    version: int,
    content: int,
) -> dict[str, Any]:
    opened, secret = register.form.split(values)
    sealed = seal(act, entry_stream(entry), secret, version=version)
    day = values.get(register.dated_by) if register.dated_by else None
    data = {"values": opened, "on": day or day_of(act.now).isoformat(), "content": content}
    return {**data, "sealed": sealed} if sealed else data


def _objects(register: str, unit: str, values: Mapping[str, Any]) -> tuple[ObjectRef, ...]:
    named = [ObjectRef(kind, str(values[kind])) for kind in ("case", "customer") if kind in values]
    return (ObjectRef("register", register), ObjectRef("unit", unit), *named)


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise refuse(
            "records.no_reason",
            "更正或作废须说明理由",
            "A correction or a void entry needs a reason",
            remedy_zh="请填写理由",
            remedy_en="State the reason",
        )
    return reason.strip()[:500]


def _not_open() -> Exception:
    return refuse(
        "records.not_open",
        "该记录的状态不允许此操作",
        "The entry's state does not allow this act",
        remedy_zh="请刷新后查看当前状态",
        remedy_en="Reload and look at its present state",
    )
