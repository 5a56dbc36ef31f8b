"""``touchstone xray``: what must hold of the live data, and what breaks it."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.kernel.time import SystemClock


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    word = words.add_parser("xray", help="check what must hold of the live data")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_xray)


def _xray(args: Namespace) -> int:
    from touchstone.improvement.xray import xray

    ready_database()
    found = xray(SystemClock().now())
    rules = [
        {
            "id": item.rule.id,
            "text": item.rule.text.as_dict(),
            "violations": item.violations,
            "examples": list(item.examples),
        }
        for item in found
    ]
    ok = not any(item.violations for item in found)
    lines = []
    for item in found:
        mark = "✗" if item.violations else "✓"
        lines.append(f"{mark} {item.rule.id:8} {item.violations:5}  {item.rule.text.en}")
        lines += [f"                  {example}" for example in item.examples]
    emit(args, {"ok": ok, "rules": rules}, lines)
    return 0 if ok else 1
