"""How long importing an event log takes, beside PM4Py reading the same file in the same run.

PM4Py is AGPL and lives only in the ``bench`` extra; it is never imported here but run in a process
of its own, which also keeps its memory and its threads out of our numbers. The two alternate, and
each number is a median.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

PEER_PYTHON = "TOUCHSTONE_BENCH_PEER_PYTHON"
_READ_BY_PEER = """
import json, os, sys, time, warnings
warnings.filterwarnings("ignore")
out, sys.stdout = sys.stdout, open(os.devnull, "w")  # it greets; what goes wrong stays readable
import pm4py
started = time.perf_counter()
log = pm4py.read_xes(sys.argv[1])
seconds = time.perf_counter() - started
json.dump({"seconds": seconds, "events": len(log), "version": pm4py.__version__}, out)
"""
# Everything that `touchstone log import` does between the command line and its answer: read, count,
# hash, write Parquet, append to the journal of a fresh SQLite database with full sync.
_IMPORT_BY_US = """
import json, sys, time
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.measures.logs.importing import import_log
context = ActContext("system:bench", SystemClock(), SystemChance())
started = time.perf_counter()
note = import_log(context, Path(sys.argv[1]))
json.dump({"seconds": time.perf_counter() - started, "events": note.events}, sys.stdout)
"""


@dataclass(frozen=True)
class Measured:
    """One line of a bench; ``ratio`` is peer over ours: how many times faster we are.

    Attributes:
        peer_value: None when the peer is not installed; ``note`` then says so.
    """

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float | None
    ratio: float | None
    events: int
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Plain data for ``--json``."""
        return asdict(self)


class PeerMissing(Exception):
    """PM4Py is not installed for the Python that was asked."""


def _run(python: str, program: str, file: Path, environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [python, "-c", program, str(file)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2]
        raise PeerMissing(said or f"it ended with code {done.returncode} and said nothing")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _our_run(file: Path) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        environment = {
            "TOUCHSTONE_DATA": folder,
            "TOUCHSTONE_DATABASE_URL": f"sqlite://{folder}/bench.sqlite3",
            "TOUCHSTONE_SQLITE_SYNCHRONOUS": "FULL",
            "DJANGO_SETTINGS_MODULE": "touchstone.config.settings",
        }
        try:
            return _run(sys.executable, _IMPORT_BY_US, file, environment)
        except PeerMissing as failed:
            raise RuntimeError(f"the import itself failed: {failed}") from None


def measure(
    file: Path,
    *,
    peer_python: str = sys.executable,
    rounds: int = 3,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Measured:
    """Import ``file`` and let PM4Py read it, ``rounds`` times in turn.

    Args:
        peer_python: the Python that has PM4Py.
    """
    ours: list[float] = []
    theirs: list[float] = []
    events, note, version = 0, "", "PM4Py"
    for turn in range(rounds):
        mine = _our_run(file)
        ours.append(float(str(mine["seconds"])))
        events = int(str(mine["events"]))
        progress(2 * turn + 1, 2 * rounds)
        if not note:
            try:
                other = _run(peer_python, _READ_BY_PEER, file, {})
            except PeerMissing as missing:
                note = (
                    f"not measured: PM4Py does not run with {peer_python} ({missing});"
                    f" install the bench extra, or set {PEER_PYTHON} to a Python that has it"
                )
            else:
                theirs.append(float(str(other["seconds"])))
                version = f"PM4Py {other['version']}"
        progress(2 * turn + 2, 2 * rounds)
    value = median(ours)
    peer_value = median(theirs) if theirs else None
    return Measured(
        name=f"import {file.name}",
        value=round(value, 4),
        unit="s",
        peer=version,
        peer_value=None if peer_value is None else round(peer_value, 4),
        ratio=None if peer_value is None else round(peer_value / value, 2),
        events=events,
        note=note,
    )


def log_folder() -> Path:
    """Where the real logs lie: ``TOUCHSTONE_SHARED_DATA``, else ``../shared/data``."""
    root = os.environ.get("TOUCHSTONE_SHARED_DATA") or Path("..") / "shared" / "data"
    return Path(root) / "event-logs"


def bench_logs(
    files: list[Path] | None = None,
    *,
    peer_python: str | None = None,
    rounds: int = 3,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[Measured], list[dict[str, str]]]:
    """Measure ``files`` (bpic2012 by default); results, and what was not measured and why.

    The peer's Python is ``peer_python``, else the one ``PEER_PYTHON`` names, else our own.
    """
    wanted = files or [log_folder() / "bpic2012.xes.gz"]
    python = peer_python or os.environ.get(PEER_PYTHON) or sys.executable
    results: list[Measured] = []
    missing: list[dict[str, str]] = []
    for file in wanted:
        if not file.is_file():
            missing.append({"name": f"import {file.name}", "reason": f"there is no file {file}"})
            continue
        measured = measure(file, peer_python=python, rounds=rounds, progress=progress)
        results.append(measured)
        if measured.note:
            missing.append({"name": measured.name, "reason": measured.note})
    return results, missing
