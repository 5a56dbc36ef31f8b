"""Closed windows become hints and findings: the follower of measurements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from touchstone.identity.queries import directory
from touchstone.improvement.folds import FINDINGS, finding_stream
from touchstone.improvement.judging import Standing, Step, Window, judge, window_of
from touchstone.improvement.rules import numbers, watched_until
from touchstone.journal.followers import follows
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.packs.catalogue import catalogue

_INSTITUTION, _BRANCH = "institution", "branch"


@follows("measures.measured", name="improvement.judge_window")
def judge_window(context: ActContext, recorded: Recorded) -> None:
    """Judge the value of a period that has ended, of a scope that somebody is responsible for."""
    data = recorded.data
    if not is_last_day(data["as_of"]):
        return
    window = window_of(data)
    unit = _responsible(data, window)
    if unit is None:
        return

    def work(act: UnitOfWork) -> None:
        stream = finding_stream(data["indicator"], data["scope"])
        rows = _rows(act, data["indicator"], data["scope"])
        standing = _standing(rows)
        told = numbers(data["standard"], dt.date.fromisoformat(data["as_of"]))
        if told is None:
            return
        before = _latest_repaired(rows)
        is_watched = before is not None and _is_watched(before, data, act)
        steps = judge(window, told.rules, standing, is_watched=is_watched)
        if data["scope"] == _INSTITUTION and _is_by_unit(data) and window.has_data:
            # Its branches answer for the value; only that there is one again is the department's.
            steps = tuple(step for step in steps if step.how == "data_came")
        about = _about(data, unit, window, act, before if is_watched else None)
        for step in steps:
            act.record(stream, _fact(step, about, standing, act, stream))

    with suppress(AlreadyDone):
        perform("improvement.judge", context, work)


def is_last_day(as_of: str) -> bool:
    """Whether a day is the last of its month: the period of every indicator."""
    day = dt.date.fromisoformat(as_of)
    return (day + dt.timedelta(days=1)).day == 1


def _is_by_unit(data: Mapping[str, Any]) -> bool:
    item = catalogue(data["standard"]).get("indicator", data["indicator"])
    return item is not None and "unit" in (item.data.get("scope") or ())


def _responsible(data: Mapping[str, Any], window: Window) -> str | None:
    """The unit that answers for a scope: a branch for its own, head office for what no branch has.

    Missing data is asked of the owner department alone.
    """
    kind, _, place = data["scope"].partition(":")
    if kind == _BRANCH and _is_by_unit(data):
        return place if window.has_data else None
    if kind != _INSTITUTION:
        return None
    return next(unit.id for unit in directory().units.values() if unit.level == "head")


def _rows(act: UnitOfWork, subject: str, scope: str) -> list[Values]:
    """Everything found about a subject in a scope, the latest last."""
    sql = f"{FINDINGS.select} WHERE subject = %s AND scope = %s ORDER BY opened_at, id"
    rows = [FINDINGS.decode(row) for row in act.read(sql, (subject, scope))]
    for row in rows:
        act.know_row(FINDINGS.table, (row["id"],), row)
    return rows


def _standing(rows: list[Values]) -> Standing | None:
    for row in rows:
        if row["state"] == "open":
            last = row["windows"][-1]["as_of"] if row["windows"] else ""
            return Standing(row["id"], row["level"], row["kind"], row["breaches"], last)
    return None


def _latest_repaired(rows: list[Values]) -> Values | None:
    repaired = [row for row in rows if row["state"] == "closed" and row["how"] == "repaired"]
    return repaired[-1] if repaired else None


def _is_watched(before: Values, data: Mapping[str, Any], act: UnitOfWork) -> bool:
    """Whether the window lies within the watch over what was repaired last in this scope."""
    return bool(data["counted_until"] <= watched_until(data["standard"], before["closed_at"]))


def _about(
    data: Mapping[str, Any], unit: str, window: Window, act: UnitOfWork, before: Values | None
) -> dict[str, Any]:
    item = catalogue(data["standard"]).get("indicator", data["indicator"])
    assert item is not None, data["indicator"]
    return {
        "subject": data["indicator"],
        "scope": data["scope"],
        "unit": unit,
        "owner": item.data["owner"],
        "clause": data["clauses"][0],
        "source": "indicator",
        "repeat_of": before["id"] if before else None,
        "recurrences": before["recurrences"] + 1 if before else 0,
        "window": {
            "period": window.period,
            "as_of": window.as_of,
            "value": data["value"],
            "numerator": data["numerator"],
            "denominator": data["denominator"],
            "status": window.status,
            "standard": data["standard"],
            "is_breach": window.is_breach,
        },
    }


_KINDS = {"open_hint": "hint_opened", "open_finding": "finding_opened", "raise": "hint_raised"}


def _fact(
    step: Step, about: Mapping[str, Any], standing: Standing | None, act: UnitOfWork, stream: str
) -> Fact:
    objects = (ObjectRef("indicator", about["subject"]), ObjectRef("clause", about["clause"]))
    if step.do in ("open_hint", "open_finding"):
        position = act.head(stream).position + 1
        scope = about["scope"].partition(":")[2] or about["scope"]
        kind = "no_data" if step.why == "no_data" else "breach"
        said = {
            "id": f"{about['subject']}-{scope}-{position}",
            "kind": kind,
            "why": step.why,
            "severity": step.severity,
            **about,
        }
        return Fact(f"improvement.{_KINDS[step.do]}", said, objects)
    assert standing is not None, step.do
    said = {"id": standing.id, "window": about["window"]}
    if step.do == "raise":
        said |= {"why": step.why, "severity": step.severity}
        return Fact("improvement.hint_raised", said, objects)
    if step.do == "close":
        return Fact("improvement.closed", {**said, "how": step.how}, objects)
    return Fact("improvement.window_judged", said, objects)
