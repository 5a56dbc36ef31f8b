"""Drift of a card: shares by class beside what was expected, judged by the standard's lines."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from touchstone.decisions.drifting import Drift, Lines, drift_of
from touchstone.decisions.scorecard import Scorecard, read_scorecard

LINES = Lines(amber=0.10, limit=0.25, missing=1, fewest=10)
CARD: dict[str, Any] = {
    "id": "card",
    "title": {"zh": "卡", "en": "Card"},
    "clauses": ["RSK-07"],
    "base": 0,
    "characteristics": [
        {
            "id": "debt",
            "title": {"zh": "负债", "en": "Debt"},
            "kind": "number",
            "missing": 0,
            "bins": [
                {"up_to": 30, "points": 20, "label": {"zh": "低", "en": "low"}},
                {"points": 0, "label": {"zh": "高", "en": "high"}},
            ],
        }
    ],
    "grades": [
        {"id": "A", "title": {"zh": "A", "en": "A"}, "least": 20},
        {"id": "B", "title": {"zh": "B", "en": "B"}, "least": 0},
    ],
}


def card(**more: Any) -> Scorecard:
    found = read_scorecard({**CARD, **more})
    assert isinstance(found, Scorecard), found
    return found


def counts(low: int, high: int, missing: int = 0) -> Counter[str]:
    return Counter({"debt.1": low, "debt.2": high, "debt.missing": missing})


def of(now: Counter[str], before: Counter[str]) -> Drift:
    grades = Counter({"A": now["debt.1"], "B": now["debt.2"]})
    then = Counter({"A": before["debt.1"], "B": before["debt.2"]})
    _, drift = drift_of(card(), LINES, now, before, grades, then)
    return drift


def test_the_same_shares_have_not_moved_however_many_there_are() -> None:
    drift = of(counts(60, 40), counts(6, 4))

    assert drift.index is not None
    assert abs(drift.index) < 1e-12
    assert (drift.verdict, drift.missing) == ("met", 0)
    assert [(item.count, item.share, item.before) for item in drift.classes] == [
        (60, 0.6, 0.6),
        (40, 0.4, 0.4),
        (0, 0.0, 0.0),
    ]


def test_the_index_is_the_sum_over_the_classes_and_judged_by_its_lines() -> None:
    for high, verdict in ((45, "met"), (60, "warning"), (75, "critical")):
        drift = of(counts(100 - high, high), counts(60, 40))
        now, then = (100 - high) / 100, 0.6
        by_hand = (now - then) * math.log(now / then)
        by_hand += ((1 - now) - (1 - then)) * math.log((1 - now) / (1 - then))

        assert drift.index is not None
        assert math.isclose(drift.index, by_hand)
        assert drift.verdict == verdict


def test_too_much_missing_is_out_of_use_though_nothing_moved() -> None:
    drift = of(counts(588, 392, 20), counts(588, 392, 20))

    assert drift.missing == 2
    assert drift.verdict == "critical"


def test_nothing_scored_before_or_now_is_no_data() -> None:
    assert of(counts(60, 40), counts(0, 0)).verdict == "no_data"
    drift = of(counts(0, 0), counts(60, 40))
    assert (drift.verdict, drift.index, drift.missing) == ("no_data", None, None)


def test_a_handful_is_no_distribution() -> None:
    assert of(counts(60, 40), counts(9, 0)).index is None
    few = of(counts(5, 3, 1), counts(60, 40))
    assert (few.verdict, few.index) == ("no_data", None)
    assert [item.count for item in few.classes] == [5, 3, 1]


def test_grades_are_held_against_the_development_sample_where_there_is_one() -> None:
    fitted = card(expected={"A": "0.5", "B": "0.5"})
    grades, _ = drift_of(
        fitted, LINES, counts(50, 50), counts(9, 1), Counter({"A": 50, "B": 50}), Counter({"A": 9})
    )

    assert grades.is_sample
    assert grades.index is not None
    assert abs(grades.index) < 1e-12
