"""``touchstone person``: list and add members of staff."""

from __future__ import annotations

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
    show = acts.add_parser("list", help="everybody and the posts held today")
    show.set_defaults(run=_list)
    for word in (add, show):
        word.add_argument("--json", action="store_true")


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
