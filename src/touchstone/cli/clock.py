"""``touchstone clock``: the deadlines of a case, and why each is when it is."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    word = words.add_parser("clock", help="the deadlines of a case, with their derivation")
    word.add_argument("case", metavar="CASE")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from touchstone.clocks.queries import ClockView, clocks_of

    ready_database()
    views = clocks_of(args.case)
    if not views:
        raise refuse(
            "clocks.none",
            f"没有业务 {args.case}，或该业务没有计时",
            f"There is no case {args.case}, or it has no clocks",
        )

    def described(view: ClockView) -> dict[str, Any]:
        return {
            "clock": view.clock,
            "round": view.round,
            "status": view.status,
            "limit": view.limit.as_dict(),
            "parameter": view.parameter,
            "clause": view.clause,
            "started_at": view.started_at.isoformat(),
            "due_at": view.due_at.isoformat(),
            "provisional": view.provisional,
            "warnings": view.warnings,
            "breached_at": view.breached_at and view.breached_at.isoformat(),
            "calendar": view.derivation.calendar,
            "derivation": [line.as_dict() for line in view.derivation.lines()],
        }

    lines = []
    for view in views:
        lines.append(f"{view.clock} ({view.parameter}, {view.clause}): {view.status}")
        lines += [f"  {line.zh} / {line.en}" for line in view.derivation.lines()]
    emit(args, {"case": args.case, "clocks": [described(view) for view in views]}, lines)
    return 0
