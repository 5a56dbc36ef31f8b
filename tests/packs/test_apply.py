"""A pack is put in force by one event, whole or not at all; what it was stays readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from tests.at_once import at_once
from tests.process.small_bank import SmallBank, found_small_bank, holds, refused
from tests.process.small_pack import parameter, review_files, write_pack
from touchstone.journal.reading import head_position, stream_rows
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.refusal import Refusal
from touchstone.packs import apply
from touchstone.packs.apply import Planned, apply_pack, plan
from touchstone.packs.catalogue import catalogue
from touchstone.packs.lint import lint
from touchstone.packs.lock import write_lock
from touchstone.packs.source import Pack, read

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
LIMIT = "parameters/review/limit.yaml"


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "first", review_files())


def changed(folder: Path, **more: str) -> Pack:
    files = {**review_files(), LIMIT: parameter("limit", "3wd", "APR-02"), **more}
    return read(write_pack(folder, files))


def stored() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM packs_content")
        return int(cursor.fetchone()[0])


def test_applying_is_one_event_with_every_object_by_its_hash(
    bank: SmallBank, tmp_path: Path
) -> None:
    (row,) = stream_rows("content")

    (fact,) = row.recorded()
    objects = {place: digest for _, _, place, digest in fact.data["objects"]}
    pack = read(tmp_path / "first")
    assert (fact.kind, fact.data["pack"], fact.data["version"]) == (
        "packs.pack_applied",
        "small",
        "1.0.0",
    )
    assert objects == {file.path: file.digest for file in pack.objects()}
    assert stored() == len(set(objects.values()))


def test_a_plan_says_what_changes_and_which_cases_it_touches_and_writes_nothing(
    bank: SmallBank, tmp_path: Path
) -> None:
    bank.begin()
    pack = changed(tmp_path / "new", **{"parameters/a/b.yaml": parameter("count", "1")})

    planned = plan(pack)

    assert planned == Planned(
        (("parameter", "a.b", "added"), ("parameter", "review.limit", "changed")), 1
    )
    assert head_position("content") == 1


def test_the_same_pack_again_writes_nothing(bank: SmallBank, tmp_path: Path) -> None:
    bytes_before = stored()

    planned = apply_pack(bank.context, read(write_pack(tmp_path / "same", review_files())))

    assert planned.changes == ()
    assert (head_position("content"), stored()) == (1, bytes_before)


def test_only_new_bytes_are_stored_and_old_versions_stay(bank: SmallBank, tmp_path: Path) -> None:
    before = stored()

    apply_pack(bank.context, changed(tmp_path / "new"))

    assert (head_position("content"), stored()) == (2, before + 1)
    values = [catalogue(version).get("parameter", "review.limit") for version in (1, 2)]
    assert [item and item.data["values"][0]["value"] for item in values] == ["2wd", "3wd"]
    assert holds()


def test_a_removed_object_is_gone_from_the_new_version_alone(
    bank: SmallBank, tmp_path: Path
) -> None:
    files = {name: text for name, text in review_files().items() if "review/" not in name}

    planned = apply_pack(bank.context, read(write_pack(tmp_path / "new", files)))

    assert ("procedure", "review", "removed") in planned.changes
    assert catalogue().get("procedure", "review") is None
    assert catalogue(1).get("procedure", "review") is not None


def test_a_running_case_keeps_the_version_it_began_with(bank: SmallBank, tmp_path: Path) -> None:
    old = bank.begin()
    apply_pack(bank.context, changed(tmp_path / "new"))
    new = bank.begin()

    for case in (old, new):
        bank.complete(case, "prepare", "ann")

    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, limit_text FROM clocks_clock")
        assert dict(cursor.fetchall()) == {old: "2wd", new: "3wd"}


def test_a_pack_with_a_problem_is_refused_whole(bank: SmallBank, tmp_path: Path) -> None:
    before = stored()
    pack = changed(tmp_path / "new", **{"parameters/a/b.yaml": "title: ["})

    with refused("packs.has_problems") as error:
        apply_pack(bank.context, pack)

    assert "parameters/a/b.yaml:1" in error.value.text.en
    assert (head_position("content"), stored()) == (1, before)


def test_who_does_not_manage_the_standard_applies_nothing(bank: SmallBank, tmp_path: Path) -> None:
    with refused("identity.not_permitted"):
        apply_pack(bank.by("ann"), changed(tmp_path / "new"))

    assert head_position("content") == 1


def test_an_application_that_breaks_off_leaves_nothing(
    bank: SmallBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored()
    sent = UnitOfWork.execute

    def breaks(unit: UnitOfWork, sql: str, params: tuple[object, ...]) -> None:
        sent(unit, sql.replace("packs_content", "packs_contents"), params)

    monkeypatch.setattr(apply.UnitOfWork, "execute", breaks)
    with pytest.raises(Exception, match="packs_contents"):
        apply_pack(bank.context, changed(tmp_path / "new"))

    assert (head_position("content"), stored()) == (1, before)
    assert holds()


def test_content_changed_under_one_version_is_refused_by_its_lock(
    bank: SmallBank, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    write_lock(changed(folder), folder)
    (folder / LIMIT).write_text(parameter("limit", "9wd", "APR-02"), encoding="utf-8")
    (folder / "parameters/review/more.yaml").write_text(parameter("count", "1"), encoding="utf-8")

    problems = lint(read(folder))

    assert [(item.file, item.code) for item in problems] == [
        (LIMIT, "packs.changed_without_version"),
        ("parameters/review/more.yaml", "packs.changed_without_version"),
    ]
    with refused("packs.has_problems"):
        apply_pack(bank.context, read(folder))


def test_a_lock_names_version_and_hash_and_a_new_version_is_free_to_differ(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    pack = changed(folder)
    write_lock(pack, folder)
    lock = json.loads((folder / "lock.json").read_text(encoding="utf-8"))
    assert (lock["pack"], lock["version"]) == ("small", "1.0.0")
    assert lock["objects"] == {file.path: file.digest for file in pack.objects()}

    header = (folder / "pack.yaml").read_text(encoding="utf-8")
    (folder / "pack.yaml").write_text(header.replace("1.0.0", "1.1.0"), encoding="utf-8")

    assert lint(read(folder)) == []


def test_two_who_apply_at_once_leave_two_versions_or_one(bank: SmallBank, tmp_path: Path) -> None:
    pack = changed(tmp_path / "new")

    planned = at_once([lambda: apply_pack(bank.context, pack)] * 4)

    assert not [answer for answer in planned if isinstance(answer, Refusal)]
    assert head_position("content") == 2
    assert holds()
