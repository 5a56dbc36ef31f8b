"""``touchstone journal``: verify, verify-file, checkpoint, replay, export."""

from __future__ import annotations

import json
import time
from argparse import Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit, progress
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import SystemClock


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    journal = words.add_parser("journal", help="verify, replay and export the event journal")
    acts = journal.add_subparsers(dest="act", required=True)
    for name, run, text in (
        ("verify", _verify, "walk every chain and checkpoint; name the first broken link"),
        ("checkpoint", _checkpoint, "sign the heads of all streams"),
        ("replay", _replay, "fold every projection again and compare"),
        ("export", _export, "write the journal as Parquet, XES or OCEL 2.0"),
    ):
        word = acts.add_parser(name, help=text)
        word.add_argument("--json", action="store_true")
        word.set_defaults(run=run)
        if name == "verify":
            word.add_argument(
                "--deep", action="store_true", help="decrypt every sealed value and file too"
            )
        if name == "export":
            word.add_argument("--format", choices=("parquet", "xes", "ocel"), required=True)
            word.add_argument("path", type=Path)
    word = acts.add_parser("verify-file", help="compare a downloaded case file with the journal")
    word.add_argument("--json", action="store_true")
    word.add_argument("path", type=Path)
    word.set_defaults(run=_verify_file)


def _verify(args: Namespace) -> int:
    from touchstone.journal.verify import Broken, verify

    ready_database()
    started = time.monotonic()
    with progress("verify") as advance:
        result = verify(advance)
    broken = result.first_broken
    if broken is None and args.deep:
        from touchstone.evidence.verification import verify_files
        from touchstone.vault.verification import verify_values

        wrong = verify_values() or verify_files()
        broken = Broken(wrong.reference, 0, wrong.reason) if wrong else None
    data = {
        "ok": broken is None,
        "events": result.events,
        "streams": result.streams,
        "checkpoints": result.checkpoints,
        "first_broken": broken
        and {"stream": broken.stream, "position": broken.position, "reason": broken.reason},
        "seconds": round(time.monotonic() - started, 3),
    }
    lines = [
        f"{result.events} events in {result.streams} streams, {result.checkpoints} checkpoints",
        "every link holds / 链条完整"
        if broken is None
        else f"BROKEN / 断裂: {broken.stream} #{broken.position}: {broken.reason}",
    ]
    emit(args, data, lines)
    return 0 if broken is None else 1


def _verify_file(args: Namespace) -> int:
    from touchstone.process.casefile import verify_casefile

    ready_database()
    found = verify_casefile(_read(args.path))
    data = {
        "ok": found.ok,
        "findings": [
            {"code": item.code, "holds": item.holds, "position": item.position}
            for item in found.findings
        ],
    }
    marks = {True: "holds / 相符", False: "DIFFERS / 不符"}
    lines = [f"{marks[item.holds]}: {item.text.en} / {item.text.zh}" for item in found.findings]
    emit(args, data, lines)
    return 0 if found.ok else 1


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise refuse(
            "journal.no_such_file",
            f"无法读取文件 {path}：{error.strerror}",
            f"{path} cannot be read: {error.strerror}",
        ) from None
    except ValueError:
        return None  # no JSON is no case file, which is a finding and no refusal


def _checkpoint(args: Namespace) -> int:
    from touchstone.journal.checkpoint import take_checkpoint

    ready_database()
    row = take_checkpoint(SystemClock())
    data = {"number": row.number, "root": row.root.hex(), "streams": row.streams}
    emit(args, data, [f"checkpoint {row.number}: {row.root.hex()} over {row.streams} streams"])
    return 0


def _replay(args: Namespace) -> int:
    from touchstone.journal.replay import replay

    ready_database()
    started = time.monotonic()
    with progress("replay") as advance:
        tables = replay(advance)
    differences = sum(table.differences for table in tables.values())
    data = {
        "ok": differences == 0,
        "tables": {
            name: {"rows": table.rows, "differences": table.differences}
            for name, table in sorted(tables.items())
        },
        "differences": differences,
        "seconds": round(time.monotonic() - started, 3),
    }
    lines = [
        f"{name:28} {table.rows:>9,} rows  {table.differences} differences"
        + (f"  e.g. {', '.join(table.examples)}" if table.examples else "")
        for name, table in sorted(tables.items())
    ]
    emit(args, data, lines)
    return 0 if differences == 0 else 1


def _export(args: Namespace) -> int:
    from touchstone.journal.export import export
    from touchstone.journal.reading import rows

    ready_database()
    started = time.monotonic()
    summary = export(rows(), args.format, args.path)
    data = {
        "files": [str(path) for path in summary.files],
        "events": summary.events,
        "objects": summary.objects,
        "seconds": round(time.monotonic() - started, 3),
    }
    emit(args, data, [f"{summary.events} events, {summary.objects} objects: {args.path}"])
    return 0
