"""A letter says what the standard lets it say, and nothing in it is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.small_pack import write_pack
from tests.service.conftest import LETTER, notice_files
from touchstone.kernel.text import Text
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.service.letters import MissingValue, read_letter, render


def letter(zh: str, en: str = "x"):
    raw = {
        "title": {"zh": "函", "en": "Letter"},
        "clause": "APR-01",
        "to": "customer",
        "subject": {"zh": "事由 {a}", "en": "About {a}"},
        "body": {"zh": zh, "en": en},
    }
    return read_letter("x", raw)


def problems(folder: Path, **changed: str) -> set[str]:
    files = notice_files() | {name.replace("__", "/"): text for name, text in changed.items()}
    return {item.code for item in lint(read(write_pack(folder, files)))}


def changed_letter(folder: Path, old: str, new: str) -> set[str]:
    assert old in LETTER
    files = notice_files() | {"letters/decision.yaml": LETTER.replace(old, new)}
    return {item.code for item in lint(read(write_pack(folder, files)))}


def test_places_are_filled_in_both_languages() -> None:
    made = render(letter("您好 {a}", "Hello {a}"), {"a": Text("甲", "A")})

    assert (made.subject, made.body) == (
        Text("事由 甲", "About A"),
        Text("您好 甲\n", "Hello A\n"),
    )


def test_a_value_cannot_bring_places_or_lines_of_a_header_with_it() -> None:
    hostile = "{b}\r\nBcc: all@bank.example\n{__class__} %(a)s ${a}"
    made = render(letter("{a}"), {"a": Text(hostile, hostile), "b": Text("密", "secret")})

    assert "\n" not in made.subject.zh
    assert "密" not in made.body.zh
    assert "{b}" in made.body.zh
    assert "\r" not in made.body.zh


def test_a_line_with_an_optional_place_goes_when_there_is_no_value() -> None:
    made = render(letter("一 {a}\n二 {b?}\n三"), {"a": Text("甲", "A")})

    assert made.body.zh == "一 甲\n三\n"


def test_a_place_without_a_value_is_named() -> None:
    with pytest.raises(MissingValue) as missing:
        render(letter("{a} {b}"), {"a": Text("甲", "A")})

    assert missing.value.names == ("b",)


def test_a_sound_pack_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{opinion}。", "{opinion} {secret}。", "service.unknown_name"),
        ("[opinion, number]", "[opinion, number, remark]", "service.no_variable"),
        ("{number?}。", "号。", "service.one_language"),
        ("clocks: [told]", "clocks: [told, other]", "service.no_clock"),
        ("limits: [review.limit]", "limits: [review.limit, no.limit]", "service.no_parameter"),
        ("[review.limit]", "[review.limit, messages.max_attempts]", "service.not_a_limit"),
        ("clauses: [APR-02]", "clauses: [APR-02, XXX-09]", "service.no_clause"),
        (", reject: {zh: 不同意, en: refused}", "", "service.no_words"),
        ("to: customer", "to: {posts: [nobody]}", "service.no_post"),
        ("to: customer", "to: everybody", "service.to_everybody"),
        ("en: Decision", "fr: Decision", "packs.schema"),
    ],
)
def test_a_letter_that_cannot_be_written_is_refused(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    assert code in changed_letter(tmp_path, old, new)


def test_a_step_that_notifies_without_a_letter_is_refused(tmp_path: Path) -> None:
    text = notice_files()["procedures/notice/procedure.yaml"]
    files = {"procedures__notice__procedure.yaml": text.replace("    letter: decision\n", "")}

    assert problems(tmp_path, **files) == {"process.letter_missing"}


def test_a_letter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    text = notice_files()["procedures/notice/procedure.yaml"]
    files = {"procedures__notice__procedure.yaml": text.replace("letter: decision", "letter: gone")}

    assert problems(tmp_path, **files) == {"process.no_letter"}
