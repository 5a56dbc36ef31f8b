"""Log-in accounts: opened, reset, locked and unlocked by the system administrator, each on record.

An account proves who somebody is and holds nothing else. Posts are the security administrator's to
grant: whoever could do both could make himself anybody. A password is its owner's own, set by a link
that works once or typed at the command; only its digest comes here, and nothing of it is on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of

_ACT = "identity.manage_account"
_OPEN = (
    "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email,"
    " is_staff, is_active, date_joined) VALUES (%s, %s, %s, '', '', '', %s, %s, %s)"
)
_SET_DIGEST = "UPDATE auth_user SET password = %s WHERE username = %s"
_SET_ACTIVE = "UPDATE auth_user SET is_active = %s WHERE username = %s"


@dataclass(frozen=True, slots=True)
class Account:
    """Whether somebody may log in; ``has_password`` is false until he has set his own."""

    person: str
    is_active: bool
    has_password: bool


def accounts_of(persons: Iterable[str]) -> dict[str, Account]:
    """Person -> account, for those who have one."""
    wanted = sorted(set(persons))
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT username, is_active, substr(password, 1, 1) NOT IN ('!', '') FROM auth_user"
            f" WHERE username IN ({marks})",
            wanted,
        )
        return {row[0]: Account(row[0], bool(row[1]), bool(row[2])) for row in cursor.fetchall()}


def open_account(
    context: ActContext, person: str, *, encoded: str | None = None, customer: bool = False
) -> None:
    """Let a person log in, at once or when he has set his password by the link issued next.

    Args:
        context: who opens it.
        person: of the directory; or a customer, whom the caller has found where customers are kept.
        encoded: the digest of the password that its owner typed; None: he sets it by a link.
        customer: whether ``person`` is a customer.

    Raises:
        Refusal: ``identity.no_such_person``, ``identity.account_exists``,
            ``identity.own_account``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        _allowed(unit, person, customer=customer)
        if unit.read("SELECT 1 FROM auth_user WHERE username = %s", (person,)):
            raise refuse("identity.account_exists", "已有登录账户", "There is an account already")
        unusable = "!" + unit.context.chance.token_bytes(20).hex()
        joined = f"{unit.now:%Y-%m-%d %H:%M:%S}+00:00"
        unit.execute(_OPEN, (person, encoded or unusable, False, False, True, joined))
        set_too = ("identity.password_set",) if encoded else ()
        _record(unit, person, "identity.account_opened", *set_too)

    perform("identity.open_account", context, work)


def issue_link(context: ActContext, person: str) -> None:
    """Record that a link was issued by which a person sets his password.

    Raises:
        Refusal: ``identity.no_such_person``, ``identity.no_account``, ``identity.own_account``,
            ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        _allowed(unit, person)
        _known(unit, person)
        _record(unit, person, "identity.password_link_issued")

    perform("identity.issue_link", context, work)


def reset_password(context: ActContext, person: str, encoded: str) -> None:
    """Put another password, which its owner typed, in place of the one he forgot.

    Raises:
        Refusal: ``identity.no_account``, ``identity.own_account``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, _ACT, day_of(unit.now))
        _not_own(unit, person)
        _known(unit, person)
        unit.execute(_SET_DIGEST, (encoded, person))
        _record(unit, person, "identity.password_set")

    perform("identity.reset_password", context, work)


def set_active(context: ActContext, person: str, *, active: bool) -> None:
    """Lock an account, which ends its sessions, or unlock it.

    Raises:
        Refusal: ``identity.no_account``, ``identity.own_account``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, _ACT, day_of(unit.now))
        _not_own(unit, person)
        _known(unit, person)
        unit.execute(_SET_ACTIVE, (active, person))
        kind = "identity.account_unlocked" if active else "identity.account_locked"
        _record(unit, person, kind)

    perform("identity.set_account", context, work)


def _allowed(unit: UnitOfWork, person: str, *, customer: bool = False) -> None:
    current, day = directory(), day_of(unit.now)
    require(current, unit.context.actor, _ACT, day)
    _not_own(unit, person)
    if not customer and not current.is_here(person, day):
        raise refuse("identity.no_such_person", "没有这个人员", "There is no such person")


def _not_own(unit: UnitOfWork, person: str) -> None:
    if person == unit.context.actor:
        raise refuse(
            "identity.own_account", "不得变更自己的账户", "Nobody decides on his own account"
        )


def _known(unit: UnitOfWork, person: str) -> None:
    if not unit.read("SELECT 1 FROM auth_user WHERE username = %s", (person,)):
        raise refuse("identity.no_account", "没有登录账户", "There is no account")


def _record(unit: UnitOfWork, person: str, *kinds: str) -> None:
    about = (ObjectRef("person", person),)
    unit.record(f"account:{person}", *(Fact(kind, {"person": person}, about) for kind in kinds))
