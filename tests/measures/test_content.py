"""Indicators and reports that name what is not there are refused when the pack is linted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from touchstone.packs.lint import lint
from touchstone.packs.lock import LOCK
from touchstone.packs.source import Pack, read, shipped_pack


def changed(path: str, change: Callable[[str], str]) -> Pack:
    pack = read(shipped_pack())
    file = pack.files[path]
    text = file.content.decode()
    after = change(text)
    assert after != text
    kept = {name: item for name, item in pack.files.items() if name != LOCK}
    return replace(pack, files={**kept, path: replace(file, content=after.encode())})


def codes(pack: Pack, path: str) -> set[str]:
    return {problem.code for problem in lint(pack) if problem.file == path}


REPORT, INDICATOR = "reports/hard-numbers.yaml", "indicators/K14.yaml"


@pytest.mark.parametrize(
    ("path", "old", "new", "code"),
    [
        (REPORT, "indicator: K14", "indicator: K99", "measures.no_indicator"),
        (
            REPORT,
            "indicator: K17",
            "awaits: {indicator: K14}",
            "measures.awaits_indicator",
        ),
        (
            REPORT,
            "indicator: K17",
            "indicator: K17\n    awaits: {clause: true}",
            "measures.awaits_clause",
        ),
        (REPORT, "clause: ACP-07", "clause: ACP-99", "measures.no_clause"),
        (REPORT, "parameter: k31.target", "parameter: k14.target", "measures.other_clause"),
        (REPORT, "parameter: k31.target", "parameter: k99.target", "measures.no_parameter"),
        (REPORT, "owner: quality", "owner: nobody", "measures.no_owner"),
        (REPORT, "demand: {zh:", "demand: {de:", "packs.schema"),
        (INDICATOR, "target: k14.target", "target: k99.target", "measures.no_parameter"),
        (INDICATOR, "clauses: [ACP-06, ACP-07]", "clauses: [ACP-99]", "measures.no_clause"),
        (INDICATOR, "template: on_time_share", "template: guess", "measures.no_template"),
        (INDICATOR, "formula:", "formulas:", "packs.schema"),
        (INDICATOR, "unit: percent", "unit: furlong", "packs.schema"),
    ],
)
def test_what_does_not_fit_is_named(path: str, old: str, new: str, code: str) -> None:
    pack = changed(path, lambda text: text.replace(old, new, 1))

    assert code in codes(pack, path)


def test_an_indicator_without_a_formula_is_named() -> None:
    def without(text: str) -> str:
        before, _, rest = text.partition("formula:")
        return before + rest[rest.index("clauses:") :]

    assert codes(changed(INDICATOR, without), INDICATOR) == {"measures.no_formula"}
