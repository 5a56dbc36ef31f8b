"""A clause that only a simulated feed serves is demonstrated, and not alive."""

from __future__ import annotations

from collections import Counter
from typing import Any

from touchstone.measures.alive import Asked, Shown, bound, fed_by_simulation, liveness, shown_in
from touchstone.measures.clause_metrics import ClauseMetric, Served, metric_of
from touchstone.measures.history import (
    CaseHistory,
    ClockRun,
    EntryHistory,
    Execution,
    History,
    StepEnd,
)
from touchstone.measures.selectors import Window

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

    asked = {"SYS-04": Asked(shown, is_measured=True)}

    both = liveness(asked, computed, [], {"K70"}, percentile=90)["SYS-04"]
    fed = liveness(asked, {"K70": ["SYS-04"]}, [], {"K70"}, percentile=90)["SYS-04"]
    none = liveness(asked, {}, [], {"K70"}, percentile=90)["SYS-04"]

    assert (both.state, fed.state, none.state) == ("alive", "demonstrated", "dead")


PROCEDURE: dict[str, Any] = {
    "id": "P90",
    "steps": {"check": {"clause": "APR-04"}},
    "controls": [{"id": "P90-KCP-1", "kind": "condition", "clause": "APR-05"}],
    "clocks": [{"id": "whole", "clause": "APR-06"}],
}


def case(at: int) -> CaseHistory:
    """One case in which a control met, a clock stopped late and a step was done at an instant."""
    found = CaseHistory("c", "review", 1, "b11", at - 50, ended_at=at, last_at=at)
    found.executions.append(Execution("P90-KCP-1", "APR-05", "block", "met", at))
    found.clocks.append(ClockRun("whole", 1, "APR-06", at - 50, at - 10, at))
    found.steps.append(StepEnd("check", at, "completed", ("ann",), {}, {}))
    return found


def history(*cases: CaseHistory) -> History:
    return History(cases, (), 1_000)


def shown(procedure: dict[str, Any], *cases: CaseHistory) -> Shown:
    return shown_in(history(*cases), Window(100, 1_000), bound({"review": procedure}))


def test_a_clause_that_no_indicator_serves_has_a_metric_of_its_own() -> None:
    found = shown(PROCEDURE, case(200), case(50))
    asked = {name: Asked(found, is_measured=False) for name in ("APR-04", "APR-05", "APR-06")}

    alive = liveness(asked, {}, [PROCEDURE], percentile=90)

    assert alive["APR-05"].metric == ClauseMetric("coverage_share", 1, 1)
    assert alive["APR-06"].metric == ClauseMetric("on_time_share", 0, 1)
    # A step says what was done; without a control or clock the clause is not alive by it.
    assert alive["APR-04"].metric == ClauseMetric("done_due", 1, 1)
    assert [state.state for state in alive.values()] == ["dead", "alive", "alive"]
    assert alive["APR-04"].missing == ("control", "evidence")


def test_a_control_that_was_removed_serves_its_clause_no_longer() -> None:
    without = {**PROCEDURE, "controls": []}
    asked = {"APR-05": Asked(shown(without, case(200)), is_measured=False)}

    assert liveness(asked, {}, [without], percentile=90)["APR-05"].state == "dead"


def test_an_indicator_without_a_value_starves_its_clause() -> None:
    asked = {"APR-05": Asked(shown(PROCEDURE, case(200)), is_measured=True)}

    starved = liveness(asked, {}, [PROCEDURE], percentile=90)["APR-05"]

    assert (starved.state, starved.missing) == ("dead", ("indicator",))


def test_the_metric_follows_what_serves_the_clause() -> None:
    by_kind = {
        kind: metric_of(Served({kind: 4}, {kind: 3}), None, 90)
        for kind in ("evidence", "limit", "four_eyes")
    }
    timed = Served(stopped=[(10 * number, 100) for number in range(1, 11)])

    assert by_kind == {
        "evidence": ClauseMetric("attested", 3, 4),
        "limit": ClauseMetric("count_against_limit", 1, 4),
        "four_eyes": ClauseMetric("coverage_share", 3, 4),
    }
    assert metric_of(timed, None, 90) == ClauseMetric("on_time_share", 9, 10)
    assert metric_of(timed, "duration_percentile", 90) == ClauseMetric(
        "duration_percentile", 90, 100
    )
    assert metric_of(Served(), None, 90) is None
