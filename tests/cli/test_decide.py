"""``touchstone decide`` prints what the contract promises, and says what is wrong with its input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.decisions.models import decision, definitions, input_data, table, text
from touchstone.cli.main import main

Decide = Callable[..., tuple[int, Any]]
LIMIT = table(
    [("score", "number", "[300..900]"), ("kind", "string", '"a", "b"')],
    [("limit", "number")],
    [("< 600", "-", "0"), (">= 600", '"a"', "1000.50"), (">= 600", '"b"', "2000")],
)
MODEL = definitions(
    input_data("score")
    + input_data("kind", "string")
    + decision("limit", LIMIT, ["i score", "i kind"], kind="number")
    + decision(
        "due",
        text('{day: @"2026-03-02" + @"P1D", span: @"P1Y", wait: @"PT36H", rate: limit / 3}'),
        ["d limit"],
    )
)


@pytest.fixture
def decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Decide:
    (tmp_path / "m.dmn").write_bytes(MODEL)

    def decide(inputs: Any, *words: str, model: str = "m.dmn") -> tuple[int, Any]:
        file = tmp_path / "in.json"
        file.write_text(inputs if isinstance(inputs, str) else json.dumps(inputs), encoding="utf-8")
        code = main(["decide", str(tmp_path / model), "--input", str(file), *words, "--json"])
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1, "one JSON object and nothing else"
        return code, json.loads(printed)

    return decide


def test_every_decision_with_its_rules(decide: Decide) -> None:
    code, answer = decide({"score": 650, "kind": "a"})
    assert code == 0
    assert answer["results"]["limit"] == 1000.5
    assert answer["results"]["due"] == {
        "day": "2026-03-03",
        "span": "P1Y",
        "wait": "P1DT12H",
        "rate": 333.5,
    }
    assert answer["matched_rules"] == {"limit": ["r2"]}
    assert answer["model_sha256"] == hashlib.sha256(MODEL).hexdigest()
    assert answer["inputs"] == {"score": 650, "kind": "a"}
    assert answer["problems"] == []
    assert answer["seconds"] >= 0


def test_one_decision_and_why_it_is_null(decide: Decide) -> None:
    code, answer = decide({"score": 200, "kind": "a"}, "--decision", "limit")
    assert (code, answer["results"]) == (0, {"limit": None})
    assert "not an allowed input" in answer["reasons"]["limit"][0]["text"]
    assert "不在允许的输入值之内" in answer["reasons"]["limit"][0]["text_zh"]


def test_the_analysis_comes_with_it(decide: Decide, tmp_path: Path) -> None:
    (tmp_path / "gap.dmn").write_bytes(MODEL.replace(b"&lt; 600", b"&lt; 599.5"))
    assert decide({}, "--analyse")[1]["findings"] == []
    (gap,) = decide({}, "--analyse", model="gap.dmn")[1]["findings"]
    assert (gap["kind"], gap["rows"]) == ("gap", [{"score": 599.5, "kind": "a"}])


@pytest.mark.parametrize(
    ("inputs", "words", "model", "code"),
    [
        ("no json", (), "m.dmn", "decide.input"),
        ("[1]", (), "m.dmn", "decide.input"),
        ('{"score": NaN}', (), "m.dmn", "decide.input"),
        ("[" * 100_000, (), "m.dmn", "decide.input"),
        ("{}", ("--decision", "none"), "m.dmn", "decide.decision"),
        ("{}", (), "none.dmn", "decide.model"),
        ("{}", (), "in.json", "decide.model"),
        ("{}", ("--whatever",), "m.dmn", "cli.arguments"),
    ],
)
def test_bad_input_is_refused(
    decide: Decide, inputs: str, words: tuple[str, ...], model: str, code: str
) -> None:
    exit_code, answer = decide(inputs, *words, model=model)
    assert (exit_code, answer["error"]["code"]) == (2, code)
    assert answer["error"]["text"]
    assert answer["error"]["text_zh"]


def test_people_read_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.dmn").write_bytes(MODEL)
    (tmp_path / "in.json").write_text('{"score": 650, "kind": "b"}', encoding="utf-8")
    words = ["decide", str(tmp_path / "m.dmn"), "--input", str(tmp_path / "in.json")]
    assert main([*words, "--decision", "limit"]) == 0
    assert capsys.readouterr().out.startswith("limit: 2000    ← r3\n")
