"""Time taken, and how far it fell against the first days of the record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.parameters import read_parameter
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.measures.counting import Counted
from touchstone.measures.durations import fall_from_baseline, mean_duration
from touchstone.measures.history import CaseHistory, Completion, History
from touchstone.measures.selectors import Standard, Window

FIRST = dt.date(2026, 1, 1)
HOUR = 3_600_000_000
BASELINE = read_parameter(
    "measures.baseline_window",
    {
        "title": {"zh": "基线期", "en": "Baseline"},
        "unit": "limit",
        "clause": "MON-06",
        "values": [{"from": dt.date(2020, 1, 1), "value": "90d", "source": "test"}],
    },
)
STANDARD = Standard(
    {"P90": "review"},
    {},
    frozenset(),
    lambda text: feel.compile(text),  # type: ignore[arg-type, return-value]
    parameters={"measures.baseline_window": BASELINE},
)
OF: dict[str, Any] = {"procedure": "P90", "steps": ["decide", "refuse"], "in": "hours"}


def at(days: int, hour: int = 9) -> int:
    """An instant so many days after the first."""
    return to_microseconds(at_local(FIRST + dt.timedelta(days=days), dt.time(hour)))


def case(number: int, began: int, hours: float, element: str = "decide") -> CaseHistory:
    """A case decided so many hours after it began."""
    found = CaseHistory(f"c{number}", "review", 1, "b11", began)
    done = began + int(hours * HOUR)
    found.completions.append(Completion(element, done, frozenset(), 3))
    found.last_at = done
    return found


def history(*cases: CaseHistory) -> History:
    return History(cases, max(item.last_at for item in cases))


def value(counted: Counted | None) -> Decimal:
    assert counted is not None
    total = counted.total()
    return Decimal(total.numerator) / Decimal(total.denominator)


EARLY = (case(1, at(0), 10), case(2, at(20), 20), case(3, at(60), 30, "refuse"))
LATE = (case(4, at(100), 8), case(5, at(110), 12))
APRIL = Window(at(90, 0), at(120, 0))


def test_a_mean_counts_hours_begun_from_the_start_to_the_first_of_the_steps() -> None:
    lived = history(*EARLY, case(9, at(101), 1.5))

    counted = mean_duration(lived, OF, Window(at(0, 0), at(31, 0)), STANDARD)
    later = mean_duration(lived, OF, APRIL, STANDARD)

    assert value(counted) == Decimal(15)
    assert value(later) == Decimal(2)
    assert mean_duration(lived, {**OF, "procedure": "P91"}, APRIL, STANDARD) is None


def test_a_fall_is_held_against_the_mean_of_the_first_ninety_days() -> None:
    counted = fall_from_baseline(history(*EARLY, *LATE), {"of": OF}, APRIL, STANDARD)

    # The baseline's mean is 20 hours, April's 10.
    assert value(counted) == Decimal("0.5")
    assert counted is not None
    assert [item.subject for item in counted.items] == ["c4", "c5"]


def test_what_got_slower_is_a_fall_below_nothing() -> None:
    slower = history(*EARLY, case(4, at(100), 30))

    assert value(fall_from_baseline(slower, {"of": OF}, APRIL, STANDARD)) == Decimal("-0.5")


def test_there_is_no_data_until_the_baseline_is_complete() -> None:
    february = Window(at(31, 0), at(59, 0))

    counted = fall_from_baseline(history(*EARLY), {"of": OF}, february, STANDARD)

    assert counted is not None
    assert counted.total().denominator == 0
