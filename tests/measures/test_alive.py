"""A clause that only a simulated feed serves is demonstrated, and not alive."""

from __future__ import annotations

from collections import Counter
from typing import Any

from touchstone.measures.alive import Shown, fed_by_simulation, liveness
from touchstone.measures.history import EntryHistory

RATIO = {
    "template": "ratio_of_counts",
    "numerator": {"register": "period-figure", "on": "day"},
    "denominator": {"register": "period-figure", "on": "day"},
}
MIXED = {**RATIO, "numerator": {"fact": "process.case_ended", "procedure": "P07"}}
TIMED: dict[str, Any] = {"template": "on_time_share", "clocks": [{"procedure": "P06"}]}
MEASURES: dict[str, dict[str, Any]] = {"K70": RATIO, "K08": MIXED, "K03": TIMED}


def entry(source: str | None, register: str = "period-figure") -> EntryHistory:
    values = {} if source is None else {"source": source}
    return EntryHistory("e", register, "b11", values, "entered")


def test_an_indicator_is_fed_where_every_figure_it_counts_is_simulated() -> None:
    simulated = entry("模拟核心系统 simulated core system")

    assert fed_by_simulation(MEASURES, [simulated, simulated]) == {"K70"}
    assert fed_by_simulation(MEASURES, [simulated, entry("T24")]) == set()
    assert fed_by_simulation(MEASURES, [simulated, entry(None)]) == set()
    assert fed_by_simulation(MEASURES, []) == set()


def test_a_clause_that_only_fed_indicators_serve_is_demonstrated() -> None:
    shown = Shown(executed=Counter({"SYS-04": 1}), proved=Counter({"SYS-04": 1}))
    computed = {"K70": ["SYS-04"], "K03": ["SYS-04", "CMP-05"]}

    both = liveness(["SYS-04"], shown, computed, [], {"K70"})["SYS-04"]
    fed = liveness(["SYS-04"], shown, {"K70": ["SYS-04"]}, [], {"K70"})["SYS-04"]
    none = liveness(["SYS-04"], shown, {}, [], {"K70"})["SYS-04"]

    assert (both.state, fed.state, none.state) == ("alive", "demonstrated", "dead")
