"""OCEL 2.0 is read from all three forms, seen from one type of object."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import shared_folder
from touchstone.kernel.refusal import Refusal
from touchstone.measures.logs.importing import read_log
from touchstone.measures.logs.ocel import read_ocel
from touchstone.measures.logs.problems import LogBroken


@pytest.mark.parametrize(
    ("name", "zone"),
    # The example's XML and SQLite hold the same instants as local times of Central Europe.
    [("jsonocel", "UTC"), ("xmlocel", "Europe/Berlin"), ("sqlite", "Europe/Berlin")],
)
def test_the_standards_example_reads_alike_in_all_three_forms(name: str, zone: str) -> None:
    folder = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "ocel"

    log = read_ocel(folder / f"ocel20_example.{name}", "Purchase Order", ZoneInfo(zone))

    rows = log.events.to_pylist()
    assert [(row["case_id"], row["activity"]) for row in rows] == [
        ("PO1", "Create Purchase Order"), ("PO1", "Change PO Quantity"), ("PO1", "Insert Invoice"),
        ("PO1", "Insert Invoice"), ("PO2", "Create Purchase Order"),
    ]  # fmt: skip
    assert rows[0]["timestamp"].isoformat() == "2022-01-10T08:15:00+00:00"
    assert rows[0]["event:po_creator"] == "Mike"
    assert log.cases.to_pylist()[0] == {
        "case_id": "PO1",
        "case:po_product": "Cows",
        "case:po_quantity": "500",
    }


def test_the_case_is_what_most_events_are_about_unless_it_is_said() -> None:
    path = shared_folder("TOUCHSTONE_SHARED_DATA", "data") / "ocel" / "ocel20_example.jsonocel"

    about = Counter(
        kind
        for event in json.loads(path.read_text())["events"]
        for kind in {kind_of(path, item["objectId"]) for item in event["relationships"]}
    )
    most = max(sorted(about), key=lambda kind: about[kind])
    unsaid, said = read_log(path), read_log(path, case_type=most)

    assert unsaid.events.equals(said.events)
    with pytest.raises(Refusal) as refused:
        read_log(path, case_type="Cow")
    assert refused.value.code == "log.case_type_needed"
    assert "Purchase Requisition" in refused.value.text.en


def kind_of(path: Path, identity: str) -> str:
    """The type of an object by the file itself."""
    objects = json.loads(path.read_text())["objects"]
    return next(str(item["type"]) for item in objects if item["id"] == identity)


GOOD = {
    "objectTypes": [], "eventTypes": [],
    "objects": [{"id": "o1", "type": "order"}],
    "events": [{"id": "e1", "type": "made", "time": "2026-01-01T00:00:00Z",
                "attributes": [{"name": "actor", "value": "li"}, {"name": "n", "value": 3}],
                "relationships": [{"objectId": "o1", "qualifier": ""}, {"objectId": "o1", "qualifier": "x"}]}],
}  # fmt: skip


def test_an_event_stands_once_in_a_case_and_its_actor_is_the_resource(tmp_path: Path) -> None:
    (tmp_path / "l.json").write_text(json.dumps(GOOD))

    rows = read_log(tmp_path / "l.json").events.to_pylist()

    assert [(row["case_id"], row["resource"], row["event:n"]) for row in rows] == [
        ("o1", "li", "3")
    ]


def wrong_time() -> str:
    return json.dumps(GOOD).replace("2026-01-01T00:00:00Z", "soon")


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("l.json", "{", (1, "log.json_broken")),
        ("l.json", "[1, 2]", (0, "log.not_ocel")),
        ("l.json", '{"objects": [{"id": "o"}], "events": []}', (0, "log.not_ocel")),
        ("l.json", wrong_time(), (0, "log.wrong_type")),
        ("l.xmlocel", "<log><objects></log>", (1, "log.not_well_formed")),
        ("l.xmlocel", "<log/>", (0, "log.not_ocel")),
        ("l.xmlocel", "<log><events><event/></events></log>", (0, "log.not_ocel")),
        (
            "l.xmlocel",
            '<!DOCTYPE log [<!ENTITY a "b">]>\n<log>&a;</log>',
            (1, "log.doctype_refused"),
        ),
        ("l.sqlite", "not a database at all", (0, "log.not_ocel")),
        ("l.sqlite", "", (0, "log.not_ocel")),
    ],
)
def test_what_is_not_ocel_is_named(
    tmp_path: Path, name: str, content: str, found: tuple[int, str]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    with pytest.raises(LogBroken) as broken:
        read_log(tmp_path / name)

    assert [(problem.line, problem.code) for problem in broken.value.problems] == [found]
