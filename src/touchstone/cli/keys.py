"""``touchstone keys``: turn the ring of keys that seals personal data."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    keys = words.add_parser("keys", help="turn the keys that seal personal data")
    acts = keys.add_subparsers(dest="act", required=True)
    rotate = acts.add_parser(
        "rotate", help="a new key; every subject's key is wrapped anew, for the cipher of today"
    )
    rotate.add_argument("--actor", default="system:setup", help="person id")
    rotate.add_argument("--json", action="store_true")
    rotate.set_defaults(run=_rotate)


def _rotate(args: Namespace) -> int:
    from touchstone.vault.rotation import rotate

    ready_database()
    subjects = rotate(context_of(args.actor))
    emit(args, {"subjects": subjects}, [f"{subjects} subjects / 已轮换，涉及主体 {subjects} 个"])
    return 0
