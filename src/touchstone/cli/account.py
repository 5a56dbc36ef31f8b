"""``touchstone account``: a log-in for somebody who is already in the directory, or a customer."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    account = words.add_parser("account", help="open, reset, lock and unlock log-ins")
    acts = account.add_subparsers(dest="act", required=True)
    for name, run, text in (
        ("open", _open, "a log-in with a first password (asked for, or one line on stdin)"),
        ("reset", _reset, "another password in place of a forgotten one"),
        ("lock", _lock, "no log-in any more; sessions end"),
        ("unlock", _unlock, "log-in again"),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("person", help="person id, or customer:<id>")
        word.add_argument(
            "--by",
            default="system:setup",
            metavar="ADMINISTRATOR",
            help="system administrator on record (default: whoever sets the machine up)",
        )
        word.add_argument("--json", action="store_true")
        word.set_defaults(run=run)


def _open(args: Namespace) -> int:
    from touchstone.identity.accounts import accounts_of, open_account

    ready_database()
    is_customer = _known_person(args.person)
    if accounts_of([args.person]):
        raise refuse(
            "identity.account_exists",
            "已有登录账户",
            "There is an account already",
            remedy_zh="忘记密码的，用 touchstone account reset",
            remedy_en="For a forgotten password there is touchstone account reset",
        )
    encoded = _password_of(args.person)
    open_account(context_of(args.by), args.person, encoded=encoded, customer=is_customer)
    emit(args, {"account": args.person, "opened": True}, [f"{args.person}: open / 已开通"])
    return 0


def _reset(args: Namespace) -> int:
    from touchstone.identity.accounts import accounts_of, reset_password

    ready_database()
    if not accounts_of([args.person]):
        raise refuse(
            "identity.no_account",
            "没有登录账户",
            "There is no account",
            remedy_zh="先用 touchstone account open 开通",
            remedy_en="Open one with touchstone account open first",
        )
    reset_password(context_of(args.by), args.person, _password_of(args.person))
    emit(args, {"account": args.person, "reset": True}, [f"{args.person}: reset / 已重设密码"])
    return 0


def _password_of(person: str) -> str:
    """The digest of the password that is typed, or stands on one line of stdin."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    interactive = sys.stdin.isatty()
    password = getpass.getpass() if interactive else sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, get_user_model()(username=person))
    except ValidationError as error:
        words = " ".join(error.messages)
        raise refuse("account.weak_password", f"密码不符合要求：{words}", words) from None
    return make_password(password)


def _known_person(person: str) -> bool:
    """Whether it is a customer.

    Raises:
        Refusal: ``account.no_such_person``.
    """
    from touchstone.identity.queries import directory
    from touchstone.kernel.time import SystemClock, day_of
    from touchstone.records.queries import customer

    today = day_of(SystemClock().now())
    kind, _, identity = person.partition(":")
    is_customer = kind == "customer"
    known = customer(identity) if is_customer else directory().is_here(person, today)
    if not known:
        raise refuse(
            "account.no_such_person",
            f"没有人员 {person}",
            f"There is no person {person}",
            remedy_zh="先用 touchstone person add 登记",
            remedy_en="Register the person with touchstone person add first",
        )
    return is_customer


def _lock(args: Namespace) -> int:
    return _set_active(args, active=False)


def _unlock(args: Namespace) -> int:
    return _set_active(args, active=True)


def _set_active(args: Namespace, *, active: bool) -> int:
    from touchstone.identity.accounts import set_active

    ready_database()
    set_active(context_of(args.by), args.person, active=active)
    said = "active / 已启用" if active else "locked / 已锁定"
    emit(args, {"account": args.person, "active": active}, [f"{args.person}: {said}"])
    return 0
