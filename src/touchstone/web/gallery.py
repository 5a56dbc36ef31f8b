"""Sample values of the component gallery; invented, and said to be."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.ui.components import LOOKS


def samples(now: dt.datetime) -> dict[str, Any]:
    """Every component with something to show."""
    hour = dt.timedelta(hours=1)

    def clock(state: str, used: int, left: int, warnings: int = 0) -> SimpleNamespace:
        return SimpleNamespace(
            state=state,
            limit=Text("2 个工作日", "2 working days"),
            started_at=now - used * hour,
            due_at=now + left * hour,
            warnings=warnings,
            breached_at=now if left < 0 else None,
            stopped_at=now if state == "stopped" else None,
            paused_at=now - hour if state == "paused" else None,
            paused_for=Text("等待客户补正", "Waiting for the customer")
            if state == "paused"
            else None,
            provisional=False,
        )

    return {
        "looks": tuple(LOOKS),
        "clocks": (
            clock("running", 4, 12),
            clock("running", 13, 3, 2),
            clock("running", 20, -2),
            clock("paused", 5, 11),
            clock("stopped", 6, 10),
            clock("stopped", 20, -3),
        ),
        "series": [0.94, 0.96, None, 0.97, 0.93, 0.91, 0.95],
        "sample_refusal": refuse(
            "process.same_person",
            "您已办理本案的初审，不能再办理复审",
            "You gave the first review of this case and may not give the second",
            clause="CRD-04",
            remedy_zh="请由另一名复审员办理",
            remedy_en="Leave it to another second reviewer",
        ),
        "sample_clause": SimpleNamespace(
            id="CRD-04",
            title=Text("三级审批", "Three levels of approval"),
            text=Text(
                "每笔贷款由三名不同人员依次初审、复审、终审。",
                "Three different people give the first review, second review and final approval in turn.",
            ),
        ),
    }
