"""``touchstone pack``: lint, lock, plan, apply, try."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.packs.apply import (
    Planned,
    apply_overlay,
    apply_pack,
    check_overlay_of,
    plan,
    plan_overlay,
)
from touchstone.packs.lint import lint
from touchstone.packs.lock import LOCK, OF_THE_LOCK, write_lock
from touchstone.packs.overlay import read_overlay
from touchstone.packs.source import Pack, SourceFile, read, shipped_pack


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    pack = words.add_parser("pack", help="check, plan and apply a standard pack")
    acts = pack.add_subparsers(dest="act", required=True)
    for name, run, text in (
        ("lint", _lint, "every problem at once, with file, line and code"),
        ("lock", _lock, "write lock.json: every object by version and hash"),
        ("plan", _plan, "what applying it would change"),
        ("apply", _apply, "put it in force, as one event"),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("path", type=Path, nargs="?", help="default: the shipped standard")
        word.add_argument("--json", action="store_true")
        if name != "lock":
            word.add_argument(
                "--overlay",
                type=Path,
                metavar="FILE",
                help="the institution's own values; without PATH the pack in force stays",
            )
        if name == "apply":
            word.add_argument("--actor", default="system:setup", help="person id")
        word.set_defaults(run=run)
    word = acts.add_parser("try", help="run the pack's own scenarios on a virtual clock")
    word.add_argument("path", type=Path, nargs="?", help="default: the shipped standard")
    word.add_argument("procedure", nargs="?", help="slug of one procedure")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_try)


def _read(args: Namespace) -> Pack:
    """The pack that is meant; a folder that is not there is bad input, not a bad pack."""
    folder: Path = args.path or shipped_pack()
    if not folder.is_dir():
        raise refuse("packs.no_folder", f"没有文件夹 {folder}", f"There is no folder {folder}")
    return read(folder)


def _overlay(args: Namespace) -> SourceFile | None:
    if args.overlay is None:
        return None
    found = read_overlay(args.overlay)
    if isinstance(found, Problem):
        raise refuse(
            found.code, f"{args.overlay}:{found.text.zh}", f"{args.overlay}: {found.text_en}"
        )
    return found


def _lint(args: Namespace) -> int:
    pack, overlay = _read(args), _overlay(args)
    problems = lint(pack)
    if overlay is not None:
        problems += check_overlay_of(overlay, pack)
    data = {"ok": not problems, "problems": [problem.as_dict() for problem in problems]}
    lines = [f"{item.file}:{item.line}: {item.code}: {item.text_en}" for item in problems]
    emit(args, data, [*lines, f"{len(list(pack.objects()))} objects, {len(problems)} problems"])
    return 1 if problems else 0


def _try(args: Namespace) -> int:
    from touchstone.simulation.trial import try_pack

    folder, procedure = args.path, args.procedure
    if folder is not None and procedure is None and not folder.exists():
        # A single word is a procedure of the shipped standard.
        args.path, procedure = None, str(folder)
    pack = _read(args)
    _require_sound(lint(pack))
    slugs = sorted(file.id or "" for file in pack.of_kind("procedure"))
    if procedure is not None and procedure not in slugs:
        known = ", ".join(slugs)
        raise refuse(
            "packs.no_such_procedure",
            f"标准包没有流程 {procedure}，现有：{known}",
            f"The pack has no procedure {procedure}; there are {known}",
        )
    found = try_pack(args.path or shipped_pack(), procedure)
    lines = [
        f"✗ {item['procedure']}/{item['scenario']}: {item['text']}" for item in found["failed"]
    ]
    emit(args, found, [*lines, f"{found['scenarios']} scenarios, {len(found['failed'])} failed"])
    return 0 if found["ok"] else 1


def _lock(args: Namespace) -> int:
    pack = _read(args)
    _require_sound([item for item in lint(pack) if item.code not in OF_THE_LOCK])
    folder = args.path or shipped_pack()
    write_lock(pack, folder)
    emit(args, {"objects": len(list(pack.objects()))}, [f"{folder / LOCK} written"])
    return 0


def _require_sound(problems: list[Problem]) -> None:
    if problems:
        first = problems[0]
        raise refuse(
            "packs.not_clean",
            f"标准包有 {len(problems)} 个问题，先运行 pack lint:{first.file}:{first.line}",
            f"The pack has {len(problems)} problems; run pack lint first: {first.file}:{first.line}",
        )


def _plan(args: Namespace) -> int:
    overlay = _overlay(args)
    ready_database()
    if overlay is not None and args.path is None:
        planned = plan_overlay(overlay)
    else:
        planned = plan(_read(args), overlay)
    _show(args, planned)
    return 0


def _apply(args: Namespace) -> int:
    overlay = _overlay(args)
    ready_database()
    context = context_of(args.actor)
    if overlay is not None and args.path is None:
        planned = apply_overlay(context, overlay)
    else:
        planned = apply_pack(context, _read(args), overlay)
    _show(args, planned)
    return 0


def _show(args: Namespace, planned: Planned) -> None:
    changes, touched = planned.changes, planned.running_cases
    data = {
        "changes": [{"kind": kind, "id": name, "change": change} for kind, name, change in changes],
        "running_cases_touched": touched,
    }
    lines = [f"{change:8} {kind:12} {name}" for kind, name, change in changes]
    emit(args, data, [*lines, f"{len(changes)} changes, {touched} running cases touched"])
