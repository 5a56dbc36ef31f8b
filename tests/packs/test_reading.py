"""YAML reads the same whichever reader takes it, and nothing nested without end reaches the one in C."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from touchstone.kernel.problem import Problem
from touchstone.packs.source import load_yaml, read, shipped_pack

WORDS = """\
switch: on
other: off
agreed: yes
octal_of_old: 010
octal: 0o10
hex: 0x1f
time: 12:30
day: 2026-01-01
grouped: 1_000
nothing: ~
text: |
  第一行
  # not a comment
flow: {a: [1, b], "c": '中'}
"""


def by_python(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def test_words_are_those_of_yaml_1_2_and_as_the_reader_in_python_has_them() -> None:
    found = load_yaml(WORDS.encode(), "x.yaml")

    assert found == by_python(WORDS)
    assert (found["switch"], found["octal"], found["time"]) == ("on", 8, "12:30")


def test_the_shipped_indicators_read_the_same() -> None:
    files = [file for file in read(shipped_pack()).objects() if file.kind == "indicator"]

    assert files
    for file in files:
        assert load_yaml(file.content, file.path) == by_python(file.content.decode()), file.path


@pytest.mark.parametrize("text", ["a: {b:c}\n", "k: [a#b, c:d]\n"])
def test_what_the_reader_in_c_refuses_is_read_by_the_other(text: str) -> None:
    assert load_yaml(text.encode(), "x.yaml") == by_python(text)


def test_a_directive_is_obeyed() -> None:
    text = "%YAML 1.1\n---\nswitch: on\n"

    assert load_yaml(text.encode(), "x.yaml") == by_python(text) == {"switch": True}


@pytest.mark.parametrize(
    "text",
    ["[" * 300_000, "{a: " * 300_000, "- " * 300_000 + "x", "[\n" * 300_000],
    ids=["brackets", "braces", "dashes", "lines"],
)
def test_nesting_without_end_is_refused(text: str) -> None:
    assert isinstance(load_yaml(text.encode(), "x.yaml"), Problem)


def test_a_key_twice_is_named_with_its_line() -> None:
    found = load_yaml(b"a: 1\nb: 2\na: 3\n", "x.yaml")

    assert isinstance(found, Problem)
    assert found.line == 3
