"""How facts become findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

COLUMNS: dict[str, Any] = {
    "id": "text",
    "kind": "text",
    "subject": "text",
    "scope": "text",
    "unit": "text",
    "owner": "text",
    "clause": "text",
    "source": "text",
    "level": "text",
    "state": "text",
    "why": "text",
    "severity": "text",
    "cause": "text",
    "windows": "json",
    "breaches": "int",
    "repeat_of": "text",
    "recurrences": "int",
    "repair": "text",
    "action": "text",
    "opened_at": "int",
    "raised_at": "int",
    "closed_at": "int",
    "how": "text",
}
_SAID = ("kind", "subject", "scope", "unit", "owner", "clause", "source", "why", "severity")


def finding_stream(subject: str, scope: str) -> str:
    """The stream of everything found about a subject in a scope."""
    return f"finding:{subject}@{scope}"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.data["id"],),)


def _opened(row: Values | None, recorded: Recorded) -> Values:
    assert row is None, "a finding opens once"
    data = recorded.data
    level = "hint" if recorded.kind == "improvement.hint_opened" else "finding"
    return {
        "id": data["id"],
        **{name: data[name] for name in _SAID},
        "level": level,
        "state": "open",
        "cause": None,
        "windows": [data["window"]] if data.get("window") else [],
        "breaches": 1 if data["kind"] in ("breach", "bypass") else 0,
        "repeat_of": data.get("repeat_of"),
        "recurrences": data.get("recurrences", 0),
        "repair": data.get("repair"),
        "action": None,
        "opened_at": recorded.occurred_at,
        "raised_at": recorded.occurred_at if level == "finding" else None,
        "closed_at": None,
        "how": None,
    }


def _judged(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    window = recorded.data["window"]
    breaches = row["breaches"] + 1 if window["is_breach"] else 0
    return {**row, "windows": [*row["windows"], window], "breaches": breaches}


def _again(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {**row, "breaches": row["breaches"] + 1}


def _raised(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    judged = _judged(row, recorded)
    return {
        **judged,
        "level": "finding",
        "why": data["why"],
        "severity": data["severity"],
        "raised_at": recorded.occurred_at,
    }


def _begun(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {**row, recorded.data["as"]: recorded.data["case"]}


def _caused(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    return {**row, "cause": recorded.data["cause"]}


def _closed(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None, recorded.kind
    data = recorded.data
    window = data.get("window")
    return {
        **row,
        "state": "closed",
        "windows": [*row["windows"], window] if window else row["windows"],
        "breaches": 0,
        "closed_at": recorded.occurred_at,
        "how": data["how"],
    }


FINDINGS = Projection(
    table="improvement_finding",
    key=("id",),
    columns=COLUMNS,
    folds={
        "improvement.hint_opened": (_key, _opened),
        "improvement.finding_opened": (_key, _opened),
        "improvement.hint_raised": (_key, _raised),
        "improvement.window_judged": (_key, _judged),
        "improvement.bypassed_again": (_key, _again),
        "improvement.repair_begun": (_key, _begun),
        "improvement.cause_found": (_key, _caused),
        "improvement.closed": (_key, _closed),
    },
)
