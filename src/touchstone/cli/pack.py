"""``touchstone pack``: lint, lock, plan, apply, try."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse
from touchstone.packs.apply import apply_pack, plan
from touchstone.packs.lint import lint
from touchstone.packs.lock import check_lock, write_lock
from touchstone.packs.source import Pack, read, shipped_pack


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
        if name == "apply":
            word.add_argument("--actor", default="system:setup", help="person id")
        word.set_defaults(run=run)
    word = acts.add_parser("try", help="run the pack's own scenarios on a virtual clock")
    word.add_argument("path", type=Path, nargs="?", help="default: the shipped standard")
    word.add_argument("procedure", nargs="?", help="slug of one procedure")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_try)


def _read(args: Namespace) -> Pack:
    return read(args.path or shipped_pack())


def _lint(args: Namespace) -> int:
    pack = _read(args)
    problems = lint(pack)
    if "lock.json" in pack.files:
        problems += check_lock(pack)
    data = {"ok": not problems, "problems": [problem.as_dict() for problem in problems]}
    lines = [f"{item.file}:{item.line}: {item.code}: {item.text_en}" for item in problems]
    emit(args, data, [*lines, f"{len(list(pack.objects()))} objects, {len(problems)} problems"])
    return 1 if problems else 0


def _try(args: Namespace) -> int:
    from touchstone.simulation.trial import try_pack

    folder, procedure = args.path, args.procedure
    if folder is not None and procedure is None and not folder.exists():
        # A single word is a procedure of the shipped standard.
        folder, procedure = None, str(folder)
    folder = folder or shipped_pack()
    problems = lint(read(folder))
    if problems:
        first = problems[0]
        raise refuse(
            "packs.not_clean",
            f"标准包有 {len(problems)} 个问题,先运行 pack lint:{first.file}:{first.line}",
            f"The pack has {len(problems)} problems; run pack lint first: {first.file}:{first.line}",
        )
    found = try_pack(folder, procedure)
    lines = [
        f"✗ {item['procedure']}/{item['scenario']}: {item['text']}" for item in found["failed"]
    ]
    emit(args, found, [*lines, f"{found['scenarios']} scenarios, {len(found['failed'])} failed"])
    return 0 if found["ok"] else 1


def _lock(args: Namespace) -> int:
    folder = args.path or shipped_pack()
    pack = read(folder)
    write_lock(pack, folder)
    emit(args, {"objects": len(list(pack.objects()))}, [f"{folder / 'lock.json'} written"])
    return 0


def _plan(args: Namespace) -> int:
    ready_database()
    planned = plan(_read(args))
    _show(args, planned.changes, planned.running_cases)
    return 0


def _apply(args: Namespace) -> int:
    ready_database()
    planned = apply_pack(context_of(args.actor), _read(args))
    _show(args, planned.changes, planned.running_cases)
    return 0


def _show(args: Namespace, changes: Any, touched: int) -> None:
    data = {
        "changes": [{"kind": kind, "id": name, "change": change} for kind, name, change in changes],
        "running_cases_touched": touched,
    }
    lines = [f"{change:8} {kind:12} {name}" for kind, name, change in changes]
    emit(args, data, [*lines, f"{len(changes)} changes, {touched} running cases touched"])
