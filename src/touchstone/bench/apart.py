"""Measuring in a process and a folder of its own, on one database after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from touchstone.kernel.refusal import Refusal, refuse


@contextmanager
def own_environment(address: str, **more: str) -> Iterator[dict[str, str]]:
    """The environment of a process with its own data; an empty ``address`` means a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        yield {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "touchstone.config.settings",
            "TOUCHSTONE_DATA": folder,
            "TOUCHSTONE_DATABASE_URL": address or f"sqlite://{folder}/bench.sqlite3",
            **more,
        }


def run_module(environment: dict[str, str], module: str, *words: str) -> str:
    """What a module printed on stdout, run as a program.

    Raises:
        Refusal: ``bench.broke_off``.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise broke_off(done.stderr or done.stdout)
    return done.stdout


def broke_off(said: str) -> Refusal:
    """A measuring process broke off; the text ends with the last line it said."""
    last = said.strip().rpartition("\n")[2]
    return refuse(
        "bench.broke_off", f"测量进程中断：{last}", f"A measuring process broke off: {last}"
    )
