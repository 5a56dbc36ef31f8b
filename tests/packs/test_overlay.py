"""An institution sets its own values, of the parameters that the standard leaves to it and no others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection

from tests.process.small_bank import SmallBank, found_small_bank, holds, refused
from tests.process.small_pack import parameter, review_files, write_pack
from touchstone.clocks.actions import import_calendar
from touchstone.clocks.queries import calendar, clocks_of
from touchstone.journal.reading import head_position, stream_rows
from touchstone.packs.apply import (
    Planned,
    apply_overlay,
    apply_pack,
    check_overlay_of,
    plan,
    plan_overlay,
)
from touchstone.packs.catalogue import catalogue
from touchstone.packs.overlay import read_overlay
from touchstone.packs.source import SourceFile, read
from touchstone.standard.parameters import parameters

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
LIMIT = "parameters/review/limit.yaml"
HEAD = "pack: small\ninstitution: {zh: 一家银行, en: One bank}\n"
FOUR = (
    HEAD
    + "values:\n  review.limit:\n    - {from: 2026-01-01, value: 4wd, source: 行发〔2026〕3号}\n"
)
NONE = HEAD + "values: {}\n"


def files(**more: str) -> dict[str, str]:
    limit = (
        parameter("limit", "2wd", "APR-02") + "  - {from: 2026-06-01, value: 1wd, source: test}\n"
    )
    return {**review_files(), LIMIT: limit + "overlay: true\n", **more}


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "pack", files())


def overlay(text: str | bytes) -> SourceFile:
    content = text if isinstance(text, bytes) else text.encode()
    return SourceFile("own.yaml", content, "overlay", "institution")


def limit_on(month: int, version: int | None = None) -> str:
    known = parameters(catalogue(version).version)["review.limit"]
    return str(known.limit_on(dt.date(2026, month, 1)))


def test_own_values_stand_in_place_of_the_pack_s_from_their_first_day(bank: SmallBank) -> None:
    late = FOUR.replace("2026-01-01", "2026-03-01")

    apply_overlay(bank.context, overlay(late))

    assert [limit_on(month) for month in (2, 3, 7)] == ["2wd", "4wd", "4wd"]
    own = parameters(catalogue().version)["review.limit"].values
    assert [(item.value, item.own) for item in own] == [("2wd", False), ("4wd", True)]
    assert own[1].source == "行发〔2026〕3号"


def test_setting_values_is_one_event_that_names_them(bank: SmallBank) -> None:
    planned = plan_overlay(overlay(FOUR))
    assert head_position("content") == 1

    assert apply_overlay(bank.context, overlay(FOUR)) == planned
    assert planned == Planned((("overlay", "review.limit", "added"),), 0)

    row = list(stream_rows("content"))[-1]
    (fact,) = row.recorded()
    assert (row.position, fact.kind, fact.data["parameters"]) == (
        2,
        "packs.overlay_applied",
        ["review.limit"],
    )
    assert fact.data["sha256"] == overlay(FOUR).digest
    assert catalogue().version == 2
    assert holds()


def test_the_same_values_again_write_nothing(bank: SmallBank) -> None:
    apply_overlay(bank.context, overlay(FOUR))

    assert apply_overlay(bank.context, overlay(FOUR)).changes == ()
    assert head_position("content") == 2


def test_a_running_case_keeps_the_values_it_began_with(bank: SmallBank) -> None:
    old = bank.begin()
    assert plan_overlay(overlay(FOUR)).running_cases == 1
    apply_overlay(bank.context, overlay(FOUR))
    new = bank.begin()

    for case in (old, new):
        bank.complete(case, "prepare", "ann")

    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, limit_text FROM clocks_clock")
        assert dict(cursor.fetchall()) == {old: "2wd", new: "4wd"}
    assert (limit_on(3, 1), limit_on(3, 2)) == ("2wd", "4wd")


def test_an_overlay_with_no_values_gives_the_pack_s_back(bank: SmallBank) -> None:
    apply_overlay(bank.context, overlay(FOUR))

    planned = apply_overlay(bank.context, overlay(NONE))

    assert planned.changes == (("overlay", "review.limit", "removed"),)
    assert limit_on(3) == "2wd"


def test_own_values_outlive_a_new_version_of_the_pack(bank: SmallBank, tmp_path: Path) -> None:
    apply_overlay(bank.context, overlay(FOUR))
    new = files(**{"parameters/a/b.yaml": parameter("count", "1")})

    apply_pack(bank.context, read(write_pack(tmp_path / "new", new)))

    assert catalogue().version == 3
    assert catalogue().get("parameter", "a.b") is not None
    assert limit_on(3) == "4wd"


def test_a_pack_that_closes_a_parameter_in_use_is_refused_until_the_overlay_follows(
    bank: SmallBank, tmp_path: Path
) -> None:
    apply_overlay(bank.context, overlay(FOUR))
    closed = read(write_pack(tmp_path / "new", review_files()))

    with refused("packs.overlay_does_not_fit"):
        apply_pack(bank.context, closed)
    with refused("packs.overlay_does_not_fit"):
        plan(closed)
    assert head_position("content") == 2

    planned = apply_pack(bank.context, closed, overlay(NONE))

    assert planned.changes == (
        ("parameter", "review.limit", "changed"),
        ("overlay", "review.limit", "removed"),
    )
    assert head_position("content") == 3, "pack and overlay are one act"
    assert limit_on(7) == "2wd"
    assert holds()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (FOUR.replace("review.limit", "review.limits"), "packs.overlay_unknown_key", 4),
        (FOUR.replace("review.limit", "a.closed"), "packs.overlay_not_declared", 4),
        (FOUR.replace("4wd", "4 days"), "packs.overlay_value", 5),
        (FOUR.replace("2026-01-01", "2026-02-30"), "packs.yaml", 0),
        (FOUR.replace("2026-01-01", "'2026-02-30'"), "packs.overlay_days", 4),
        (
            FOUR + "    - {from: 2025-01-01, value: 5wd, source: x}\n",
            "packs.overlay_days",
            4,
        ),
        (FOUR.replace("small", "other"), "packs.overlay_other_pack", 1),
        (FOUR.replace(", source: 行发〔2026〕3号", ""), "packs.schema", 5),
        (FOUR + "clauses: []\n", "packs.schema", 1),
        ("values: [", "packs.yaml", 1),
        ("values: &a [*a]", "packs.alias", 1),
        (b"values: \xff", "packs.encoding", 0),
        ("null", "packs.schema", 1),
        ("[" * 5000, "packs.yaml", 0),
    ],
)
def test_what_an_institution_may_not_say_is_refused_and_changes_nothing(
    tmp_path: Path, text: str | bytes, code: str, line: int
) -> None:
    more = {"parameters/a/closed.yaml": parameter("limit", "1wd", "APR-02")}
    bank = found_small_bank(tmp_path / "pack", files(**more))

    problems = check_overlay_of(overlay(text), read(tmp_path / "pack"))
    with refused("packs.overlay_has_problems") as error:
        apply_overlay(bank.context, overlay(text))

    assert code in {item.code for item in problems}
    assert line in {item.line for item in problems if item.code == code} or line == 0
    assert all(item.text_en and item.text_zh for item in problems)
    assert error.value.remedy is not None
    assert head_position("content") == 1


def test_every_problem_of_an_overlay_is_told_at_once(tmp_path: Path, bank: SmallBank) -> None:
    text = FOUR.replace("4wd", "4 days") + "  a.b: [{from: 2026-01-01, value: 1, source: x}]\n"

    problems = check_overlay_of(overlay(text), read(tmp_path / "pack"))

    assert [(item.line, item.code) for item in problems] == [
        (5, "packs.overlay_value"),
        (6, "packs.overlay_unknown_key"),
    ]


def test_who_does_not_manage_the_standard_sets_nothing(bank: SmallBank) -> None:
    with refused("identity.not_permitted"):
        apply_overlay(bank.by("ann"), overlay(FOUR))

    assert head_position("content") == 1


def test_without_a_pack_in_force_there_is_nothing_to_set(
    nothing_cached: None, context: object
) -> None:
    with refused("packs.nothing_in_force"):
        plan_overlay(overlay(FOUR))


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        found = read_overlay(path)
        assert not isinstance(found, SourceFile)
        assert found.code == "packs.unreadable"


CALENDAR = """id: one-bank
year: 2026
status: official
source: 行发〔2026〕5号
days:
  - {on: 2026-03-03, off: true, name: {zh: 行庆, en: Anniversary}}
"""


def test_an_institution_keeps_a_calendar_of_its_own(bank: SmallBank) -> None:
    usual = bank.begin()
    bank.complete(usual, "prepare", "ann")
    import_calendar(bank.context, CALENDAR.encode(), "one-bank-2026.yaml")
    apply_overlay(bank.context, overlay(NONE + "calendar: one-bank\n"))
    own = bank.begin()
    bank.complete(own, "prepare", "ann")

    assert calendar().id == "one-bank"
    dues = [clocks_of(case)[0].derivation for case in (usual, own)]
    assert [item.calendar for item in dues] == ["cn", "one-bank"]
    assert (dues[1].due_at - dues[0].due_at).days == 1
    assert any("行庆" in line.zh for line in dues[1].lines())
