"""``touchstone evidence``: verify what is stored, and clear away what nobody refers to."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    evidence = words.add_parser("evidence", help="verify stored files; clear away what is unused")
    acts = evidence.add_subparsers(dest="act", required=True)
    for name, run, text in (
        ("verify", _verify, "open every file that an act refers to and compare its digest"),
        (
            "tidy",
            _tidy,
            "remove unused uploads, drafts that have run out, files of erased subjects",
        ),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("--json", action="store_true")
        word.set_defaults(run=run)


def _verify(args: Namespace) -> int:
    from touchstone.evidence.verification import verify_files

    ready_database()
    broken = verify_files()
    data = {
        "ok": broken is None,
        "first_broken": broken and {"reference": broken.reference, "reason": broken.reason},
    }
    line = "every file holds / 文件完好"
    emit(
        args,
        data,
        [line if broken is None else f"BROKEN / 损坏: {broken.reference}: {broken.reason}"],
    )
    return 0 if broken is None else 1


def _tidy(args: Namespace) -> int:
    from touchstone.evidence.actions import remove_orphans
    from touchstone.process.actions.filling import remove_expired_drafts

    ready_database()
    context = context_of("system:sweeper")
    data = {"files": remove_orphans(context), "drafts": remove_expired_drafts(context)}
    emit(args, data, [f"{data['files']} files, {data['drafts']} drafts removed / 已清理"])
    return 0
