"""Entry point of ``touchstone``: each part of the house adds its own words."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from touchstone import __version__

# In the order a newcomer meets them; each module has ``register(words)``.
_PARTS = (
    "institution",
    "simulate",
    "journal",
    "pack",
    "calendar",
    "person",
    "account",
    "standard",
    "indicators",
    "log",
    "bench",
)


def parser() -> argparse.ArgumentParser:
    """The command's grammar."""
    top = argparse.ArgumentParser(
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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "touchstone.config.settings")
    import django

    from touchstone.cli.output import emit_refusal
    from touchstone.kernel.refusal import Refusal

    django.setup()
    args = parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except Refusal as refusal:
        emit_refusal(args, refusal)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
