"""``touchstone indicators``: every indicator of the month, with its verdict."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.measures.queries import board_now, describe

_FAILING = frozenset({"warning", "critical", "missed"})


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    word = words.add_parser("indicators", help="values, targets and verdicts of the month")
    word.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DAY")
    word.add_argument("--check", action="store_true", help="exit 1 when one is off its target")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    ready_database()
    found = board_now(args.as_of)
    data = {
        "as_of": found.as_of.isoformat() if found.period else None,
        "watermark": found.watermark,
        "indicators": [describe(item) for item in found.measurements],
    }
    lines = [
        f"{item.id}  {item.scope:14} {item.period}  "
        f"{'–' if item.numerator is None else item.numerator:>6} /"
        f" {'–' if item.denominator is None else item.denominator:<6}"
        f" {'' if item.value is None else f'{item.value:.4f}':>8}  {item.status}"
        for item in found.measurements
    ]
    emit(args, data, lines or ["no events yet / 尚无事件"])
    failing = any(item.status in _FAILING for item in found.measurements)
    return 1 if args.check and failing else 0
