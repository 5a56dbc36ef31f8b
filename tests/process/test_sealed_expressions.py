"""No expression sees a sealed field; whoever writes one is told where, when the standard is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_bank import facts, found_small_bank, holds, refused
from tests.process.small_pack import (
    OPINION,
    REVIEW_CLOCKS,
    bpmn,
    procedure,
    review_files,
    step,
    user,
    write_pack,
)
from touchstone.journal.reading import stream_rows
from touchstone.kernel.problem import Problem
from touchstone.packs.lint import lint
from touchstone.packs.source import read

YAML = "procedures/review/procedure.yaml"
DIAGRAM = "procedures/review/review.bpmn"
STEPS = step("prepare", "clerk") + step("check", "approver")


def control(condition: str) -> str:
    """A control at the check."""
    return (
        "controls:\n  - id: K1\n    title: {zh: 控制, en: Control}\n    clause: APR-04\n"
        "    kind: condition\n    at: {step: check}\n    mode: block\n"
        f"    condition: '{condition}'\n"
    )


def problems(folder: Path, more: str = "", **changed: str) -> list[Problem]:
    """What lint says of the review with ``more`` in its YAML, and its diagram changed."""
    files = {**review_files(), YAML: procedure("P90", "review", STEPS, more)}
    files |= {DIAGRAM: changed["diagram"]} if "diagram" in changed else {}
    return lint(read(write_pack(folder, files)))


def places(found: list[Problem]) -> list[tuple[str, str, str | None]]:
    return [(problem.code, problem.file, problem.element) for problem in found]


@pytest.mark.parametrize(
    "condition",
    [
        "remark != null",
        "values.remark != null",
        'contains(values.remark, "x")',
        'some item in [1] satisfies remark = "x"',
    ],
)
def test_a_control_over_a_sealed_field_is_refused(tmp_path: Path, condition: str) -> None:
    found = problems(tmp_path, control(condition))

    assert places(found) == [("process.sealed_field", YAML, "K1")]
    assert "remark is a sealed field" in found[0].text_en
    assert "密封字段" in found[0].text_zh


def test_a_clock_over_a_sealed_field_is_refused(tmp_path: Path) -> None:
    clocks = REVIEW_CLOCKS + "    when: 'remark = \"x\"'\n"

    assert places(problems(tmp_path, clocks)) == [("process.sealed_field", YAML, "check")]


def test_a_flow_over_a_sealed_field_is_refused_with_its_line(tmp_path: Path) -> None:
    gateway = '<bpmn:exclusiveGateway id="choose" default="f3"/>'
    diagram = bpmn("review", user("prepare"), user("check"), gateway).replace(
        "</bpmn:process>",
        '\n<bpmn:endEvent id="other"/><bpmn:sequenceFlow id="way" sourceRef="choose"'
        ' targetRef="other"><bpmn:conditionExpression>remark = "x"</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow></bpmn:process>",
    )

    found = problems(tmp_path, diagram=diagram)

    assert places(found) == [("process.sealed_field", DIAGRAM, "way")]
    assert found[0].line == 2


def test_declaring_a_variable_of_the_same_name_does_not_open_it(tmp_path: Path) -> None:
    more = "variables: {remark: string}\n" + control("remark != null")

    assert places(problems(tmp_path, more)) == [("process.sealed_field", YAML, "K1")]


@pytest.mark.parametrize("condition", ["values.number != null", 'opinion = "approve"'])
def test_an_open_field_is_seen(tmp_path: Path, condition: str) -> None:
    assert problems(tmp_path, control(condition)) == []


def test_a_field_sealed_here_and_open_there_is_seen_only_as_the_variable(tmp_path: Path) -> None:
    opened = json.loads(json.dumps(OPINION))
    opened["properties"]["remark"]["x-open"] = True
    other = step("prepare", "clerk").replace("form: opinion", "form: other")
    files = {
        **review_files(),
        "procedures/review/forms/other.schema.json": json.dumps(opened, ensure_ascii=False),
    }
    for condition, expected in (("remark != null", []), ("values.remark != null", ["K1"])):
        steps = other + step("check", "approver")
        files[YAML] = procedure("P90", "review", steps, control(condition))
        found = lint(read(write_pack(tmp_path, files)))

        assert [problem.element for problem in found] == expected


def test_an_unknown_name_is_still_unknown(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, control("nobody != null"))

    assert (found.code, found.element) == ("feel.unknown_name", "K1")


FORM = "procedures/review/forms/opinion.schema.json"


def deriving(**derived: str) -> str:
    """The form with a sealed birthday and derived facts."""
    birthday = {
        "type": "string",
        "format": "date",
        "x-open": False,
        "x-title": {"zh": "出生日期", "en": "Date of birth"},
    }
    properties = {**OPINION["properties"], "birthday": birthday}  # type: ignore[dict-item]
    return json.dumps({**OPINION, "properties": properties, "x-derived": derived})


ADULT = 'birthday + duration("P18Y") <= today()'


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_control_may_ask_a_fact_derived_from_a_sealed_field(tmp_path: Path) -> None:
    files = {
        **review_files(),
        FORM: deriving(is_adult=ADULT),
        YAML: procedure("P90", "review", STEPS, control("values.is_adult = true")),
    }
    bank = found_small_bank(tmp_path, files)
    case = bank.begin(birthday="1990-01-31")
    bank.complete(case, "prepare", "ann")

    with refused("process.control_not_met"):
        bank.complete(case, "check", "bob", birthday="2010-03-03")
    bank.complete(case, "check", "bob", birthday="2008-03-02")

    results = [item["result"] for item in facts(case, "process.control_executed")]
    assert results == ["not_met", "met"]
    payload = "".join(row.payload for row in stream_rows(f"case:{case}"))
    assert "1990-01-31" not in payload
    assert "2008-03-02" not in payload
    assert holds()


@pytest.mark.parametrize(
    ("derived", "code"),
    [
        ({"is_adult": "birthdate != null"}, "feel.unknown_name"),
        ({"remark": "birthday != null"}, "forms.derived_twice"),
    ],
)
def test_a_wrong_derivation_is_named_by_lint(
    tmp_path: Path, derived: dict[str, str], code: str
) -> None:
    found = lint(read(write_pack(tmp_path, {**review_files(), FORM: deriving(**derived)})))

    assert [(problem.code, problem.file) for problem in found] == [(code, FORM)]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_derived_fact_never_repeats_the_sealed_text(tmp_path: Path) -> None:
    files = {**review_files(), FORM: deriving(copied="remark")}
    bank = found_small_bank(tmp_path, files)

    case = bank.begin(remark="客户张三")

    assert "张三" not in "".join(row.payload for row in stream_rows(f"case:{case}"))
