"""What a closed window means, whatever came before it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.improvement.judging import (
    Rules,
    Standing,
    Step,
    Window,
    judge,
    needs_corrective_action,
    recovered,
)

RULES = Rules(in_a_row=2, floor_items=30)
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
LINES = {"target": Decimal("0.95"), "floor": Decimal("0.80"), "regulatory_limit": Decimal("0.60")}


def window(
    value: str | None, month: int = 1, items: int = 50, lines: dict[str, Decimal] | None = None
) -> Window:
    known = LINES if lines is None else lines
    found = None if value is None else Decimal(value)
    status = "no_data" if found is None else "met" if found >= known["target"] else "missed"
    period = f"2026-{month:02d}"
    return Window(period, f"{period}-28", status, "up", found, items, known)


def standing(
    level: str = "hint", breaches: int = 1, kind: str = "breach", month: int = 1
) -> Standing:
    return Standing("K14-b1-1", level, kind, breaches, f"2026-{month:02d}-28")


def did(steps: tuple[Step, ...]) -> list[tuple[str, str | None]]:
    return [(step.do, step.why or step.how) for step in steps]


def test_a_first_miss_is_a_hint_and_a_good_window_closes_it() -> None:
    assert did(judge(window("0.90"), RULES, None, is_watched=False)) == [("open_hint", "first")]
    assert did(judge(window("0.96", 2), RULES, standing(), is_watched=False)) == [
        ("close", "good_window")
    ]
    assert judge(window("0.96"), RULES, None, is_watched=False) == ()


def test_a_second_miss_in_a_row_is_a_finding_and_a_third_updates_it() -> None:
    assert did(judge(window("0.90", 2), RULES, standing(), is_watched=False)) == [
        ("raise", "in_a_row")
    ]
    after = standing("finding", 2, month=2)
    assert did(judge(window("0.90", 3), RULES, after, is_watched=False)) == [("judge", None)]


def test_a_finding_is_not_closed_by_a_good_window() -> None:
    assert did(judge(window("0.99", 2), RULES, standing("finding", 2), is_watched=False)) == [
        ("judge", None)
    ]


@pytest.mark.parametrize(
    ("value", "items", "why"),
    [("0.59", 1, "regulatory"), ("0.79", 30, "floor"), ("0.79", 29, "first")],
)
def test_a_legal_limit_or_the_floor_by_enough_items_is_a_finding_at_once(
    value: str, items: int, why: str
) -> None:
    (step,) = judge(window(value, items=items), RULES, None, is_watched=False)
    assert step.why == why
    assert step.do == ("open_hint" if why == "first" else "open_finding")
    assert (step.severity == "high") is (why == "regulatory")


def test_what_comes_back_while_it_is_watched_is_a_relapse() -> None:
    (step,) = judge(window("0.90"), RULES, None, is_watched=True)
    assert (step.do, step.why, step.severity) == ("open_finding", "relapse", "high")


def test_missing_data_is_a_finding_of_its_own_and_never_good() -> None:
    assert did(judge(window(None), RULES, None, is_watched=False)) == [("open_finding", "no_data")]
    assert did(judge(window(None, 2), RULES, standing(), is_watched=False)) == [("judge", None)]
    missing = standing("finding", 0, "no_data")
    assert did(judge(window("0.99", 2), RULES, missing, is_watched=False)) == [
        ("close", "data_came")
    ]
    assert did(judge(window("0.90", 2), RULES, missing, is_watched=False)) == [
        ("close", "data_came"),
        ("open_hint", "first"),
    ]


def test_a_window_is_judged_once() -> None:
    assert judge(window("0.90", 1), RULES, standing(month=1), is_watched=False) == ()


def test_a_lower_value_is_better_where_the_indicator_says_so() -> None:
    lines = {"target": Decimal("0.05"), "regulatory_limit": Decimal("0.20")}
    over = Window("2026-01", "2026-01-31", "missed", "down", Decimal("0.21"), 5, lines)
    assert judge(over, RULES, None, is_watched=False)[0].why == "regulatory"


@given(st.lists(st.sampled_from(["0.99", "0.90", "0.79", "0.50", None]), max_size=12))
def test_whatever_the_months_bring_at_most_one_is_open(values: list[str | None]) -> None:
    open_now: Standing | None = None
    for month, value in enumerate(values, 1):
        seen = window(value, month)
        for step in judge(seen, RULES, open_now, is_watched=False):
            if step.do in ("open_hint", "open_finding"):
                assert open_now is None
                kind = "no_data" if step.why == "no_data" else "breach"
                level = "hint" if step.do == "open_hint" else "finding"
                open_now = Standing("x", level, kind, int(kind == "breach"), seen.as_of)
                continue
            assert open_now is not None
            if step.do == "close":
                open_now = None
                continue
            breaches = open_now.breaches + 1 if seen.is_breach else 0
            level = "finding" if step.do == "raise" else open_now.level
            open_now = Standing("x", level, open_now.kind, breaches, seen.as_of)
        if seen.is_good:
            assert open_now is None or open_now.level == "finding"
        else:
            assert open_now is not None


def test_an_action_worked_after_enough_good_windows_that_began_later() -> None:
    def of(*values: str | None) -> list[Window]:
        return [window(value, month) for month, value in enumerate(values, 1)]

    good = "0.97"
    assert recovered(of(good, good, good), "2025-12-31", 3, 30) is True
    assert recovered(of(good, good, good), "2026-01-10", 3, 30) is None, "January had begun"
    assert recovered(of(good, None, good, good), "2025-12-31", 3, 30) is True
    assert recovered(of(good, "0.90", good, good), "2025-12-31", 3, 30) is False
    few = [window(good, month, items=29) for month in (1, 2, 3)]
    assert recovered(few, "2025-12-31", 3, 30) is None


@pytest.mark.parametrize(
    ("severity", "why", "count", "expected"),
    [
        ("high", "floor", 1, True),
        ("low", "relapse", 1, True),
        ("medium", "in_a_row", 2, False),
        ("medium", "in_a_row", 3, True),
    ],
)
def test_when_one_repair_is_not_enough(severity: str, why: str, count: int, expected: bool) -> None:
    assert needs_corrective_action(severity, why, count, 3) is expected
