"""Scorecards: what a card says is read and added up; a fitted one is as good as a plain regression."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import shared_folder
from touchstone.cli.main import main
from touchstone.decisions.scorecard import Scorecard, protected_among, read_scorecard
from touchstone.decisions.validation import auc, deciles, gini, ks, psi, shares
from touchstone.kernel.refusal import Refusal

BOTH = {"zh": "某项", "en": "something"}
PROTECTED = ("personal_status_and_sex", "age_in_years", "foreign_worker")


def card(**changes: Any) -> dict[str, Any]:
    data = {
        "id": "small",
        "title": BOTH,
        "base": 500,
        "characteristics": [
            {
                "id": "months",
                "title": BOTH,
                "kind": "number",
                "missing": -5,
                "bins": [
                    {"up_to": 12, "points": 40, "label": BOTH},
                    {"up_to": 24, "points": 10, "label": BOTH},
                    {"points": -20, "label": BOTH},
                ],
            },
            {
                "id": "housing",
                "title": BOTH,
                "kind": "name",
                "missing": 0,
                "bins": [
                    {"values": ["own"], "points": 15, "label": BOTH},
                    {"values": ["rent", "free"], "points": -10, "label": BOTH},
                ],
            },
        ],
        "grades": [
            {"id": "A", "title": BOTH, "least": 540},
            {"id": "B", "title": BOTH, "least": 500},
            {"id": "C", "title": BOTH, "least": 0},
        ],
    }
    return {**data, **changes}


def read(data: dict[str, Any]) -> Scorecard:
    found = read_scorecard(data)
    assert isinstance(found, Scorecard)
    return found


@pytest.mark.parametrize(
    ("values", "points", "grade", "reasons"),
    [
        ({"months": 12, "housing": "own"}, 555, "A", []),
        ({"months": "12.01", "housing": "own"}, 525, "B", ["months"]),
        ({"months": 99, "housing": "rent"}, 470, "C", ["months", "housing"]),
        ({"housing": "castle"}, 495, "C", ["months", "housing"]),
        ({"months": "NaN", "housing": None}, 495, "C", ["months", "housing"]),
        ({"months": True, "housing": "free", "sex": "f"}, 485, "C", ["months", "housing"]),
    ],
)
def test_points_add_up_and_reasons_are_what_cost_most(
    values: dict[str, Any], points: int, grade: str, reasons: list[str]
) -> None:
    score = read(card()).score(values)
    assert (score.points, score.grade) == (points, grade)
    assert score.points == 500 + sum(part.points for part in score.parts)
    assert [part.characteristic for part in score.reasons] == reasons


def test_what_contradicts_itself_is_named_all_at_once() -> None:
    data = card()
    data["characteristics"][0]["bins"].reverse()
    data["characteristics"][1]["bins"][1]["values"] = ["own"]
    data["characteristics"].append({**data["characteristics"][1], "id": "sex_of_applicant"})
    data["grades"].reverse()
    found = read_scorecard(data, "small.yaml")
    assert isinstance(found, tuple)
    assert {item.code for item in found} == {
        "scorecard.bins",
        "scorecard.grades",
        "scorecard.protected",
    }
    assert {item.file for item in found} == {"small.yaml"}


def test_protected_attributes_are_known_by_their_words() -> None:
    names = [
        "age",
        "age_in_years",
        "sex",
        "婚姻状况",
        "ethnicity",
        "wage",
        "usage",
        "purpose",
        "性别",
    ]
    assert protected_among(names) == ["age", "age_in_years", "sex", "婚姻状况", "ethnicity", "性别"]


SCORES = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({bad for _, bad in rows}) == 2
)


@given(SCORES)
def test_auc_is_the_chance_that_a_good_one_scores_higher(rows: list[tuple[int, bool]]) -> None:
    good = [score for score, bad in rows if not bad]
    ill = [score for score, bad in rows if bad]
    won = sum((one > other) + (one == other) / 2 for one in good for other in ill)
    scores, bad = [float(score) for score, _ in rows], [is_bad for _, is_bad in rows]
    assert math.isclose(auc(scores, bad), won / (len(good) * len(ill)))
    assert math.isclose(gini(scores, bad), 2 * auc(scores, bad) - 1)
    largest = max(
        abs(
            sum(score <= cut for score in ill) / len(ill)
            - sum(score <= cut for score in good) / len(good)
        )
        for cut in range(10)
    )
    assert math.isclose(ks(scores, bad), largest)


def test_stability_is_nought_for_the_same_shares_and_grows_with_the_shift() -> None:
    before = shares(["A"] * 5 + ["B"] * 5)
    assert psi(before, before) == 0
    slight, much = psi(before, shares(["A"] * 6 + ["B"] * 4)), psi(before, {"A": 1.0})
    assert math.isclose(slight, 0.1 * math.log(1.2) - 0.1 * math.log(0.8))
    assert much > 0.25 > slight


def test_tenths_hold_everybody_once() -> None:
    scores = [float(number) for number in range(95)]
    found = deciles(scores, [0.1] * 95, [number < 20 for number in range(95)])
    assert sum(item.count for item in found) == 95
    assert [item.lowest for item in found] == sorted(item.lowest for item in found)
    assert found[0].observed == 1
    assert found[-1].observed == 0


class TestOnGermanCredit:
    @pytest.fixture
    def sample(self) -> Path:
        return shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "credit" / "germancredit.csv"

    def fit(self, sample: Path, *more: str) -> int:
        words = ["scorecard", "fit", str(sample), "--target", "creditability", "--bad", "bad"]
        return main([*words, "--id", "german", *more])

    def test_protected_columns_are_refused(
        self, sample: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.fit(sample, "--json") == 2
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["code"] == "scorecard.protected"
        assert all(name in error["text"] for name in PROTECTED)

    def test_out_of_sample_it_is_at_least_as_good_as_a_plain_regression(
        self, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "card.yaml"
        left = [word for name in PROTECTED for word in ("--without", name)]
        assert self.fit(sample, *left, "--out", str(out), "--json") == 0
        sheet = json.loads(capsys.readouterr().out)["validation"]
        assert sheet["rows"] == 1000
        assert sheet["bad"] == 300
        assert sheet["auc"] >= sheet["plain_regression_auc"] > 0.75
        assert sheet["gini"] == pytest.approx(2 * sheet["auc"] - 1, abs=1e-3)
        assert sum(item["count"] for item in sheet["deciles"]) == 1000

        asked = tmp_path / "who.json"
        asked.write_text(json.dumps({"duration_in_month": 6, "purpose": "radio/television"}))
        assert main(["scorecard", "score", str(out), "--input", str(asked), "--json"]) == 0
        score = json.loads(capsys.readouterr().out)
        assert score["grade"] in "ABCDE"
        assert {part["characteristic"] for part in score["parts"]}.isdisjoint(PROTECTED)

    def test_the_same_seed_gives_the_same_card(self, sample: Path) -> None:
        from touchstone.decisions.fitting import fit, read_sample

        rows = read_sample(sample, "creditability", "bad", PROTECTED)
        few = rows.only(range(200))
        assert fit(few, "few", seed=3).data == fit(few, "few", seed=3).data


def test_a_sample_that_cannot_serve_is_refused(tmp_path: Path) -> None:
    from touchstone.decisions.fitting import read_sample

    file = tmp_path / "s.csv"
    file.write_text("amount,end\n1,good\n2,bad\n")
    for target, code in (("end", "scorecard.one_sided"), ("other", "scorecard.no_column")):
        with pytest.raises(Refusal) as refusal:
            read_sample(file, target, "bad")
        assert refusal.value.code == code
    file.write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(Refusal) as refusal:
        read_sample(file, "end", "bad")
    assert refusal.value.code == "scorecard.file"
