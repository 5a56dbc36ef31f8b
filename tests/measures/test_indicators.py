"""Indicators agree with a recount in plain Python over the exported events."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from touchstone.journal.export import export
from touchstone.journal.reading import rows
from touchstone.measures.queries import Board, board_now
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation

pytestmark = pytest.mark.django_db(transaction=True)
FINALS = {"final_outlet", "final_branch", "final_head_office", "final_committee"}
Event = dict[str, Any]


_ONCE: list[tuple[Board, list[Event]]] = []


@pytest.fixture
def simulated(tmp_path: Path) -> tuple[Board, list[Event]]:
    """The board and every event of one simulated run, made once: both are plain values."""
    if not _ONCE:
        make_room(fresh=True)
        Simulation(7, dt.date(2026, 1, 1)).run(20)
        export(rows(), "parquet", tmp_path / "facts.parquet")
        table = pq.read_table(tmp_path / "facts.parquet")
        events = [{**row, "data": json.loads(row["data"])} for row in table.to_pylist()]
        _ONCE.append((board_now(), events))
    return _ONCE[0]


def counted(found: Board, identity: str) -> tuple[int | None, int | None]:
    (item,) = [
        item for item in found.measurements if (item.id, item.scope) == (identity, "institution")
    ]
    return item.numerator, item.denominator


def of_procedure(events: list[Event], slug: str) -> dict[str, list[Event]]:
    cases: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        cases[event["stream"]].append(event)
    return {
        stream: items
        for stream, items in cases.items()
        if items[0]["kind"] == "process.case_started" and items[0]["data"]["procedure"] == slug
    }


def test_reviews_on_time_agree_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    last = max(event["occurred_at"] for event in events)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    now = (last - epoch) // dt.timedelta(microseconds=1) if isinstance(last, dt.datetime) else last
    on_time = decided = 0
    for items in of_procedure(events, "acceptance").values():
        if any(event["kind"] == "process.case_withdrawn" for event in items):
            continue
        due = stopped = None
        for event in items:
            if event["data"].get("clock") == "preliminary_review":
                due = event["data"].get("due_at", due)
                if event["kind"] == "clocks.resumed":
                    stopped = None
                if event["kind"] == "clocks.stopped":
                    stopped = event["data"]["at"]
        if due is None or (stopped is None and due > now):
            continue
        decided += 1
        on_time += stopped is not None and stopped < due

    assert counted(found, "K14") == (on_time, decided)
    assert 0 < on_time < decided


def test_effective_controls_agree_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    # Monitoring is a compartment: nothing of it is counted on the board.
    hidden = {
        event["stream"]
        for event in events
        if event["kind"] == "process.case_started"
        and event["data"]["procedure"] == "monitoring_alert"
    }
    executed = [
        event["data"]
        for event in events
        if event["kind"] == "process.control_executed" and event["stream"] not in hidden
    ]
    effective = [
        data
        for data in executed
        if data["result"] == "met" or (data["result"] == "not_met" and data["mode"] != "flag")
    ]

    assert counted(found, "K21") == (len(effective), len(executed))


def completed(items: list[Event]) -> list[str]:
    """Elements of a case in the order in which they were completed."""
    names: list[str] = []
    for event in items:
        if event["kind"] == "process.step_left" and event["data"]["how"] == "completed":
            names.append(event["data"]["element"])
        elif event["kind"] == "process.advanced":
            names += event["data"].get("done", [])
    return names


def test_every_hard_order_agrees_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    hard: tuple[tuple[str, str, list[set[str]]], ...] = (
        ("loan", "disburse", [{"first_review"}, {"second_review"}, FINALS]),
        ("large_transfer", "execute", [{"review", "automatic_check"}]),
        ("account_opening", "open_account", [{"accept", "check_papers"}]),
        ("revision", "release", [{"approve"}]),
    )
    acts = in_order = 0
    for slug, act, needed in hard:
        here = 0
        for items in of_procedure(events, slug).values():
            names = completed(items)
            if act in names:
                here += 1
                before = set(names[: names.index(act)])
                in_order += all(before & some for some in needed)
        assert here > 0, slug
        acts += here

    assert counted(found, "K19") == (in_order, acts)


def test_complaints_agree_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    complaints = answered = on_time = decided = 0
    last = max(event["occurred_at"] for event in events)
    now = (last - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    first: list[tuple[int, int | None]] = []
    for items in of_procedure(events, "complaint").values():
        clocks: dict[str, dict[str, int]] = defaultdict(dict)
        kind = None
        for event in items:
            data = event["data"]
            if event["kind"] == "process.advanced":
                kind = data.get("set", {}).get("kind", kind)
            if event["kind"].startswith("clocks.") and "due_at" in data:
                clocks[data["clock"]]["due"] = data["due_at"]
            if event["kind"] == "clocks.resumed":
                clocks[data["clock"]].pop("stopped", None)
            if event["kind"] == "clocks.stopped":
                clocks[data["clock"]]["stopped"] = data["at"]
        complaints += kind == "complaint"
        first.append((clocks["first_response"]["due"], clocks["first_response"].get("stopped")))
        result = clocks.get("result")
        if result and ("stopped" in result or result["due"] <= now):
            decided += 1
            on_time += "stopped" in result and result["stopped"] < result["due"]
    due = [item for item in first if item[1] is not None or item[0] <= now]
    answered = sum(stopped is not None and stopped < limit for limit, stopped in due)

    assert counted(found, "K05") == (answered, len(due))
    assert counted(found, "K03") == (on_time, decided)
    assert counted(found, "K02")[0] == complaints > 0


def test_three_people_agree_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    three = decided = 0
    for items in of_procedure(events, "loan").values():
        ended = [
            (event["data"]["element"], event["data"].get("by", []))
            for event in items
            if event["kind"] == "process.step_left" and event["data"]["how"] == "completed"
        ]
        names = [name for name, _ in ended]
        people: dict[str, set[str]] = defaultdict(set)
        for event in items:
            if event["kind"] in ("process.step_left", "process.task_signed"):
                element = event["data"]["element"]
                level = "final" if element in FINALS else element
                people[level] |= set(event["data"].get("by", []))
        if FINALS & set(names):
            decided += 1
            levels = [people["first_review"], people["second_review"], people["final"]]
            everybody = [person for level in levels for person in level]
            three += all(levels) and len(set(everybody)) == len(everybody)

    assert counted(found, "K24") == (three, decided)
    assert decided > 0


def of_register(events: list[Event], register: str) -> list[tuple[str, dict[str, Any]]]:
    """(state, values) of every entry, from its events alone."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for event in events:
        data = event["data"]
        if event["kind"].startswith("records.") and data.get("register") == register:
            if event["kind"] in ("records.entered", "records.corrected"):
                found[event["stream"]] = ("entered", data["values"])
            else:
                state = event["kind"].removeprefix("records.").replace("voided", "void")
                found[event["stream"]] = (state, found[event["stream"]][1])
    return list(found.values())


def in_january(values: dict[str, Any], name: str) -> bool:
    return str(values[name]).startswith("2026-01-")


def test_errors_over_transactions_agree_with_a_recount(
    simulated: tuple[Board, list[Event]],
) -> None:
    found, events = simulated
    errors = [
        values
        for state, values in of_register(events, "operation-error")
        if state == "confirmed" and in_january(values, "found_on")
    ]
    transactions = sum(
        values["transactions"]
        for state, values in of_register(events, "transaction-volume")
        if state != "void" and in_january(values, "day")
    )

    assert counted(found, "K22") == (len(errors), transactions)
    assert errors
    by_unit = {
        item.scope: (item.numerator, item.denominator)
        for item in found.measurements
        if item.id == "K22" and item.scope != "institution"
    }
    assert sum(part[0] or 0 for part in by_unit.values()) == len(errors)
    assert sum(part[1] or 0 for part in by_unit.values()) == transactions


def scores_of(events: list[Event], survey: str) -> list[int]:
    """The scores of the valid answers to a survey in January."""
    return [
        values["score"]
        for state, values in of_register(events, "survey-answer")
        if state != "void"
        and values["survey"] == survey
        and values["valid"]
        and values.get("score") is not None
        and in_january(values, "answered_on")
    ]


def test_satisfied_answers_agree_with_a_recount(simulated: tuple[Board, list[Event]]) -> None:
    found, events = simulated
    scores = scores_of(events, "service")

    assert counted(found, "K01") == (sum(score >= 4 for score in scores), len(scores))
    assert len(scores) > 10


def test_called_back_complainants_agree_with_a_recount(
    simulated: tuple[Board, list[Event]],
) -> None:
    found, events = simulated
    scores: list[int] = []
    for items in of_procedure(events, "complaint").values():
        answer: dict[str, Any] = {}
        for event in items:
            if event["kind"] == "process.advanced" and "reached" in event["data"].get("set", {}):
                answer = event["data"]["set"]
        if answer.get("reached") and answer.get("score") is not None:
            scores.append(answer["score"])

    assert counted(found, "K06") == (sum(score >= 4 for score in scores), len(scores))
    assert scores


def test_limits_of_regulation_agree_with_a_recount(
    simulated: tuple[Board, list[Event]],
) -> None:
    found, events = simulated
    last = max(event["occurred_at"] for event in events)
    now = (last - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    in_time = decided = 0
    for items in of_procedure(events, "complaint").values():
        runs: dict[str, dict[str, int]] = defaultdict(dict)
        for event in items:
            data = event["data"]
            if event["kind"] in ("clocks.started", "clocks.resumed", "clocks.recomputed"):
                runs[data["clock"]] |= {"due": data["due_at"]} if "due_at" in data else {}
            if event["kind"] == "clocks.resumed":
                runs[data["clock"]].pop("stopped", None)
            if event["kind"] == "clocks.stopped":
                runs[data["clock"]]["stopped"] = data["at"]
        # A complaint that was classified anew has had both limits.
        for clock in ("regulation_simple", "regulation_complex"):
            first = runs.get(clock)
            if first is None:
                continue
            kept = first.get("stopped", now + 1) < first["due"]
            is_extended = kept and "regulation_extended" in runs
            judged = runs["regulation_extended"] if is_extended else first
            if "stopped" in judged or judged["due"] <= now:
                decided += 1
                in_time += judged.get("stopped", judged["due"]) < judged["due"]

    assert counted(found, "K04") == (in_time, decided)
    assert decided > 5


def test_customers_who_can_follow_agree_with_a_recount(
    simulated: tuple[Board, list[Event]],
) -> None:
    found, events = simulated
    waiting = {
        items[0]["data"]["customer"]
        for slug in ("acceptance", "account_opening", "loan", "large_transfer", "complaint")
        for items in of_procedure(events, slug).values()
        if not any(event["kind"] == "process.case_ended" for event in items)
    }
    able = {
        values["customer"]
        for state, values in of_register(events, "channel-registration")
        if state != "void" and values["active"]
    }

    assert counted(found, "K13") == (len(waiting & able), len(waiting))
    assert 0 < len(waiting & able) < len(waiting)


def test_what_has_no_source_is_no_data_and_never_met(
    simulated: tuple[Board, list[Event]],
) -> None:
    found, events = simulated
    status = {item.id: item.status for item in found.measurements if item.scope == "institution"}

    kept = of_register(events, "violation")
    assert status["K36"] == ("no_target" if kept else "no_data")
    assert {status[name] for name in ("K04", "K19")} == {"met"}
    assert status["K02"] == "no_target"
    assert status["K14"] == "critical"


def test_a_clause_is_alive_only_with_all_three(simulated: tuple[Board, list[Event]]) -> None:
    found, _ = simulated

    alive = {name for name, state in found.liveness.items() if state.is_alive}

    assert {"ACP-06", "ACP-07", "CRD-03", "CRD-04", "APR-03", "CMP-05", "CMP-06"} <= alive
    assert found.liveness["MON-04"].missing == ("control", "indicator", "evidence")
    assert "ACP-01" in alive
    assert found.liveness["ACP-01"].metric is not None


def test_an_empty_journal_measures_nothing() -> None:
    make_room(fresh=True)

    assert board_now().measurements == ()
