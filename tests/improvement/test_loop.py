"""From a measured window to a finding, its repair, corrective action, and back; on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from touchstone.improvement.models import Finding
from touchstone.improvement.queries import Asked, finding_counts, findings
from touchstone.journal.followers import FollowerRun
from touchstone.journal.replay import replay
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.journal.verify import verify
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.facts import Fact
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.measures.folds import indicator_stream
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import split_pool
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.machines import run_due
from touchstone.process.actions.tasks import complete_task
from touchstone.simulation.bank import Employee, found_bank
from touchstone.simulation.reset import make_room

pytestmark = pytest.mark.database
CLOCK = VirtualClock(at_local(dt.date(2026, 1, 5), dt.time(9)))

VALUES: Mapping[str, Mapping[str, Any]] = {
    "contain": {"contained": True},
    "plan": {"root_cause": "not_followed", "measures": 2, "owner_named": True},
    "countersign_plan": {"opinion": "approve"},
    "approve_plan": {"opinion": "approve"},
    "report_progress": {"progress": "done"},
    "repair": {"measures_done": 2},
    "verify": {"verdict": "effective", "sample": 30, "new_data": True},
    "close": {"closed_with": "repaired"},
}
PAPERS = {"plan": "rectification_plan", "repair": "repair_evidence"}
ACTION: Mapping[str, Mapping[str, Any]] = {
    "charter": {"measured_by": "indicator", "baseline_frozen": True},
    "contain": {"contained": True},
    "analyse": {"log_used": True, "rework_share": 12},
    "find_cause": {"cause_class": "people", "cause_method": "five_why", "confirmed": True},
    "plan": {
        "improvement_method": "lean",
        "actions": 2,
        "owner_named": True,
        "due_on": "2026-12-01",
    },
    "approve": {"opinion": "approve"},
    "implement": {"actions_done": 2},
    "assess": {"verdict": "effective", "sample": 30, "new_data": True},
    "standardise": {"standardise_by": "none"},
    "close": {"shared": True},
}
ACTION_PAPERS = {
    "analyse": "process_analysis",
    "plan": "action_plan",
    "implement": "action_evidence",
}


class Bank:
    """A founded bank whose measurements a test writes itself."""

    def __init__(self, context: ActContext, staff: tuple[Employee, ...]) -> None:
        self.context, self.staff = context, staff
        self.followers = FollowerRun()

    def machines(self) -> None:
        while run_due(self.context) + self.followers.deliver(self.context):
            pass

    def measured(
        self, month: int, value: str | None, *, indicator: str = "K14", scope: str = "branch:b1"
    ) -> None:
        """The value of a month, counted from January 2026, as the night that ends it records it."""
        following = dt.date(2026 + month // 12, month % 12 + 1, 1)
        CLOCK.move_to(at_local(following, dt.time(0, 30)))
        last = following - dt.timedelta(days=1)
        item = catalogue().get("indicator", indicator)
        assert item is not None
        status = "no_data" if value is None else "met" if float(value) >= 0.95 else "critical"
        data = {
            "indicator": indicator,
            "as_of": last.isoformat(),
            "scope": scope,
            "period": f"{last:%Y-%m}",
            "numerator": 0 if value is None else round(float(value) * 100),
            "denominator": 0 if value is None else 100,
            "excluded": 0,
            "value": value,
            "status": status,
            "unit": "percent",
            "direction": "up",
            "lines": {"target": "0.95"},
            "clauses": item.data["clauses"],
            "definition": "x",
            "standard": catalogue().version,
            "watermark": 1,
            "counted_until": int(CLOCK.now().timestamp() * 1_000_000),
        }

        def work(unit: UnitOfWork) -> None:
            unit.record(indicator_stream(indicator), Fact("measures.measured", data))

        perform("measures.measure", self.context, work)
        self.machines()

    def finish(
        self,
        case: str,
        values: Mapping[str, Mapping[str, Any]],
        papers: Mapping[str, str],
        until: str = "",
    ) -> None:
        """Do the open steps of a case, one after the other, until a step or its end."""
        done: set[str] = set()
        while steps := [row for row in tasks(case) if row[1] != until and row[0] not in done]:
            task, element, pool = steps[0]
            done.add(task)
            posts, unit = split_pool(pool)
            holders = [
                person
                for person in self.staff
                if person.unit == unit and set(posts) & set(person.posts)
            ]
            by = replace(self.context, actor=holders[-1].id)
            evidence = {}
            if element in papers:
                file = hand_in(by, AtTask(task), "paper.txt", f"{case} {element}\n".encode())
                evidence = {papers[element]: file.sha256}
            complete_task(by, task, values[element], evidence=evidence)
            self.machines()


def tasks(case: str) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, element, pool FROM process_task WHERE case_id = %s"
            " AND state IN ('open', 'claimed') ORDER BY id",
            (case,),
        )
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def keys_in_a_folder_of_their_own(keys: Path, settings: object) -> None:
    """One bank, one signing key."""
    settings.KEYS = keys  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def bank(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Bank]:
    """One bank for the whole file: each test has a branch or an indicator of its own."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        make_room(fresh=True)
        context = ActContext("system:worker", CLOCK, SeededChance(7))
        made = Bank(context, found_bank(context, Random(7)))
        made.machines()
        yield made
        make_room(fresh=True)


def about(scope: str, indicator: str = "K14") -> list[dict[str, Any]]:
    rows = [*findings(Asked()), *findings(Asked(), state="closed")]
    found = [row for row in rows if (row["subject"], row["scope"]) == (indicator, scope)]
    return sorted(found, key=lambda row: (row["opened_at"], row["id"]))  # type: ignore[return-value]


def test_two_bad_months_are_one_finding_that_is_repaired_and_watched(bank: Bank) -> None:
    scope = "branch:b1"
    bank.measured(1, "0.90")
    (hint,) = about(scope)
    assert (hint["level"], hint["repair"], hint["clause"]) == ("hint", None, "ACP-06")

    bank.measured(2, "0.91")
    (found,) = about(scope)
    assert (found["level"], found["why"], found["severity"]) == ("finding", "in_a_row", "medium")
    assert [item["period"] for item in found["windows"]] == ["2026-01", "2026-02"]
    assert found["repair"], "a branch repairs what it broke"
    assert found["action"] is None

    bank.measured(3, "0.90")
    assert len(about(scope)) == 1, "updated, not doubled"
    bank.finish(found["repair"], VALUES, PAPERS)
    (closed,) = about(scope)
    assert (closed["state"], closed["how"], closed["cause"]) == (
        "closed",
        "repaired",
        "not_followed",
    )

    bank.measured(4, "0.90")
    again = about(scope)[-1]
    assert (again["why"], again["severity"], again["repeat_of"]) == (
        "relapse",
        "high",
        closed["id"],
    )
    assert again["recurrences"] == 1
    assert again["action"], "what comes back asks for corrective action"


def test_corrective_action_ends_on_measured_windows_alone(bank: Bank) -> None:
    scope = "branch:b1"
    row = about(scope)[-1]
    bank.finish(row["repair"], VALUES, PAPERS)
    assert about(scope)[-1]["state"] == "open", "the action goes on"
    bank.finish(row["action"], ACTION, ACTION_PAPERS)
    assert tasks(row["action"]) == [], "it waits for the indicator"

    # May had begun when the action was done: it shows nothing of it.
    for month, value in ((5, "0.97"), (6, "0.98"), (7, "0.99"), (8, "0.97")):
        assert tasks(row["action"]) == []
        bank.measured(month, value)
    assert [element for _, element, _ in tasks(row["action"])] == ["assess"]
    bank.finish(row["action"], ACTION, ACTION_PAPERS)
    assert about(scope)[-1]["state"] == "closed"


def test_a_bad_window_after_the_action_leads_back_to_the_cause(bank: Bank) -> None:
    scope = "branch:b2"
    for month in (9, 10):
        bank.measured(month, "0.90", scope=scope)
    first = about(scope)[-1]
    bank.finish(first["repair"], VALUES, PAPERS)
    bank.measured(11, "0.90", scope=scope)
    row = about(scope)[-1]
    bank.finish(row["action"], ACTION, ACTION_PAPERS)

    bank.measured(13, "0.90", scope=scope)

    assert [element for _, element, _ in tasks(row["action"])] == ["find_cause"]
    assert about(scope)[-1]["state"] == "open"


def test_missing_data_is_asked_of_the_owner_once(bank: Bank) -> None:
    bank.measured(14, None, scope="institution")
    bank.measured(15, None, scope="institution")
    (row,) = about("institution")
    assert (row["kind"], row["unit"], row["repair"]) == ("no_data", "head", None)
    assert about("branch:b3") == []
    bank.measured(16, "0.99", scope="institution")
    assert about("institution")[-1]["how"] == "data_came"


def test_what_is_measured_twice_is_judged_once(bank: Bank) -> None:
    bank.measured(17, "0.90", scope="branch:b3")
    bank.measured(17, "0.90", scope="branch:b3")
    (row,) = about("branch:b3")
    assert (row["level"], len(row["windows"])) == ("hint", 1)


def test_a_rectification_that_people_began_is_a_finding_too(bank: Bank) -> None:
    officer = next(person for person in bank.staff if "quality_officer" in person.posts)
    before = finding_counts(Asked()).get(("finding", "open"), 0)
    case = start_case(
        replace(bank.context, actor=officer.id),
        "rectification",
        unit="b3",
        values={"origin": "self_check", "severity": "low", "clause_ref": "TRF-01"},
    )
    bank.machines()
    (row,) = [item for item in findings(Asked(clause="TRF-01")) if item["repair"] == case]
    assert (row["kind"], row["source"], row["unit"]) == ("reported", "self_check", "b3")
    assert finding_counts(Asked())["finding", "open"] == before + 1


def test_three_findings_of_one_cause_ask_for_one_corrective_action(bank: Bank) -> None:
    officer = next(person for person in bank.staff if "quality_officer" in person.posts)
    values = {**VALUES, "plan": {**VALUES["plan"], "root_cause": "supplier"}}
    actions = []
    for _ in range(4):
        case = start_case(
            replace(bank.context, actor=officer.id),
            "rectification",
            unit="b2",
            values={"origin": "self_check", "severity": "low", "clause_ref": "CRD-04"},
        )
        bank.machines()
        bank.finish(case, values, PAPERS)
        (row,) = [
            item
            for item in findings(Asked(clause="CRD-04"), state="closed")
            if item["repair"] == case
        ]
        actions.append(row["action"] is not None)
    assert actions == [False, False, True, False], "one, and not again while it goes on"


@pytest.mark.django_db
def test_the_database_keeps_one_open_finding_of_a_subject_and_scope() -> None:
    said = dict.fromkeys(("kind", "unit", "owner", "clause", "source", "level", "why"), "x")
    numbers = {"windows": "[]", "breaches": 0, "recurrences": 0, "opened_at": 0, "severity": "low"}
    place = {"subject": "K14", "scope": "branch:b1", **said, **numbers}
    Finding.objects.create(id="1", state="closed", **place)
    Finding.objects.create(id="2", state="open", **place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.create(id="3", state="open", **place)


def test_the_journal_gives_every_finding_again(bank: Bank) -> None:
    assert verify().ok
    assert replay()["improvement_finding"].differences == 0
