"""Files at work: handed in at a task, referred to by the act, shown on record, gone with their subject."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.evidence import samples
from tests.process.small_bank import SmallBank, facts, found_small_bank, holds, refused
from tests.process.small_pack import OPINION, review_files
from touchstone.evidence import folder
from touchstone.evidence.actions import remove_orphans, remove_strays
from touchstone.evidence.ports import SCANNER, Verdict
from touchstone.evidence.verification import verify_files
from touchstone.identity.actions import grant_post, join_person
from touchstone.journal.reading import rows
from touchstone.kernel.text import Text
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtStart, AtTask, hand_in, show_evidence
from touchstone.process.actions.tasks import complete_task
from touchstone.vault.actions import erase
from touchstone.vault.rotation import rotate
from touchstone.vault.verification import verify_values

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SECRET = "张三的收入证明".encode()


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    files = review_files()
    paper = {
        "type": "string",
        "x-file": {"types": ["application/pdf"], "max_bytes": 4096},
        "x-title": {"zh": "证明", "en": "Paper"},
    }
    properties: dict[str, Any] = {**OPINION["properties"], "paper": paper}  # type: ignore[dict-item]
    files["procedures/review/forms/opinion.schema.json"] = json.dumps(
        {**OPINION, "properties": properties}
    )
    return found_small_bank(tmp_path / "pack", files)


def on_disk() -> list[str]:
    return list(folder.places())


def stored_rows() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, sha256, is_kept FROM evidence_file ORDER BY reference")
        return list(cursor.fetchall())


def test_a_file_is_encrypted_referred_to_and_shown_again(bank: SmallBank, settings: Any) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")

    stored = hand_in(bank.by("ann"), AtTask(task), "../收入证明.html", SECRET)
    complete_task(bank.by("ann"), task, {"opinion": "approve"}, evidence={"proof": stored.sha256})

    assert (stored.media_type, stored.size, stored.scan) == (
        "text/plain",
        len(SECRET),
        "not_scanned",
    )
    (place,) = on_disk()
    assert SECRET not in (Path(settings.EVIDENCE) / place).read_bytes()
    (fact,) = facts(case, "process.evidence_added")
    assert fact["sha256"] == stored.sha256
    assert (fact["type"], fact["bytes"], fact["scan"]) == ("text/plain", len(SECRET), "not_scanned")
    shown = show_evidence(bank.by("ann"), case, stored.sha256, "核对收入")
    assert (shown.content, shown.name, shown.media_type) == (SECRET, "收入证明.txt", "text/plain")
    said = [item for row in rows() for item in row.recorded() if item.kind == "vault.value_shown"]
    assert [(item.actor, item.data["reason"]) for item in said] == [("ann", "核对收入")]
    assert "收入证明" not in str([row.payload for row in rows()])
    assert holds()
    assert verify_values() is None


def test_only_who_may_act_hands_in_and_nothing_is_left_of_a_refusal(bank: SmallBank) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")
    before = list(rows())

    with refused("process.not_permitted"):
        hand_in(bank.by("bob"), AtTask(task), "a.txt", SECRET)
    with refused("process.no_such_task"):
        hand_in(bank.by("ann"), AtTask("nothing"), "a.txt", SECRET)
    with refused("evidence.type_refused"):
        hand_in(bank.by("ann"), AtTask(task), "a.txt", b"<svg/>")

    assert on_disk() == []
    assert list(rows()) == before


def test_an_act_refers_only_to_what_was_handed_in_there(bank: SmallBank) -> None:
    one, two = bank.begin(), bank.begin()
    stored = hand_in(bank.by("ann"), AtTask(bank.task(one, "prepare")), "a.txt", SECRET)

    with refused("evidence.not_stored"):
        complete_task(
            bank.by("ann"),
            bank.task(two, "prepare"),
            {"opinion": "approve"},
            evidence={"proof": stored.sha256},
        )
    with refused("evidence.not_stored"):
        complete_task(
            bank.by("ann"),
            bank.task(one, "prepare"),
            {"opinion": "approve"},
            evidence={"proof": "0" * 64},
        )


def test_a_file_field_takes_only_what_its_schema_asks_for(bank: SmallBank) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")
    text = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    long = hand_in(bank.by("ann"), AtTask(task), "b.pdf", samples.PDF + b" " * 5000 + b"%%EOF")
    good = hand_in(bank.by("ann"), AtTask(task), "c.pdf", samples.PDF)

    for stored in (text, long):
        with refused("process.wrong_file"):
            complete_task(bank.by("ann"), task, {"opinion": "approve", "paper": stored.sha256})
    complete_task(bank.by("ann"), task, {"opinion": "approve", "paper": good.sha256})

    assert [(row[1], row[2]) for row in stored_rows() if row[2]] == [(good.sha256, True)]


def test_the_same_bytes_twice_are_one_file(bank: SmallBank) -> None:
    task = bank.task(bank.begin(), "prepare")

    first = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    again = hand_in(bank.by("ann"), AtTask(task), "b.txt", SECRET)

    assert first == again
    assert len(on_disk()) == 1


def test_what_was_handed_in_before_the_case_belongs_to_it_afterwards(bank: SmallBank) -> None:
    desk = AtStart("review", "o1")
    stored = hand_in(bank.by("ann"), desk, "a.pdf", samples.PDF)

    case = start_case(
        bank.by("ann"),
        "review",
        unit="o1",
        values={"opinion": "approve", "number": "1", "paper": stored.sha256},
        evidence={"proof": stored.sha256},
    )

    assert len(on_disk()) == 1
    assert stored_rows() == [(f"case:{case}", stored.sha256, True)]
    assert show_evidence(bank.by("ann"), case, stored.sha256, "复核资料").content == samples.PDF
    grant_post(bank.by("system:setup"), "sue", "clerk", "o1")
    with refused("evidence.not_stored"):
        start_case(
            bank.by("sue"),
            "review",
            unit="o1",
            values={"opinion": "approve"},
            evidence={"proof": stored.sha256},
        )
    assert holds()
    erase(bank.by("system:setup"), f"case:{case}", "客户要求删除")
    with refused("vault.no_such_value"):
        show_evidence(bank.by("ann"), case, stored.sha256, "复核资料")


def test_who_may_see_a_file(bank: SmallBank) -> None:
    setup = bank.by("system:setup")
    for person, post, unit in (("coco", "compliance_officer", "b1"), ("far", "clerk", "b1")):
        join_person(setup, person, Text(person, person))
        grant_post(setup, person, post, unit)
    case = bank.begin()
    task = bank.task(case, "prepare")
    stored = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    complete_task(bank.by("ann"), task, {"opinion": "approve"}, evidence={"proof": stored.sha256})

    for person in ("ann", "bob", "oli", "hal", "coco"):
        assert show_evidence(bank.by(person), case, stored.sha256, "核对资料").content == SECRET
    for person in ("sue", "far", "qin", "aud", "nobody", "system:worker"):
        with refused("identity.not_permitted"):
            show_evidence(bank.by(person), case, stored.sha256, "核对资料")
    with refused("process.no_such_case"):
        show_evidence(bank.by("customer:c1"), case, stored.sha256, "核对资料")
    with refused("vault.no_reason"):
        show_evidence(bank.by("ann"), case, stored.sha256, "")
    with refused("evidence.no_such_file"):
        show_evidence(bank.by("ann"), case, "0" * 64, "核对资料")


def test_what_was_tampered_with_is_not_handed_out(bank: SmallBank, settings: Any) -> None:
    case = bank.begin()
    stored = hand_in(bank.by("ann"), AtTask(bank.task(case, "prepare")), "a.txt", SECRET)
    (place,) = on_disk()
    path = Path(settings.EVIDENCE) / place
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with refused("evidence.broken"):
        show_evidence(bank.by("ann"), case, stored.sha256, "核对资料")
    path.unlink()
    with refused("evidence.broken"):
        show_evidence(bank.by("ann"), case, stored.sha256, "核对资料")


def test_deep_verification_finds_a_file_that_was_changed(bank: SmallBank, settings: Any) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")
    stored = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    complete_task(bank.by("ann"), task, {"opinion": "approve"}, evidence={"proof": stored.sha256})
    assert verify_files() is None

    (place,) = on_disk()
    (Path(settings.EVIDENCE) / place).write_bytes(b"something else")
    broken = verify_files()

    assert broken is not None
    assert broken.reference == f"case:{case}/file-{stored.sha256}/1"


def test_what_nobody_referred_to_goes_away_and_what_is_kept_stays(bank: SmallBank) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")
    kept = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    orphan = hand_in(bank.by("ann"), AtTask(task), "b.txt", b"never used")
    complete_task(bank.by("ann"), task, {"opinion": "approve"}, evidence={"proof": kept.sha256})
    sweeper = bank.by("system:sweeper")

    assert remove_orphans(sweeper) == 0
    bank.clock.move_to(bank.clock.now() + dt.timedelta(days=7, hours=1))
    assert remove_orphans(sweeper) == 0
    with refused("evidence.not_stored"):
        complete_task(
            bank.by("bob"),
            bank.task(case, "check"),
            {"opinion": "approve"},
            evidence={"proof": orphan.sha256},
        )
    bank.clock.move_to(bank.clock.now() + dt.timedelta(days=1))
    assert remove_orphans(sweeper) == 1
    assert [row[1] for row in stored_rows()] == [kept.sha256]
    assert len(on_disk()) == 1
    with refused("identity.not_permitted"):
        remove_orphans(bank.by("ann"))
    again = hand_in(bank.by("bob"), AtTask(bank.task(case, "check")), "b.txt", b"never used")
    assert again.sha256 == orphan.sha256
    assert holds()


def test_with_its_subject_a_file_is_gone_for_good(bank: SmallBank) -> None:
    case = bank.begin()
    task = bank.task(case, "prepare")
    stored = hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    complete_task(bank.by("ann"), task, {"opinion": "approve"}, evidence={"proof": stored.sha256})

    erase(bank.by("system:setup"), f"case:{case}", "客户要求删除")

    with refused("vault.no_such_value"):
        show_evidence(bank.by("ann"), case, stored.sha256, "核对资料")
    assert remove_orphans(bank.by("system:sweeper")) == 1
    assert (on_disk(), stored_rows()) == ([], [])
    assert holds()


def test_keys_may_change_and_files_still_open(bank: SmallBank, settings: Any) -> None:
    case = bank.begin()
    stored = hand_in(bank.by("ann"), AtTask(bank.task(case, "prepare")), "a.txt", SECRET)

    settings.CIPHER = "sm4-gcm"
    rotate(bank.by("system:setup"))

    assert show_evidence(bank.by("ann"), case, stored.sha256, "核对资料").content == SECRET


def test_a_scanner_is_asked_and_its_verdict_is_on_record(bank: SmallBank) -> None:
    class Suspicious:
        def scan(self, content: bytes) -> Verdict:
            return Verdict("infected" if b"virus" in content else "clean", "suspicious 1")

    task = bank.task(bank.begin(), "prepare")
    with SCANNER.stand_in("none", Suspicious()):
        assert hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET).scan == "clean suspicious 1"
        with refused("evidence.infected"):
            hand_in(bank.by("ann"), AtTask(task), "b.txt", b"a virus")
    assert len(on_disk()) == 1


def test_a_file_may_be_too_large(bank: SmallBank, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024
    task = bank.task(bank.begin(), "prepare")

    with refused("evidence.too_large"):
        hand_in(bank.by("ann"), AtTask(task), "a.txt", b"x" * (1024 * 1024 + 1))


def test_an_upload_that_broke_off_leaves_a_stray_that_is_swept_up(bank: SmallBank) -> None:
    task = bank.task(bank.begin(), "prepare")
    hand_in(bank.by("ann"), AtTask(task), "a.txt", SECRET)
    folder.write(folder.place_of("0" * 64, b"12345678"), b"half")

    assert remove_strays(bank.by("system:sweeper")) == 1
    assert len(on_disk()) == 1
