"""A throw-away PostgreSQL from the binaries installed on this machine, for benches and tests.

Run as a module it starts one, sets ``TOUCHSTONE_DATABASE_URL`` and runs the given command:
``python -m touchstone.bench.postgresql pytest -m database``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_CLUSTER = ("-U", "touchstone", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")


class NoPostgresqlError(RuntimeError):
    """This machine has no PostgreSQL server binaries."""


def binaries() -> Path:
    """The folder that holds ``initdb`` and ``pg_ctl``; the newest version where there are several.

    Raises:
        NoPostgresqlError: none are installed.
    """
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    raise NoPostgresqlError("no PostgreSQL server is installed (initdb and pg_ctl not found)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: Sequence[str | Path], folder: Path) -> None:
    # The server refuses to run as root, so root steps down to the packaged user.
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        user="postgres" if os.geteuid() == 0 else None,
    )
    if done.returncode:
        raise NoPostgresqlError(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")


@contextmanager
def throwaway(*, fsync: bool = True) -> Iterator[str]:
    """A running cluster on a free loopback port; yields its address and removes it afterwards.

    Raises:
        NoPostgresqlError: no server is installed, or it would not start.
    """
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="touchstone-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, port = folder / "data", _free_port()
        _run((programs / "initdb", "-D", data, *_CLUSTER), folder)
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync={'on' if fsync else 'off'}"
        options += " -c shared_buffers=256MB -c max_connections=100"
        _run(
            [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"],
            folder,
        )
        try:
            yield f"postgres://touchstone@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run a command with a throw-away database in its environment; its exit code."""
    with throwaway(fsync=False) as address:
        environment = {**os.environ, "TOUCHSTONE_DATABASE_URL": address}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
