"""Models that break one rule of the specification each: a conforming deployer rejects them."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from tests.conftest import shared_folder
from touchstone.kernel import feel
from touchstone.process.diagram import Program, compile_diagram

AT_LEAST = 0.85  # asked are 0.60; it may only rise
NAMES = {"test": feel.STRING, "integerVariable": feel.NUMBER, "log": feel.LIST}


def test_broken_models_are_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_folder("TOUCHSTONE_CONFORMANCE", "conformance") / "bpmn-constraints"
    counted: Counter[str] = Counter()
    accepted: list[str] = []
    for path in sorted(folder.glob("*.bpmn")):
        compiled = compile_diagram(path.read_bytes(), file=path.name, names=NAMES)
        if isinstance(compiled, Program):
            counted["accepted"] += 1
            accepted.append(path.stem)
        elif any(
            item.code != "bpmn.unsupported" and item.code.startswith("bpmn.") for item in compiled
        ):
            counted["broken rule"] += 1
        elif any(item.code == "bpmn.unsupported" for item in compiled):
            counted["unsupported"] += 1
        else:
            counted["expression"] += 1
    total = sum(counted.values())
    rejected = counted["broken rule"] + counted["unsupported"]
    lines = [
        f"constraints {rejected}/{total} rejected: {counted['broken rule']} for a broken rule,"
        f" {counted['unsupported']} because an element is not run, {counted['expression']} for an expression",
        f"  accepted: {', '.join(accepted)}",
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")

    assert rejected >= AT_LEAST * total
