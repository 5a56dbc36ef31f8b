"""Every answer that the simulated people invent fits the form that they answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from touchstone.kernel.forms import Form
from touchstone.simulation.behaviour import application, service_request
from touchstone.simulation.behaviours import BEHAVIOUR
from touchstone.simulation.dealing import account_application, complaint, transfer_order
from touchstone.simulation.improving import finding, revision_request

PROCEDURES = Path(str(resources.files("touchstone"))) / "content" / "fsqms-cn" / "procedures"
DAYS = {"today": "2026-03-02", "in_a_month": "2026-04-01", "compensation": 200}
STARTS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "loan": application,
    "acceptance": service_request,
    "account_opening": account_application,
    "large_transfer": transfer_order,
    "complaint": complaint,
    "rectification": lambda random: finding(random, "ACP-06"),
    "revision": lambda random: revision_request(random, "ACP-06"),
}


def form(procedure: str, name: str) -> Form:
    path = PROCEDURES / procedure / "forms" / f"{name}.schema.json"
    return Form(name, json.loads(path.read_text(encoding="utf-8")))


def content(procedure: str) -> Any:
    text = (PROCEDURES / procedure / "procedure.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


@pytest.mark.parametrize("procedure", BEHAVIOUR)
def test_what_is_filled_in_at_a_step_fits_its_form(procedure: str) -> None:
    steps = content(procedure)["steps"]
    for element, draw in BEHAVIOUR[procedure].items():
        if name := steps[element].get("form"):
            asked = form(procedure, name)
            for seed in range(60):
                assert asked.errors(draw(Random(seed), DAYS)) == {}, (element, seed)


@pytest.mark.parametrize("procedure", STARTS)
def test_what_begins_a_case_fits_its_form(procedure: str) -> None:
    asked = form(procedure, content(procedure)["start"]["form"])
    for seed in range(60):
        assert asked.errors(STARTS[procedure](Random(seed))) == {}, seed
