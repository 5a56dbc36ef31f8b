"""``touchstone person``: members of staff, their posts and deputies."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock, day_of


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    person = words.add_parser("person", help="members of staff and their posts")
    acts = person.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", help="take a person on and grant a post")
    add.add_argument("id")
    add.add_argument("name", help="Chinese name")
    add.add_argument("--name-en", default=None)
    add.add_argument("--post")
    add.add_argument("--unit")
    add.add_argument("--system-administrator", default="system:setup", metavar="PERSON")
    add.add_argument("--security-administrator", default="system:setup", metavar="PERSON")
    add.set_defaults(run=_add)
    _register_changes(acts)
    show = acts.add_parser("list", help="everybody and the posts held today")
    show.set_defaults(run=_list)
    for word in acts.choices.values():
        word.add_argument("--json", action="store_true")


def _register_changes(acts: _SubParsersAction[Any]) -> None:
    """Posts and deputyships begin and end, a person leaves: each one administrator's act."""
    security, system = "security administrator on record", "system administrator on record"
    for name, run, text, by in (
        ("grant", _grant, "give a person a post", security),
        ("end", _end, "take a post from a person", security),
        ("deputise", _deputise, "let somebody stand in for a person", security),
        ("end-deputy", _end_deputy, "end a deputyship before its last day", security),
        ("leave", _leave, "a person leaves; what he holds ends with it", system),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("id")
        if name in ("grant", "end"):
            word.add_argument("--post", required=True)
            word.add_argument("--unit", required=True)
        if name in ("deputise", "end-deputy"):
            word.add_argument("--deputy", required=True, metavar="PERSON")
        if name != "leave" and name != "end":
            required = name != "grant"
            word.add_argument(
                "--from", dest="first", type=dt.date.fromisoformat, required=required, metavar="DAY"
            )
        if name in ("grant", "deputise"):
            word.add_argument(
                "--to", dest="last", type=dt.date.fromisoformat, required=name == "deputise"
            )
        if name in ("end", "end-deputy"):
            word.add_argument(
                "--on", type=dt.date.fromisoformat, required=True, help="the last day"
            )
        if name == "leave":
            word.add_argument(
                "--on", type=dt.date.fromisoformat, required=True, help="the first day away"
            )
        word.add_argument("--by", default="system:setup", metavar="ADMINISTRATOR", help=by)
        word.set_defaults(run=run)


def _grant(args: Namespace) -> int:
    from touchstone.identity.actions import grant_post

    ready_database()
    grant_post(
        context_of(args.by), args.id, args.post, args.unit, from_day=args.first, to_day=args.last
    )
    said = {"person": args.id, "post": args.post, "unit": args.unit}
    emit(args, {"granted": said}, [f"{args.id}: {args.post}@{args.unit} granted / 已授予"])
    return 0


def _end(args: Namespace) -> int:
    from touchstone.identity.actions import end_post

    ready_database()
    end_post(context_of(args.by), args.id, args.post, args.unit, args.on)
    said = {"person": args.id, "post": args.post, "unit": args.unit, "on": args.on.isoformat()}
    emit(args, {"ended": said}, [f"{args.id}: {args.post}@{args.unit} ends {args.on} / 已解除"])
    return 0


def _deputise(args: Namespace) -> int:
    from touchstone.identity.actions import name_deputy

    ready_database()
    name_deputy(context_of(args.by), args.id, args.deputy, args.first, args.last)
    said = {
        "person": args.id,
        "deputy": args.deputy,
        "from": args.first.isoformat(),
        "to": args.last.isoformat(),
    }
    emit(args, {"deputy": said}, [f"{args.deputy} stands in for {args.id} / 已指定代理"])
    return 0


def _end_deputy(args: Namespace) -> int:
    from touchstone.identity.actions import end_deputy

    ready_database()
    end_deputy(context_of(args.by), args.id, args.deputy, args.first, args.on)
    said = {"person": args.id, "deputy": args.deputy, "on": args.on.isoformat()}
    emit(args, {"ended": said}, [f"{args.deputy} no longer stands in for {args.id} / 代理已终止"])
    return 0


def _leave(args: Namespace) -> int:
    from touchstone.identity.actions import leave_person

    ready_database()
    leave_person(context_of(args.by), args.id, args.on)
    said = {"person": args.id, "on": args.on.isoformat()}
    emit(args, {"left": said}, [f"{args.id} leaves on {args.on} / 已登记离职"])
    return 0


def _add(args: Namespace) -> int:
    from touchstone.identity.actions import grant_post, join_person, require_place
    from touchstone.identity.authority import require
    from touchstone.identity.queries import directory

    ready_database()
    if (args.post is None) != (args.unit is None):
        raise refuse(
            "person.post_and_unit", "--post 与 --unit 须同时给出", "--post and --unit go together"
        )
    if args.post:
        # Two acts of two administrators: nobody joins whose post would then be refused.
        current, today = directory(), day_of(SystemClock().now())
        require(current, args.security_administrator, "identity.grant_post", today)
        require_place(current, args.post, args.unit)
    join_person(
        context_of(args.system_administrator), args.id, Text(args.name, args.name_en or args.name)
    )
    if args.post:
        grant_post(context_of(args.security_administrator), args.id, args.post, args.unit)
    emit(args, {"added": args.id, "post": args.post, "unit": args.unit}, [f"{args.id} added"])
    return 0


def _list(args: Namespace) -> int:
    from touchstone.identity.queries import directory

    ready_database()
    current, today = directory(), day_of(SystemClock().now())
    persons: list[dict[str, Any]] = [
        {
            "id": person.id,
            "name": person.name.as_dict(),
            "posts": [[item.post, item.unit] for item in current.posts_of(person.id, today)],
        }
        for person in current.persons.values()
    ]
    lines = [
        f"{item['id']}  {item['name']['zh']}  "
        + ", ".join(f"{post}@{unit}" for post, unit in item["posts"])
        for item in persons
    ]
    emit(args, {"persons": persons}, lines or ["nobody yet / 尚无人员"])
    return 0
