"""``touchstone token``: personal access tokens for the API."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    token = words.add_parser("token", help="personal access tokens for the API")
    acts = token.add_subparsers(dest="act", required=True)
    issue = acts.add_parser("issue", help="a token that acts as a person; its secret is shown once")
    issue.add_argument("--scope", action="append", required=True, metavar="SCOPE")
    issue.add_argument("--name", default="", help="what it is for")
    issue.add_argument("--days", type=int, default=None, help="how long it lasts")
    issue.set_defaults(run=_issue)
    show = acts.add_parser("list", help="the tokens of a person")
    show.set_defaults(run=_list)
    revoke = acts.add_parser("revoke", help="end tokens of a person at once")
    revoke.add_argument("--token", metavar="ID", help="this one only; by default all of them")
    revoke.set_defaults(run=_revoke)
    for word in (issue, show, revoke):
        word.add_argument("person")
        word.add_argument("--json", action="store_true")


def _issue(args: Namespace) -> int:
    from touchstone.identity.tokens import DEFAULT_DAYS, issue_token

    ready_database()
    days = DEFAULT_DAYS if args.days is None else args.days
    issued = issue_token(
        context_of("system:setup"), args.person, args.scope, name=args.name, days=days
    )
    until = issued.expires_at.isoformat()
    data = {"id": issued.id, "token": issued.secret, "expires_at": until}
    emit(args, data, [issued.secret])
    return 0


def _list(args: Namespace) -> int:
    from touchstone.identity.tokens import tokens_of

    ready_database()
    tokens: list[dict[str, Any]] = [
        {
            "id": item.id,
            "name": item.name,
            "scopes": sorted(item.scopes),
            "expires_at": item.expires_at.isoformat(),
            "revoked_at": item.revoked_at.isoformat() if item.revoked_at else None,
            "last_used_at": item.last_used_at.isoformat() if item.last_used_at else None,
        }
        for item in tokens_of(args.person)
    ]
    lines = [
        f"{item['id']}  {' '.join(item['scopes'])}  {item['expires_at']}"
        f"{'  revoked / 已吊销' if item['revoked_at'] else ''}  {item['name']}"
        for item in tokens
    ]
    emit(args, {"tokens": tokens}, lines or ["no tokens / 没有令牌"])
    return 0


def _revoke(args: Namespace) -> int:
    from touchstone.identity.tokens import revoke_token, tokens_of

    ready_database()
    good = [item.id for item in tokens_of(args.person) if item.revoked_at is None]
    chosen = [item for item in good if args.token in (None, item)]
    if not chosen:
        raise refuse(
            "identity.no_such_token",
            "没有可吊销的令牌",
            "There is no token to revoke",
            remedy_zh="用 touchstone token list 查看",
            remedy_en="See touchstone token list",
        )
    for identity in chosen:
        revoke_token(context_of("system:setup"), identity)
    emit(args, {"revoked": chosen}, [f"{identity} revoked" for identity in chosen])
    return 0
