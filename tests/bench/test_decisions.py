"""The bench of decisions compares the same table on both engines."""

from __future__ import annotations

import pytest

from touchstone.bench import decisions
from touchstone.decisions import load_bytes


def test_without_the_peer_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "peer_of", lambda rules: None)
    results, missing = decisions.bench_decisions(sizes=(10,), rounds=1, count=50)
    (line,) = results
    assert line.decisions_per_second > 0
    assert (line.peer_decisions_per_second, line.ratio) == (None, None)
    assert missing[0]["name"] == "peer"


def test_a_peer_that_decides_otherwise_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "peer_of", lambda rules: ("peer", lambda case: 1))
    with pytest.raises(RuntimeError, match="the peer decides 1"):
        decisions.measure(10, rounds=1, count=50)


def test_with_the_peer_we_are_faster_by_far() -> None:
    pytest.importorskip("zen")
    found = decisions.measure(10, rounds=3, count=1000)
    assert found.ratio is not None
    assert found.ratio > 2, "four times on a quiet machine; see touchstone bench decisions"


def test_the_table_is_complete_and_sound() -> None:
    rules = decisions.rules_of(10)
    model = load_bytes(decisions.as_dmn(rules), "bench.dmn")
    assert model.problems == ()
    assert decisions.measure(10, rounds=1, count=10).findings == 0
    for score, purpose in decisions.cases_of(100):
        (expected,) = (
            rule.limit
            for rule in rules
            if (rule.low is None or score >= rule.low)
            and (rule.high is None or score < rule.high)
            and rule.purpose == purpose
        )
        assert model.evaluate("limit", {"score": score, "purpose": purpose}).value == expected
