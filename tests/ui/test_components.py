"""Parts of pages, drawn alone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from touchstone.kernel.text import Text
from touchstone.ui.templatetags.components import clock

START = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def view(state: str, **more: object) -> SimpleNamespace:
    known = {"stopped_at": None, "paused_at": None, "breached_at": None, "warnings": 0}
    limit = {"limit": Text("8 小时", "8 hours"), "started_at": START, "due_at": START + 8 * HOUR}
    return SimpleNamespace(state=state, **{**known, **limit, **more})


def test_a_paused_clock_stands_where_it_was_paused_however_late_it_is_looked_at() -> None:
    drawn = clock(view("paused", paused_at=START + 2 * HOUR), START + 90 * HOUR)

    assert (drawn["name"], drawn["is_over"], drawn["used_percent"]) == ("paused", False, 25)


def test_a_clock_that_was_over_before_it_was_paused_stays_over() -> None:
    drawn = clock(view("paused", paused_at=START + 9 * HOUR), START + 10 * HOUR)

    assert (drawn["name"], drawn["is_over"]) == ("breached", True)


def test_a_running_clock_goes_on_by_the_time_of_the_look() -> None:
    drawn = [clock(view("running"), START + hours * HOUR) for hours in (4, 9)]

    assert [(item["name"], item["used_percent"]) for item in drawn] == [
        ("running", 50),
        ("breached", 112),
    ]
