"""The journal leaves the house in three formats, each readable by others, each the same every time."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree

from tests.conftest import shared_folder
from touchstone.journal.export import export
from touchstone.journal.reading import EventRow, decode_facts, encode_facts
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.kernel.refusal import Refusal
from touchstone.measures.logs.importing import read_log

ZHANG = "zhang_san"


def row(stream: str, position: int, *facts: Fact, actor: str = ZHANG, at: int = 0) -> EventRow:
    instant = 1_772_415_000_000_000 + at * 60_000_000
    return EventRow(
        position, 0, stream, position, "process.complete_task", actor, "li_si" if position == 2 else None,
        instant, instant + 1, None, encode_facts(facts), bytes(32),
    )  # fmt: skip


@pytest.fixture
def rows() -> list[EventRow]:
    loan = ObjectRef("customer", "c1", "borrower")
    return [
        row("case:a", 1, Fact("process.case_started", {"procedure": "loan", "amount": "1000.50"}, (loan,))),
        row(
            "case:a", 2,
            Fact("process.step_left", {"element": "初审", "late": False, "round": 1, "note": 'a<b & "c"\n\x01'}),
            Fact("clocks.stopped", {"clock": "first_review", "data": {"used": [1, 2]}, "none": None}),
            at=5,
        ),
        row("case:b", 1, Fact("process.case_started", {"procedure": "loan", "amount": 7}), at=9),
        row("customer:c1", 1, Fact("records.customer_opened", {"actor": "x", "id_valid": True}), at=1),
        row("directory", 1, Fact("identity.person_added", {"person": ZHANG}), actor="system:init"),
    ]  # fmt: skip


def facts_in(rows: list[EventRow]) -> list[tuple[str, int, int, Fact]]:
    return [
        (r.stream, r.position, n, fact)
        for r in rows
        for n, fact in enumerate(decode_facts(r.payload))
    ]


def test_parquet_holds_every_fact_and_gives_it_back(rows: list[EventRow], tmp_path: Path) -> None:
    summary = export(rows, "parquet", tmp_path / "out" / "facts.parquet")

    table = pq.read_table(summary.files[0]).to_pylist()
    back = [
        (
            line["stream"],
            line["position"],
            line["index"],
            Fact(
                line["kind"],
                json.loads(line["data"]),
                tuple(ObjectRef(o["type"], o["id"], o["qualifier"]) for o in line["objects"]),
                line["version"],
            ),
        )
        for line in table
    ]
    assert back == facts_in(rows)
    # case a and b, customer c1, directory, zhang_san, li_si, system:init
    assert (summary.events, summary.objects) == (6, 7)
    assert table[1]["occurred_at"].isoformat() == "2026-03-02T01:35:00+00:00"


def test_xes_holds_cases_only_and_reads_back(rows: list[EventRow], tmp_path: Path) -> None:
    summary = export(rows, "xes", tmp_path / "journal.xes.gz")

    log = read_log(summary.files[0])
    events = log.events.to_pylist()
    assert summary.events == 4
    assert log.cases.column("case_id").to_pylist() == ["a", "b"]
    assert [event["activity"] for event in events] == [
        "process.case_started", "process.step_left: 初审", "clocks.stopped", "process.case_started",
    ]  # fmt: skip
    assert events[1]["event:data:note"] == 'a<b & "c"\n\ufffd'
    assert events[1]["resource"] == ZHANG
    assert events[1]["timestamp"].isoformat() == "2026-03-02T01:35:00+00:00"


@pytest.mark.parametrize("name", ["j.jsonocel", "j.xmlocel", "j.sqlite"])
def test_ocel_reads_back_the_same_in_every_form(
    rows: list[EventRow], tmp_path: Path, name: str
) -> None:
    summary = export(rows, "ocel", tmp_path / name)

    log = read_log(summary.files[0], case_type="person")
    assert (summary.events, summary.objects) == (6, 7)
    assert log.cases.column("case_id").to_pylist() == ["person:li_si", f"person:{ZHANG}"]
    assert [event["activity"] for event in log.events.to_pylist()] == [
        "process.step_left", "clocks.stopped",
        "process.case_started", "records.customer_opened", "process.step_left", "clocks.stopped",
        "process.case_started",
    ]  # fmt: skip


def test_ocel_xml_is_valid_by_the_schema_of_the_standard(
    rows: list[EventRow], tmp_path: Path
) -> None:
    schema = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "ocel" / "ocel2-validation.xsd"
    export(rows, "ocel", tmp_path / "j.xmlocel")

    rules = etree.XMLSchema(etree.parse(str(schema)))
    assert rules.validate(etree.parse(str(tmp_path / "j.xmlocel"))), rules.error_log


def test_ocel_json_has_the_shape_of_the_standards_example(
    rows: list[EventRow], tmp_path: Path
) -> None:
    folder = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "ocel"
    example = json.loads((folder / "ocel20_example.jsonocel").read_text(encoding="utf-8"))
    export(rows, "ocel", tmp_path / "j.jsonocel")
    ours = json.loads((tmp_path / "j.jsonocel").read_text(encoding="utf-8"))

    assert ours.keys() == example.keys()
    for part in ("objectTypes", "eventTypes", "events"):
        assert ours[part][0].keys() == example[part][0].keys()
    amounts = [
        value["value"]
        for event in ours["events"]
        for value in event["attributes"]
        if value["name"] == "data.amount"
    ]
    assert amounts == ["1000.50", "7"], "an attribute of two types is text throughout"


def test_ocel_sqlite_has_the_tables_of_the_standards_example(
    rows: list[EventRow], tmp_path: Path
) -> None:
    folder = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "ocel"
    export(rows, "ocel", tmp_path / "j.sqlite")

    def columns(path: Path) -> dict[str, list[str]]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            names = [
                r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            return {n: [r[1] for r in database.execute(f'PRAGMA table_info("{n}")')] for n in names}

    fixed = {
        "event",
        "object",
        "event_object",
        "object_object",
        "event_map_type",
        "object_map_type",
    }
    ours, example = columns(tmp_path / "j.sqlite"), columns(folder / "ocel20_example.sqlite")
    assert {n: ours[n] for n in fixed} == {n: example[n] for n in fixed}
    assert ours["event_ProcessCaseStarted"][:2] == ["ocel_id", "ocel_time"]


@pytest.mark.parametrize(
    ("format", "name"), [("parquet", "j.parquet"), ("xes", "j.xes.gz"), ("ocel", "all")]
)
def test_the_same_rows_give_the_same_bytes(
    rows: list[EventRow], tmp_path: Path, format: str, name: str
) -> None:
    first = export(rows, format, tmp_path / "one" / name)
    second = export(rows, format, tmp_path / "two" / name)

    assert len(first.files) == (3 if format == "ocel" else 1)
    assert [f.read_bytes() for f in first.files] == [f.read_bytes() for f in second.files]


def test_xes_bytes_carry_no_time_of_the_machine(rows: list[EventRow], tmp_path: Path) -> None:
    export(rows, "xes", tmp_path / "j.xes.gz")
    export(rows, "xes", tmp_path / "j.xes")

    packed = (tmp_path / "j.xes.gz").read_bytes()
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed) == (tmp_path / "j.xes").read_bytes()


@dataclass
class Torn:
    stream: str

    def recorded(self) -> Iterator[Recorded]:
        raise ValueError("tampered payload")


@pytest.mark.parametrize("format", ["parquet", "xes", "ocel"])
def test_an_export_that_fails_leaves_the_earlier_file_as_it_was(
    rows: list[EventRow], tmp_path: Path, format: str
) -> None:
    path = tmp_path / {"parquet": "j.parquet", "xes": "j.xes", "ocel": "j.sqlite"}[format]
    export(rows, format, path)
    before = path.read_bytes()

    with pytest.raises(ValueError, match="tampered"):
        export([*rows, Torn("case:z")], format, path)

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"export\.unknown_format"):
        export([], "csv", tmp_path / "x")


def test_a_path_that_cannot_be_written_is_refused(rows: list[EventRow], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(Refusal, match=r"export\.not_writable"):
        export(rows, "parquet", tmp_path / "file" / "j.parquet")
