"""Every command of the operator's guide is run, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from touchstone.bench.postgresql import NoPostgresqlError, binaries, throwaway

GUIDE = Path(__file__).parents[2] / "docs" / "operator.md"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def database() -> Iterator[str]:
    """A throw-away server with an empty database ``touchstone``."""
    if not all(map(shutil.which, ("bash", "curl", "tar"))):
        pytest.skip("bash, curl or tar is not installed")
    try:
        with throwaway(fsync=False) as address:
            yield address
    except NoPostgresqlError as error:
        required = "postgresql" in os.environ.get("TOUCHSTONE_REQUIRE", "").split(",")
        pytest.fail(str(error)) if required else pytest.skip(str(error))


def commands(guide: str) -> str:
    """The guide's shell blocks as one script."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL))


@pytest.mark.slow
def test_the_commands_of_the_operators_guide_run(database: str) -> None:
    server = urlsplit(database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        programs = Path(folder) / "bin"
        programs.mkdir()
        touchstone = programs / "touchstone"
        touchstone.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m touchstone.cli.main "$@"\n')
        touchstone.chmod(0o755)
        script = commands(GUIDE.read_text(encoding="utf-8"))
        for word, stands_for in (
            ("touchstone@localhost", f"touchstone@{server.hostname}:{server.port}"),
            ("/srv/", f"{folder}/"),
            ("8000", port),
        ):
            assert word in script
            script = script.replace(word, stands_for)
        environment = {
            **os.environ,
            "PATH": f"{programs}:{binaries()}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT / 'src'}",
            "PGHOST": str(server.hostname),
            "PGPORT": str(server.port),
            "PGUSER": "touchstone",
        }
        for name in ("TOUCHSTONE_DATA", "TOUCHSTONE_DATABASE_URL", "TOUCHSTONE_SQLITE_SYNCHRONOUS"):
            environment.pop(name, None)
        done = subprocess.run(
            [
                "bash",
                "-c",
                f"set -euxo pipefail\ntrap 'kill $(jobs -p)' EXIT\ncreatedb touchstone\n{script}",
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        assert '{"ok": true}' in done.stdout
        assert "touchstone journal replay" in done.stderr
        assert (Path(folder) / "restored" / "keys").is_dir()
