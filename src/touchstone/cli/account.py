"""``touchstone account``: a log-in for somebody who is already in the directory, or a customer."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    account = words.add_parser("account", help="open, lock and unlock log-ins")
    acts = account.add_subparsers(dest="act", required=True)
    for name, run, text in (
        ("open", _open, "a log-in with a first password (asked for, or one line on stdin)"),
        ("lock", _lock, "no log-in any more; sessions end"),
        ("unlock", _unlock, "log-in again"),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("person", help="person id, or customer:<id>")
        word.add_argument("--json", action="store_true")
        word.set_defaults(run=run)


def _open(args: Namespace) -> int:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    ready_database()
    _check_person(args.person)
    interactive = sys.stdin.isatty()
    password = getpass.getpass() if interactive else sys.stdin.readline().rstrip("\n")
    user, is_new = get_user_model().objects.get_or_create(username=args.person)
    try:
        validate_password(password, user)
    except ValidationError as error:
        if is_new:
            user.delete()
        words = " ".join(error.messages)
        raise refuse("account.weak_password", f"密码不符合要求:{words}", words) from None
    user.set_password(password)
    user.save()
    emit(args, {"account": args.person, "opened": True}, [f"{args.person}: open"])
    return 0


def _check_person(person: str) -> None:
    from touchstone.identity.queries import directory
    from touchstone.kernel.time import SystemClock, day_of
    from touchstone.records.queries import customer

    today = day_of(SystemClock().now())
    kind, _, identity = person.partition(":")
    known = customer(identity) if kind == "customer" else directory().is_here(person, today)
    if not known:
        raise refuse(
            "account.no_such_person",
            f"没有人员 {person}",
            f"There is no person {person}",
            remedy_zh="先用 touchstone person add 登记",
            remedy_en="Register the person with touchstone person add first",
        )


def _lock(args: Namespace) -> int:
    return _set_active(args, active=False)


def _unlock(args: Namespace) -> int:
    return _set_active(args, active=True)


def _set_active(args: Namespace, *, active: bool) -> int:
    from django.contrib.auth import get_user_model

    ready_database()
    changed = get_user_model().objects.filter(username=args.person).update(is_active=active)
    if not changed:
        raise refuse("account.none", f"{args.person} 没有登录账户", f"{args.person} has no log-in")
    emit(args, {"account": args.person, "active": active}, [f"{args.person}: {active}"])
    return 0
