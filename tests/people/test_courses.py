"""The shipped banks are large enough to draw from, and lint refuses a bank that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from touchstone.packs.kinds import Parsed
from touchstone.packs.schema_kind import plain_data
from touchstone.packs.source import SourceFile, load_yaml, read, shipped_pack
from touchstone.people.courses import check_course, read_course

_FEWEST = 45


def _shipped() -> dict[str, Any]:
    files = read(shipped_pack()).files.values()
    return {
        str(file.id): plain_data(load_yaml(file.content, file.path))
        for file in files
        if file.kind == "course"
    }


def test_five_banks_of_at_least_45_questions_each_with_all_kinds() -> None:
    shipped = _shipped()

    assert set(shipped) == {"compliance", "operations", "products", "risk", "service"}
    for raw in shipped.values():
        course = read_course(raw)
        assert len(course.questions) >= _FEWEST
        assert {item.kind for item in course.questions.values()} == {
            "single",
            "multiple",
            "judgement",
        }
        texts = [item.text.zh for item in course.questions.values()]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"answer": ["E"]}, "people.answer"),
        ({"answer": ["A", "B"]}, "people.answer"),
        ({"clause": "XXX-99"}, "people.no_clause"),
        ({"kind": "judgement"}, "people.options"),
        ({"id": "TST-02"}, "people.question_twice"),
    ],
)
def test_a_wrong_question_is_named(change: dict[str, Any], code: str) -> None:
    text = {"zh": "题", "en": "Question"}
    good = {
        "id": "TST-01",
        "kind": "single",
        "clause": "TRN-06",
        "text": text,
        "options": {"A": text, "B": text},
        "answer": ["A"],
        "why": text,
    }
    other = good | {"id": "TST-02"}
    data = {
        "id": "test",
        "clause": "TRN-06",
        "posts": ["clerk"],
        "questions": [good | change, other],
    }
    pack = Parsed(
        read(shipped_pack()), {"roles": {"roles": {"posts": {"clerk": {}}}}}, frozenset({"TRN-06"})
    )
    file = SourceFile("courses/test.yaml", b"", "course", "test")

    assert [item.code for item in check_course(file, data, pack)] == [code]
    assert not list(check_course(file, data | {"questions": [good, other]}, pack))
