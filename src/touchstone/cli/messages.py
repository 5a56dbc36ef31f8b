"""``touchstone messages``: what went out lately, what waits, and what failed."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from dataclasses import asdict
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit

_STATES = ("waiting", "queued", "sending", "sent", "delivered", "failed")


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    word = words.add_parser("messages", help="letters and lists: sent, waiting, failed")
    word.add_argument("--state", choices=_STATES)
    word.add_argument("--limit", type=int, default=20)
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from touchstone.service.queries import message_counts, recent_messages, subscriptions

    ready_database()
    counts = message_counts()
    found = recent_messages(state=args.state, limit=max(1, min(args.limit, 1000)))
    subscribers = subscriptions()
    data = {
        "counts": counts,
        "messages": [asdict(item) for item in found],
        "subscriptions": [asdict(item) for item in subscribers],
    }
    lines = ["  ".join(f"{state} {count}" for state, count in counts.items()) or "no messages"]
    for item in found:
        said = item.problem or item.masked or ""
        lines.append(
            f"{item.queued_at:%Y-%m-%d %H:%M}  {item.state:9} {item.channel:9}"
            f" {item.letter:22} {item.id}  {said}".rstrip()
        )
    lines += [
        f"{other.state:6} {other.url} ({', '.join(other.kinds)}), {other.pending} due"
        for other in subscribers
    ]
    emit(args, data, lines)
    return 0
