"""An approved revision puts its new value in force: later cases bind to it, running ones keep theirs."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import connection

from touchstone.journal.followers import FollowerRun
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import ActContext
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.packs.amending import amended_overlay
from touchstone.packs.apply import apply_overlay
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import split_pool
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.machines import run_due
from touchstone.process.actions.tasks import complete_task
from touchstone.simulation.bank import Employee, found_bank
from touchstone.simulation.reset import make_room

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
DAY = dt.date(2026, 3, 2)
FACETS = ("has_clause", "has_control", "has_indicator", "has_evidence", "scope_set", "owner_set")
PARAMETER = "complaint.callback_limit"


class Bank:
    """The shipped standard, with every post held."""

    def __init__(self) -> None:
        make_room(fresh=True)
        self.clock = VirtualClock(at_local(DAY, dt.time(9)))
        self.context = ActContext("system:worker", self.clock, SeededChance(7))
        self.staff: tuple[Employee, ...] = found_bank(self.context, Random(7))
        self.followers = FollowerRun()
        self.machines()

    def machines(self) -> None:
        while run_due(self.context) + self.followers.deliver(self.context):
            pass

    def by(self, post: str, unit: str = "head") -> ActContext:
        held = [item for item in self.staff if post in item.posts and item.unit == unit]
        return replace(self.context, actor=held[0].id)

    def begin(self) -> str:
        case = start_case(
            self.by("document_owner"),
            "revision",
            unit="head",
            values={
                "change_class": "parameter",
                "trigger": "breach_trend",
                "clause_ref": "CMP-09",
            },
        )
        self.machines()
        return case

    def do(self, case: str, element: str, paper: str | None = None, **values: Any) -> None:
        task, pool = next(item[::2] for item in tasks(case) if item[1] == element)
        posts, unit = split_pool(pool)
        by = self.by(posts[-1] if element == "approve" else posts[0], unit)
        evidence = {}
        if paper:
            file = hand_in(by, AtTask(task), "paper.txt", f"{case} {paper}\n".encode())
            evidence = {paper: file.sha256}
        complete_task(by, task, values, evidence=evidence)
        self.machines()


def tasks(case: str) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, element, pool FROM process_task WHERE case_id = %s"
            " AND state IN ('open', 'claimed') ORDER BY id",
            (case,),
        )
        return list(cursor.fetchall())


def variables(case: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT engine FROM process_case WHERE id = %s", (case,))
        return dict(json.loads(cursor.fetchone()[0])["vars"])


@pytest.fixture
def bank() -> Bank:
    return Bank()


def drafted(bank: Bank, parameter: str, value: str) -> str:
    case = bank.begin()
    bank.do(
        case,
        "impact_analysis",
        controls_touched=1,
        indicators_touched=0,
        procedures_touched=1,
        training_needed=True,
        list_checked=True,
    )
    facets = dict.fromkeys(FACETS, True)
    bank.do(case, "draft", **facets, change_parameter=parameter, proposed_value=value)
    return case


def test_a_released_value_is_in_force_from_its_day_on(bank: Bank) -> None:
    before = catalogue().version
    case = drafted(bank, PARAMETER, "2wd")
    assert variables(case)["trial_clocks"] == 0, "tried on the past, in which there was none"
    bank.do(
        case, "backtest", "backtest_attestation",
        backtest_result="better", window_days=365, attested=True,
    )  # fmt: skip
    bank.do(case, "countersign_compliance", opinion="approve", comments_resolved=True)
    bank.do(case, "approve", opinion="approve", effective_from="2026-04-01")
    assert catalogue().version == before, "nothing is in force before it is released"
    bank.do(case, "approve_second", opinion="approve")
    bank.do(
        case, "confirm_training", "training_attestation",
        pass_share=97, qualified_per_post=2, attested=True,
    )  # fmt: skip
    bank.do(case, "release", old_version_withdrawn=True)

    assert catalogue().version == before + 1
    known = catalogue().parameter(PARAMETER)
    assert known is not None
    assert str(known.limit_on(dt.date(2026, 3, 31))) == "5wd"
    assert str(known.limit_on(dt.date(2026, 4, 1))) == "2wd"
    own = known.values[-1]
    assert own.own
    assert own.source.startswith("P18-")
    running = catalogue(before).parameter(PARAMETER)
    assert running is not None
    assert str(running.limit_on(dt.date(2026, 4, 1))) == "5wd", "what runs keeps its version"
    assert verify().ok
    assert all(table.differences == 0 for table in replay().values())


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("complaint.result_limit", "24h"),
        ("complaint.no_such", "24h"),
        (PARAMETER, "soon"),
        ("improvement.methods", "lean"),
    ],
)
def test_what_cannot_be_made_goes_back_to_the_draft(bank: Bank, parameter: str, value: str) -> None:
    case = drafted(bank, parameter, value)
    assert [element for _, element, _ in tasks(case)] == ["draft"]


def test_a_value_is_added_and_never_put_before_a_later_one(bank: Bank) -> None:
    first = amended_overlay(catalogue(), PARAMETER, dt.date(2026, 4, 1), "2wd", "one")
    assert (
        first.content
        == amended_overlay(catalogue(), PARAMETER, dt.date(2026, 4, 1), "2wd", "one").content
    )
    apply_overlay(bank.by("standard_manager"), first)
    again = amended_overlay(catalogue(), PARAMETER, dt.date(2026, 4, 1), "3wd", "two")
    assert b'"3wd"' in again.content
    assert b'"2wd"' not in again.content
    with pytest.raises(Refusal) as refused:
        amended_overlay(catalogue(), PARAMETER, dt.date(2026, 3, 1), "4wd", "three")
    assert refused.value.code == "packs.overlay_days"
