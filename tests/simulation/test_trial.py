"""A pack's own scenarios run on the real engine; what goes another way is told."""

from __future__ import annotations

import json
import re
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from touchstone.cli.main import main
from touchstone.packs.lint import lint
from touchstone.packs.lock import LOCK
from touchstone.packs.source import load_yaml, read, shipped_pack
from touchstone.simulation.trial import try_pack

SCENARIO = "procedures/acceptance/scenarios/an-ordinary-request-is-accepted.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the standard to spoil, without the lock that would say so."""
    folder = Path(shutil.copytree(shipped_pack(), tmp_path / "pack"))
    (folder / LOCK).unlink()
    return folder


@lru_cache(maxsize=1)
def tried() -> dict[str, Any]:
    """Every scenario of the shipped standard, run once."""
    return try_pack(shipped_pack())


def test_every_scenario_of_the_shipped_standard_goes_as_written() -> None:
    found = tried()

    assert found["failed"] == []
    assert found["scenarios"] >= 140


def test_every_branch_is_taken_in_some_scenario() -> None:
    assert tried()["untried_flows"] == []


def test_every_rule_of_every_table_decides_in_some_scenario() -> None:
    assert tried()["untried_rules"] == []


def test_every_control_point_is_met_and_every_end_reached_in_some_scenario() -> None:
    pack = read(shipped_pack())
    controls: set[str] = set()
    met: set[str] = set()
    ends: set[str] = set()
    reached: set[str] = set()
    for file in pack.of_kind("procedure"):
        data: Any = load_yaml(file.content, file.path)
        controls |= {item["id"] for item in data["controls"]}
    for file in pack.of_kind("diagram"):
        slug = file.path.split("/")[1]
        found = re.findall(rb'<bpmn:endEvent id="(\w+)"', file.content)
        ends |= {f"{slug}/{name.decode()}" for name in found}
    for file in pack.of_kind("scenario"):
        scenario: Any = load_yaml(file.content, file.path)
        stages = [scenario["then"], *(act.get("expect", {}) for act in scenario.get("when") or ())]
        reached |= {f"{file.path.split('/')[1]}/{stage.get('ended')}" for stage in stages}
        met |= {name for stage in stages for name in stage.get("controls") or ()}

    assert controls - met == set()
    assert ends - reached == set()


def test_a_scenario_that_goes_another_way_is_named(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / SCENARIO
    path.write_text(path.read_text(encoding="utf-8").replace("end_accepted", "end_rejected"))

    code = main(["pack", "try", str(copy), "acceptance", "--json"])

    said = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [item["scenario"] for item in said["failed"]] == ["an-ordinary-request-is-accepted"]
    assert "expected to end at end_rejected" in said["failed"][0]["text"]


def test_what_a_scenario_names_must_exist(copy: Path) -> None:
    path = copy / SCENARIO
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("P02-KCP-1:", "P02-KCP-9:").replace("verify_identity", "verify_it")
    )

    found = {(item.code, item.line > 1) for item in lint(read(copy))}

    assert found == {("process.no_control", True), ("process.no_element", True)}


def test_a_pack_with_problems_is_not_tried(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / SCENARIO).write_text("name: [", encoding="utf-8")

    assert main(["pack", "try", str(copy), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "packs.not_clean"
