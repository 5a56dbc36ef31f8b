"""``touchstone calendar import``: an announced year, with what it changes."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    calendar = words.add_parser("calendar", help="import a year of working days")
    acts = calendar.add_subparsers(dest="act", required=True)
    word = acts.add_parser("import", help="a pack calendar (YAML) or holiday-cn JSON")
    word.add_argument("file", type=Path)
    word.add_argument("--actor", default="system:setup", help="person id")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_import)


def _import(args: Namespace) -> int:
    from touchstone.clocks.actions import CalendarImport, import_calendar, recompute_for_calendar
    from touchstone.journal.followers import FollowerRun

    ready_database()
    try:
        content = args.file.read_bytes()
    except OSError as error:
        raise refuse(
            "calendar.unreadable", "文件无法读取", f"{args.file}: {error.strerror}"
        ) from None
    context = context_of(args.actor)
    done = import_calendar(context, content, args.file.name)
    if not isinstance(done, CalendarImport):
        first = done[0]
        raise refuse(first.code, first.text.zh, f"{first.file}:{first.line}: {first.text_en}")
    # Followers would do it too; done here, the answer can say how many deadlines moved.
    recomputed = (
        recompute_for_calendar(context_of("system:worker"), done.calendar) if done.written else 0
    )
    FollowerRun().deliver(context_of("system:worker"))
    changed = [day.isoformat() for day in done.changed]
    data = {
        "calendar": done.calendar,
        "year": done.year,
        "status": done.status.value,
        "changed": changed,
        "deadlines_recomputed": recomputed,
    }
    line = f"{done.calendar} {done.year}: {len(changed)} days changed"
    emit(args, data, [line, f"{recomputed} deadlines computed anew"])
    return 0
