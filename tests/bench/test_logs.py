"""The bench measures the real import, and says so when its peer is not there."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.measures.logs.small import PLAIN
from touchstone.bench.logs import bench_logs


def test_an_import_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "a.xes"
    file.write_text(PLAIN)
    done: list[tuple[int, int]] = []

    results, missing = bench_logs(
        [file],
        peer_python=sys.executable,
        rounds=1,
        progress=lambda n, total: done.append((n, total)),
    )

    (result,) = results
    assert (result.name, result.unit, result.events) == ("import a.xes", "s", 3)
    assert result.value > 0
    assert done[-1] == (2, 2)
    # PM4Py is in the bench extra only: either it was measured, or the answer says why not.
    if result.peer_value is None:
        assert result.ratio is None
        assert missing[0]["name"] == "import a.xes"
        assert "not measured" in missing[0]["reason"]
    else:
        assert result.ratio == round(result.peer_value / result.value, 2) or missing == []


def test_a_log_that_is_not_there_is_named_and_not_measured(tmp_path: Path) -> None:
    results, missing = bench_logs([tmp_path / "none.xes"])

    assert results == []
    assert missing[0]["name"] == "import none.xes"
