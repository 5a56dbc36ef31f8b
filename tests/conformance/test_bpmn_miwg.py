"""Reference models of the interchange working group: read, or refused with a named reason."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import shared_folder
from touchstone.process.diagram import Program, compile_diagram


def test_reference_models_are_read_or_refused_with_a_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = shared_folder("TOUCHSTONE_CONFORMANCE", "conformance") / "bpmn-miwg"
    lines = []
    models = sorted(folder.glob("*.bpmn"))
    for path in models:
        compiled = compile_diagram(path.read_bytes(), file=path.name, names={})
        if isinstance(compiled, Program):
            lines.append(f"  {path.stem}: read, {len(compiled.nodes)} nodes")
            continue
        assert compiled
        assert all(item.code and item.text_en for item in compiled)
        reasons = sorted({item.code for item in compiled})
        lines.append(f"  {path.stem}: refused, {', '.join(reasons)}")
    with capsys.disabled():
        sys.stdout.write(f"\nmiwg {len(models)} models\n" + "\n".join(lines) + "\n")

    assert models
