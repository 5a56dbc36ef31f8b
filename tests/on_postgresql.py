"""The second pass of ``make test``: every test marked ``database``, on throw-away PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.environment import EACH_ADDRESS
from touchstone.bench.postgresql import NoPostgresqlError, throwaway

# Each worker has a cluster of its own: a transaction left open in one database holds back what followers
# may read in every other database of the cluster.
_AT_A_TIME = 2


def main() -> int:
    """Exit code of the pass; 0 with a printed reason where no server is installed."""
    try:
        with ExitStack() as stack:
            found = [stack.enter_context(throwaway(fsync=False)) for _ in range(_AT_A_TIME)]
            environment = {
                **os.environ,
                "TOUCHSTONE_DATABASE_URL": found[0],
                EACH_ADDRESS: " ".join(found),
            }
            command = [sys.executable, "-m", "pytest", "-m", "database", "-q"]
            command += ["-n", str(_AT_A_TIME), "--dist", "loadfile"]
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgresqlError as error:
        sys.stderr.write(f"skipped on PostgreSQL: {error}\n")
        return 1 if "postgresql" in os.environ.get("TOUCHSTONE_REQUIRE", "").split(",") else 0


if __name__ == "__main__":
    raise SystemExit(main())
