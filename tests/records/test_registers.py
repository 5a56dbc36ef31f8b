"""A register of a pack is linted like every other content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.records.conftest import ERRORS, write_pack
from touchstone.packs.lint import lint
from touchstone.packs.source import read, shipped_pack


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ("id: errors", "id: mistakes", "records.wrong_id"),
        ("clause: APR-01", "clause: APR-99", "records.no_clause"),
        ("confirmed_by: [approver]", "confirmed_by: [nobody]", "records.no_post"),
        ("columns: [severity]", "columns: [colour]", "records.no_column"),
        ("maxLength: 20", "maxLength: long", "records.schema"),
        ("entered_by: [clerk, approver]\n", "", "packs.schema"),
        ("additionalProperties: false", "additionalProperties: true", "packs.schema"),
        ("x-title: {zh: 程度, en: Severity}", "x-title: {zh: 程度}", "packs.schema"),
    ],
)
def test_what_is_wrong_with_a_register_is_named(
    tmp_path: Path, written: str, instead: str, code: str
) -> None:
    folder = write_pack(tmp_path / "pack")
    assert written in ERRORS
    (folder / "registers" / "errors.yaml").write_text(
        ERRORS.replace(written, instead, 1), encoding="utf-8"
    )

    problems = [item for item in lint(read(folder)) if item.file == "registers/errors.yaml"]

    assert {item.code for item in problems} == {code}


def test_the_shipped_registers_have_no_problem() -> None:
    assert [item for item in lint(read(shipped_pack())) if "registers/" in item.file] == []
