"""The second pass of ``make test``: every test marked ``database``, on a throw-away PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys

from touchstone.bench.postgresql import NoPostgresqlError, throwaway

_TWO_AT_A_TIME = ("-n", "2", "--dist", "loadfile")  # each with a database of its own


def main() -> int:
    """Exit code of the pass; 0 with a printed reason where no server is installed."""
    try:
        with throwaway(fsync=False) as address:
            environment = {**os.environ, "TOUCHSTONE_DATABASE_URL": address}
            command = [sys.executable, "-m", "pytest", "-m", "database", "-q", *_TWO_AT_A_TIME]
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgresqlError as error:
        sys.stderr.write(f"skipped on PostgreSQL: {error}\n")
        return 1 if "postgresql" in os.environ.get("TOUCHSTONE_REQUIRE", "").split(",") else 0


if __name__ == "__main__":
    raise SystemExit(main())
