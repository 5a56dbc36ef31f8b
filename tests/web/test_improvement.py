"""The pages of findings: what they say, who may know of what, and the ledger as a spreadsheet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client

from touchstone.improvement.queries import Asked, findings
from touchstone.simulation.run import Simulation

AsPerson = Callable[[str], Client]
Holder = Callable[..., str]


def test_the_quality_officer_sees_every_finding_and_its_case(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    client, found = as_person(holder("quality_officer")), findings(Asked(level="finding"))
    assert found, "a simulated bank has findings"

    page = client.get("/findings/").content.decode()
    assert all(f"/findings/{row['id']}/" in page for row in found)
    one = client.get(f"/findings/{found[0]['id']}/")
    assert one.status_code == 200
    assert f"/cases/{found[0]['repair']}/" in one.content.decode()
    english = client.get(f"/findings/{found[0]['id']}/?lang=en").content.decode()
    assert "From clause to repair" in english


def test_a_branch_head_knows_of_his_own_branch_alone(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    row = findings(Asked(level="finding"))[0]
    other = next(unit for unit in ("b1", "b2", "b3") if unit != row["unit"])
    own = as_person(holder("branch_head", row["unit"]))
    assert row["id"] in own.get("/findings/").content.decode()
    elsewhere = as_person(holder("branch_head", other))
    for address in ("/findings/", f"/findings/?unit={row['unit']}", "/findings/ledger.xlsx"):
        assert row["id"].encode() not in elsewhere.get(address).content
    assert elsewhere.get(f"/findings/{row['id']}/").status_code == 404


def test_the_ledger_is_a_spreadsheet_in_the_columns_banks_keep(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    answer = as_person(holder("quality_officer")).get("/findings/ledger.xlsx")
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    rows = re.findall(r"<row ", sheet)
    found = [*findings(Asked(level="finding")), *findings(Asked(level="finding"), state="closed")]
    assert len(rows) == len(found) + 1
    assert "<f>" not in sheet, "nothing is a formula"
    for column in ("编号", "责任单位", "定性依据", "严重程度", "归口部门", "根因", "销号日期"):
        assert column in words
    assert found[0]["id"] in words


@pytest.mark.parametrize("tab", ["findings", "hints", "closed", "nonsense"])
def test_an_empty_page_teaches(
    bank: Simulation, as_person: AsPerson, holder: Holder, tab: str
) -> None:
    page = as_person(holder("quality_officer")).get(f"/findings/?tab={tab}&owner=legal")
    assert page.status_code == 200
    assert page.content.decode().count('aria-current="page"') >= 1


def test_what_is_repaired_already_is_not_begun_again(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    row = findings(Asked(level="finding"))[0]
    client = as_person(holder("quality_officer"))
    answer = client.post(f"/findings/{row['id']}/repair/", {"unit": "b1"})
    assert answer.status_code == 422
    assert "improvement.repair_begun" in answer.content.decode()
