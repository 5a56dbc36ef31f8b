"""Entry point of ``touchstone``: each part of the house adds its own words."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from touchstone import __version__
from touchstone.cli.grammar import Grammar
from touchstone.cli.output import emit_refusal
from touchstone.kernel.refusal import Refusal, refuse

# In the order a newcomer meets them; each module has ``register(words)``.
_PARTS = (
    "institution",
    "simulate",
    "journal",
    "evidence",
    "pack",
    "calendar",
    "person",
    "account",
    "token",
    "keys",
    "messages",
    "clock",
    "standard",
    "xray",
    "indicators",
    "log",
    "decide",
    "scorecard",
    "bench",
)


def parser() -> Grammar:
    """The command's grammar."""
    top = Grammar(
        prog="touchstone",
        description="试金石 · The executable standard for financial service quality",
    )
    top.add_argument("--version", action="version", version=f"touchstone {__version__}")
    words = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for part in _PARTS:
        importlib.import_module(f"touchstone.cli.{part}").register(words)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code (0 done, 1 a check does not hold, 2 bad input)."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _run(words)
    except Refusal as refusal:
        emit_refusal(refusal, as_json="--json" in words)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


def _run(words: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "touchstone.config.settings")
    import django

    try:
        django.setup()
    except (SystemExit, ValueError) as error:
        raise refuse(
            "cli.settings", f"环境变量设置有误：{error}", f"Bad settings: {error}"
        ) from None
    from django.db import InterfaceError, OperationalError

    try:
        args = parser().parse_args(words)
        return int(args.run(args))
    except (OperationalError, InterfaceError) as error:
        raise refuse(
            "cli.database",
            f"数据库无法使用：{error}",
            f"The database cannot be used: {error}",
            remedy_zh="请检查 TOUCHSTONE_DATABASE_URL 与 TOUCHSTONE_DATA",
            remedy_en="Check TOUCHSTONE_DATABASE_URL and TOUCHSTONE_DATA",
        ) from None
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise refuse(
            "cli.file", f"文件无法使用：{error}", f"A file cannot be used: {error}"
        ) from None


if __name__ == "__main__":
    raise SystemExit(main())
