"""What every test may use: a database of the chosen kind, a virtual clock, seeded chance."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import hypothesis
import pytest

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.time import VirtualClock

# A property says what holds, not how fast a busy machine is.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")
START = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


def shared_folder(variable: str, default: str) -> Path:
    """A folder of material that others wrote, or a skip (a failure when it is required)."""
    root = Path(__file__).parents[1]
    folder = Path(os.environ.get(variable) or root / ".." / "shared" / default).resolve()
    if not folder.is_dir():
        required = "shared" in os.environ.get("TOUCHSTONE_REQUIRE", "").split(",")
        reason = f"{variable}: no folder {default} beside the project"
        pytest.fail(reason) if required else pytest.skip(reason)
    return folder


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def context(clock: VirtualClock) -> ActContext:
    return ActContext("system:test", clock, SeededChance(7))


@pytest.fixture
def nothing_cached() -> None:
    """An empty database has an empty directory and no standard, whatever the test before had."""
    from touchstone.identity import queries
    from touchstone.packs import catalogue

    for forget in (
        queries.forget,
        catalogue.forget,
    ):
        forget()


@pytest.fixture(autouse=True)
def keys_in_a_folder_of_their_own(tmp_path: Path, settings: object) -> None:
    settings.KEYS = tmp_path / "keys"  # type: ignore[attr-defined]
    settings.EVIDENCE = tmp_path / "evidence"  # type: ignore[attr-defined]
