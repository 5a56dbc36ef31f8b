"""The bench of pages on the simulated bank: it measures what it names, and more tasks really are there."""

from __future__ import annotations

import pytest

from touchstone.bench import pages
from touchstone.process.queries import open_task_count
from touchstone.simulation.run import Simulation


def test_pages_are_measured_beside_what_the_house_allows(
    bank: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_ASKED", 2)
    before = open_task_count()
    pages.add_open_tasks(300)
    found = list(pages.measure("here", ["work", "settings"]))

    assert open_task_count() >= before + 300
    assert [line["name"].rsplit(", ", 1)[0] for line in found] == [
        "work, median, here",
        "work, 95th percentile, here",
        "settings, median, here",
        "settings, 95th percentile, here",
    ]
    for line in found:
        assert set(line) == {"name", "value", "unit", "peer", "peer_value", "ratio"}
        assert line["value"] > 0
        assert line["ratio"] > 0
