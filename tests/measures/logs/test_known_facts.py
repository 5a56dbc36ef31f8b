"""The facts that are known of real logs come out exactly (``SOURCES.md`` beside them)."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from tests.conftest import shared_folder
from touchstone.kernel.limits import Limit
from touchstone.kernel.workdays import Calendar
from touchstone.measures.logs import store
from touchstone.measures.logs.checking import Checker
from touchstone.measures.logs.importing import describe, read_log
from touchstone.measures.logs.mining import mine_parquet
from touchstone.measures.logs.store import LogNote

DAY = 86_400


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "event-logs"


@pytest.fixture(scope="module")
def imported(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[LogNote, Path]]:
    """Every log beside the project, read and written as Parquet."""
    found = {}
    for file in sorted(folder.glob("*.xes*")):
        log = read_log(file)
        path = tmp_path_factory.mktemp("logs") / "events.parquet"
        pq.write_table(log.events, path)
        name = store.log_id(file.name)
        found[name] = (describe(log, name, file.name, "-"), path)
    return found


@pytest.mark.parametrize(
    ("log", "cases", "events", "activities", "variants", "pairs"),
    [
        ("bpic2012", 13_087, 262_200, 24, 4_366, 125),
        ("helpdesk", 4_580, 21_348, 14, 226, None),
        ("receipt", 1_434, 8_577, 27, 116, None),
        ("domesticdeclarations", 10_357, None, None, None, None),
        ("running-example", 6, 42, 8, None, None),
    ],
)
def test_counts_are_the_known_ones(
    imported: dict[str, tuple[LogNote, Path]], log: str, cases: int, events: int | None,
    activities: int | None, variants: int | None, pairs: int | None,
) -> None:  # fmt: skip
    note, path = imported[log]
    mined = mine_parquet(path)

    found = (note.cases, note.events, note.activities, note.variants, note.directly_follows_pairs)
    known = (cases, events, activities, variants, pairs)
    assert [f for f, k in zip(found, known, strict=True) if k] == [k for k in known if k]
    assert (mined.cases, len(mined.variants)) == (note.cases, note.variants)
    assert len(mined.directly_follows) == note.directly_follows_pairs


def test_the_loan_log_has_the_known_variant_and_durations(
    imported: dict[str, tuple[LogNote, Path]],
) -> None:
    mined = mine_parquet(imported["bpic2012"][1])

    assert mined.variants[0] == (("A_SUBMITTED", "A_PARTLYSUBMITTED", "A_DECLINED"), 3_429)
    assert round(mined.median_case_seconds / DAY, 2) == 0.81
    assert round(mined.mean_case_seconds / DAY, 2) == 8.62


def test_the_help_desk_has_the_known_mean_duration(
    imported: dict[str, tuple[LogNote, Path]],
) -> None:
    assert round(mine_parquet(imported["helpdesk"][1]).mean_case_seconds / DAY, 2) == 40.86


def test_two_declarations_were_paid_without_the_final_approval(
    imported: dict[str, tuple[LogNote, Path]],
) -> None:
    checker = Checker(imported["domesticdeclarations"][1])
    approval = "Declaration FINAL_APPROVED by SUPERVISOR"

    order = checker.order(approval, "Payment Handled")

    assert (len(order.violations), order.base) == (2, 9_912)
    within = checker.within(
        approval, "Payment Handled", Limit.parse("5wd"), Calendar("weekdays", {})
    )
    assert within.without_from == order.violations
    assert within.judged == 9_912 - 2


def test_the_loan_log_is_judged_as_a_recount_by_hand_judged_it(
    imported: dict[str, tuple[LogNote, Path]],
) -> None:
    checker = Checker(imported["bpic2012"][1])
    weekdays = Calendar("weekdays", {}, zone=ZoneInfo("Europe/Amsterdam"))

    within = checker.within("A_SUBMITTED", "A_ACCEPTED", Limit.parse("2wd"), weekdays)
    eyes = checker.four_eyes("A_SUBMITTED", "A_APPROVED")

    # Counted once over the XML by a loop over days and hours that shares no code with the product.
    assert (within.judged, len(within.breaches)) == (5_113, 190)
    assert within.median_working_seconds == 6662.432
    assert (len(eyes.violations), eyes.base) == (3, 2_246)


def test_a_recount_with_nothing_but_the_standard_library_agrees(
    folder: Path, imported: dict[str, tuple[LogNote, Path]]
) -> None:
    text = gzip.decompress((folder / "receipt.xes.gz").read_bytes()).decode()
    cases: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, trace in enumerate(re.findall(r"<trace>.*?</trace>", text, re.DOTALL)):
        for event in re.findall(r"<event>.*?</event>", trace, re.DOTALL):
            name = re.search(r'key="concept:name" value="([^"]*)"', event)
            at = re.search(r'key="time:timestamp" value="([^"]*)"', event)
            assert name
            assert at
            cases[number].append((at[1], name[1]))
    ordered = [
        sorted(((dt.datetime.fromisoformat(at), name) for at, name in events), key=lambda e: e[0])
        for events in cases.values()
    ]
    variants = Counter(tuple(name for _, name in events) for events in ordered)
    follows = Counter((a, b) for events in ordered for (_, a), (_, b) in pairwise(events))
    seconds = [(events[-1][0] - events[0][0]).total_seconds() for events in ordered]

    mined = mine_parquet(imported["receipt"][1])

    assert dict(mined.variants) == variants
    assert {(a, b): n for a, b, n, _ in mined.directly_follows} == follows
    assert mined.median_case_seconds == pytest.approx(median(seconds))
    assert mined.mean_case_seconds == pytest.approx(mean(seconds))
