"""A case file says what the journal says, and shows when it does not."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank
from touchstone.journal.checkpoint import take_checkpoint
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.chain import GENESIS, link
from touchstone.kernel.refusal import Refusal
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.tasks import complete_task
from touchstone.process.casefile import read_casefile, verify_casefile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(small: SmallBank) -> str:
    case = small.begin()
    small.at("03-02", "11:00")
    task = small.task(case, "prepare")
    note = hand_in(small.by("ann"), AtTask(task), "note.txt", b"note")
    complete_task(
        small.by("ann"),
        task,
        {"opinion": "approve", "remark": "家住海淀区学院路"},
        evidence={"note": note.sha256},
    )
    small.complete(case, "check", "bob", number="7")
    take_checkpoint(small.clock)
    small.complete(case, "file", "ann")
    return case


def made(small: SmallBank, case: str) -> dict[str, Any]:
    return dict(json.loads(canonical_text(read_casefile(case, now=small.clock.now()))))


def codes(file: Any) -> dict[str, bool]:
    return {item.code: item.holds for item in verify_casefile(file).findings}


def test_a_file_is_plain_data_and_verifies_when_made_and_later(small: SmallBank, case: str) -> None:
    file = made(small, case)
    small.at("03-20", "10:00")
    small.begin()

    assert file["verification"]["ok"]
    assert verify_casefile(file).ok
    assert codes(file) == {
        "casefile.chain": True,
        "casefile.journal": True,
        "casefile.checkpoint": True,
        "casefile.content": True,
    }
    assert file["chain"]["first"] == file["chain"]["rows"][0]["hash"]
    assert file["chain"]["checkpoint"]["covers"] < len(file["chain"]["rows"])


def test_it_holds_everything_a_reader_of_the_file_asks_for(small: SmallBank, case: str) -> None:
    file = made(small, case)

    assert [step["element"] for step in file["steps"]] == ["prepare", "check", "file"]
    assert {item["id"]: item["sha256"] for item in file["evidence"]} == {
        "note": sha256(b"note").hexdigest()
    }
    assert [clock["clock"] for clock in file["clocks"]] == ["check"]
    assert [point["state"] for point in file["controls"]] == ["passed"] * 4
    assert file["case"]["outcome"] == "end"
    fields = {
        field["name"]: field
        for item in file["submissions"] if item["element"] == "prepare"
        for field in item["fields"]
    }  # fmt: skip
    assert fields["opinion"]["value"] == "approve"
    assert fields["remark"]["masked"] == "******"
    assert "value" not in fields["remark"]


def test_nothing_sealed_is_in_the_file(small: SmallBank, case: str) -> None:
    assert "海淀" not in json.dumps(made(small, case), ensure_ascii=False)


def _payload(file: dict[str, Any]) -> None:
    row = file["chain"]["rows"][1]
    row["payload"] = row["payload"].replace("approve", "reject")


def _cut(file: dict[str, Any]) -> None:
    del file["chain"]["rows"][-1]


def _word(file: dict[str, Any]) -> None:
    file["submissions"][1]["fields"][0]["value"] = "reject"


def _evidence(file: dict[str, Any]) -> None:
    file["evidence"][0]["sha256"] = "c" * 64


def _state(file: dict[str, Any]) -> None:
    file["controls"][0]["state"] = "coming"


def _signature(file: dict[str, Any]) -> None:
    file["chain"]["checkpoint"]["signature"] = "00" * 64


def _covers(file: dict[str, Any]) -> None:
    file["chain"]["checkpoint"]["covers"] += 1


def _first(file: dict[str, Any]) -> None:
    file["chain"]["first"] = file["chain"]["last"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_payload, "casefile.chain"),
        (_payload, "casefile.journal"),
        (_cut, "casefile.chain"),
        (_first, "casefile.chain"),
        (_word, "casefile.content"),
        (_evidence, "casefile.content"),
        (_state, "casefile.content"),
        (_signature, "casefile.checkpoint"),
        (_covers, "casefile.checkpoint"),
    ],
)
def test_whatever_is_changed_in_a_file_is_found(
    small: SmallBank, case: str, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    file = copy.deepcopy(made(small, case))
    change(file)

    assert not verify_casefile(file).ok
    assert codes(file)[code] is False


def test_a_file_rewritten_with_hashes_of_its_own_is_found(small: SmallBank, case: str) -> None:
    from touchstone.journal.reading import hashed_text

    file = made(small, case)
    _payload(file)
    previous = GENESIS
    chain = file["chain"]
    for row in chain["rows"]:
        text = hashed_text(
            chain["stream"], row["position"], row["act"], row["actor"], row["on_behalf_of"],
            row["occurred_at"], row["recorded_at"], row["key"], row["payload"],
        )  # fmt: skip
        previous = link(previous, text)
        row["hash"] = previous.hex()
    chain["first"], chain["last"] = chain["rows"][0]["hash"], chain["rows"][-1]["hash"]

    found = codes(file)

    assert found["casefile.chain"]
    assert not found["casefile.journal"]
    assert not found["casefile.checkpoint"]


def test_a_journal_changed_behind_our_back_is_found(small: SmallBank, case: str) -> None:
    file = made(small, case)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_event SET payload = replace(payload, 'approve', 'reject')"
            " WHERE stream = %s AND position = 2",
            (f"case:{case}",),
        )

    assert codes(file)["casefile.chain"]
    assert not codes(file)["casefile.journal"]


@pytest.mark.parametrize(
    "file", [{}, {"format": "touchstone.casefile/1"}, {"format": "x"}, [], None, "x"]
)
def test_what_is_no_case_file_does_not_hold(file: Any, small: SmallBank) -> None:
    assert list(codes(file).values()) == [False]


def test_a_case_of_another_number_is_no_file_of_this_one(small: SmallBank, case: str) -> None:
    file = made(small, case)
    other = small.begin()
    told = made(small, other)
    told["chain"] = file["chain"]
    lost = copy.deepcopy(file)
    lost["case"]["id"], lost["chain"]["stream"] = "nothing", "case:nothing"

    assert codes(told) == {"casefile.unreadable": False}
    assert not verify_casefile(lost).ok


def test_before_any_checkpoint_the_file_says_so(small: SmallBank) -> None:
    file = made(small, small.begin())

    assert file["chain"]["checkpoint"] is None
    assert codes(file)["casefile.no_checkpoint"]
    assert verify_casefile(file).ok


def test_there_is_no_file_of_no_case(small: SmallBank) -> None:
    with pytest.raises(Refusal) as refused:
        read_casefile("nothing", now=small.clock.now() + dt.timedelta())

    assert refused.value.code == "process.no_such_case"
