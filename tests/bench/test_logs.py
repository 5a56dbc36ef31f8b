"""The bench measures the real import, and says so when its peer is not there."""

from __future__ import annotations

import sys
import venv
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


def test_a_python_without_the_peer_is_named_with_what_it_said(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    file = tmp_path / "a.xes"
    file.write_text(PLAIN)

    _, missing = bench_logs([file], peer_python=str(bare / "bin" / "python"), rounds=1)

    assert "No module named 'pm4py'" in missing[0]["reason"]
    assert "TOUCHSTONE_BENCH_PEER_PYTHON" in missing[0]["reason"]
    assert str(bare) in missing[0]["reason"]
