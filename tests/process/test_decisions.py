"""Decisions of the standard: what is refused before it runs, and what a case's stream holds afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.process.decision_tables import (
    CARD,
    CARD_FILE,
    LEVEL,
    LINE,
    ROWS,
    level,
    rule,
    rule_task,
)
from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds
from tests.process.small_pack import (
    bpmn,
    parameter,
    procedure,
    review_files,
    step,
    user,
    write_pack,
)
from touchstone.journal.reading import stream_rows
from touchstone.journal.replay import replay
from touchstone.packs.catalogue import content
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.process.actions.tasks import complete_task

YAML, DIAGRAM = "procedures/review/procedure.yaml", "procedures/review/review.bpmn"
FORM = "procedures/review/forms/opinion.schema.json"
VARIABLES = "variables: {level: string, amount: number, grade: string, made: number}\n"
TAKES = "    takes: [amount]\n"
DECIDED = (
    "controls:\n  - id: K1\n    title: {zh: 权限, en: Level}\n    clause: APR-04\n"
    "    kind: decision\n    at: {step: decide}\n    mode: flag\n"
)
BOTH = (
    rule_task("decide", "level"),
    rule_task(
        "grade",
        "points",
        inside='<ts:output name="points" variable="made"/><ts:output name="grade" variable="grade"/>',
    ),
)


def files(*tasks: str, more: str = DECIDED, **changed: str) -> dict[str, str]:
    """The review, with rule tasks after it was prepared; ``amount`` comes from whoever prepares."""
    prepare = step("prepare", "clerk").replace("    form: opinion\n", TAKES)
    yaml = procedure("P90", "review", prepare + step("check", "approver"), more)
    made = {
        **review_files(),
        YAML: yaml.replace("steps:\n", VARIABLES + "steps:\n", 1),
        DIAGRAM: bpmn("review", user("prepare"), *tasks, user("check")),
        LEVEL: level(),
        CARD_FILE: CARD,
        "parameters/review/line.yaml": parameter("CNY", "60"),
    }
    return {**made, **{name.replace("__", "/"): text for name, text in changed.items()}}


def prepare(bank: SmallBank, case: str, **values: object) -> None:
    """Complete the step that leads to the decisions."""
    complete_task(bank.by("ann"), bank.task(case, "prepare"), values)


def problems(folder: Path, made: dict[str, str]) -> set[tuple[str, str, str | None]]:
    found = lint(read(write_pack(folder, made)))
    assert all(item.text_zh and item.text_en for item in found)
    return {(item.code, item.file, item.element) for item in found}


def test_a_pack_with_tables_and_cards_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, files(*BOTH)) == set()


@pytest.mark.parametrize(
    ("table", "code", "element"),
    [
        (level(rule("low", "< 5", '"clerk"')), "decisions.bare_number", "low"),
        (level(rule("low", f"< {LINE}", '"clerk"')), "decisions.gap", "权限"),
        (level(ROWS + rule("more", f"> {LINE}", '"clerk"')), "decisions.overlap", "权限"),
        (level(ROWS.replace("review.line", "review.no")), "decisions.no_parameter", "review.no"),
        (
            level(ROWS.replace("review.line", "review.limit")),
            "decisions.parameter_kind",
            "review.limit",
        ),
        (level(clause="APR-77"), "decisions.no_clause", "d"),
        (level(clause=""), "decisions.serves_no_clause", "d"),
        (level().replace(' ts:name-en="Level"', ""), "decisions.no_english", "d"),
        (level().replace(' ts:label-en="Amount"', ""), "decisions.no_heading", "c"),
        (level(ROWS.replace("reason", "", 1)), "decisions.no_reason", "low"),
        (level(ROWS.replace('"boss"', '"king"')), "decisions.no_word", "o"),
        (level().replace("definitions", "nonsense"), "decisions.no_definitions", None),
    ],
)
def test_a_table_that_is_not_whole_is_refused(
    tmp_path: Path, table: str, code: str, element: str | None
) -> None:
    found = problems(tmp_path, files(**{"decisions__level.dmn": table}))

    assert (code, LEVEL, element) in found


def test_a_gap_that_opens_when_a_threshold_changes_is_found(tmp_path: Path) -> None:
    """Both lines are one until the second moves."""
    other = 'parameter("review.other")'
    rows = rule("low", f"<= {LINE}", '"clerk"') + rule("high", f"> {other}", '"boss"')
    moved = parameter("CNY", "60") + "  - {from: 2027-01-01, value: 70, source: test}\n"
    made = files(*BOTH, **{"decisions__level.dmn": level(rows)})
    same = {**made, "parameters/review/other.yaml": parameter("CNY", "60")}

    assert problems(tmp_path / "same", same) == set()
    found = problems(tmp_path / "moved", {**made, "parameters/review/other.yaml": moved})
    assert ("decisions.gap", LEVEL, "权限") in found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("missing: 1", "missing: x"), "packs.schema"),
        (("review.line", "review.no"), "decisions.no_parameter"),
        (("APR-03", "APR-77"), "decisions.no_clause"),
        (("id: amount", "id: age"), "scorecard.protected"),
        (("least: 0}", "least: 99}"), "scorecard.grades"),
        (("id: points", "id: other"), "scorecard.id"),
    ],
)
def test_a_card_that_is_not_whole_is_refused(
    tmp_path: Path, change: tuple[str, str], code: str
) -> None:
    made = files()
    made[CARD_FILE] = CARD.replace(*change)

    assert code in {item[0] for item in problems(tmp_path, made)}


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (rule_task("decide", ""), "bpmn.no_decision"),
        (rule_task("decide", "nowhere"), "bpmn.no_such_decision"),
        (rule_task("decide", "level", ' ts:undecided="guess"'), "bpmn.undecided"),
        (
            rule_task("decide", "level", inside='<ts:input name="sum">1</ts:input>'),
            "bpmn.decision_input",
        ),
        (
            rule_task("decide", "level", inside='<ts:input name="amount">"x"</ts:input>'),
            "bpmn.decision_input_type",
        ),
        (
            rule_task("decide", "level", inside='<ts:input name="amount">remark</ts:input>'),
            "process.sealed_field",
        ),
        (
            rule_task("decide", "level", inside='<ts:input name="amount">amount +</ts:input>'),
            "feel.syntax",
        ),
        (
            rule_task("decide", "level", inside='<ts:output name="other" variable="level"/>'),
            "bpmn.decision_output",
        ),
        (
            rule_task("decide", "level", inside='<ts:output name="level" variable="nobody"/>'),
            "bpmn.decision_output",
        ),
        (
            rule_task("decide", "level", inside='<ts:output name="level" variable="amount"/>'),
            "bpmn.decision_output_type",
        ),
    ],
)
def test_a_task_that_does_not_fit_its_decision_is_refused(
    tmp_path: Path, task: str, code: str
) -> None:
    assert (code, DIAGRAM, "decide") in problems(tmp_path, files(task))


def test_a_decision_asks_for_what_the_case_has_and_no_sealed_field(tmp_path: Path) -> None:
    for source, code in (("weight", "bpmn.decision_input"), ("remark", "process.sealed_field")):
        made = files(rule_task("decide", "level"))
        made[LEVEL] = level(ROWS.replace(LINE, '"a"'), kind="string", source=source)

        assert (code, DIAGRAM, "decide") in problems(tmp_path / source, made)


def test_a_card_looks_at_no_protected_attribute_under_another_name(tmp_path: Path) -> None:
    made = files(rule_task("decide", "points", inside='<ts:input name="amount">age</ts:input>'))
    made[YAML] = made[YAML].replace("amount: number", "amount: number, age: number")

    assert ("bpmn.protected", DIAGRAM, "decide") in problems(tmp_path, made)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("at: {step: decide}", "at: {step: check}"), "process.no_decision_there"),
        (("mode: flag", "mode: hold\n    release: supervisor"), "process.no_hold_there"),
    ],
)
def test_a_decision_is_judged_where_one_is_made(
    tmp_path: Path, change: tuple[str, str], code: str
) -> None:
    made = files(*BOTH, more=DECIDED.replace(*change))

    assert (code, YAML, "K1") in problems(tmp_path, made)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_each_decision_is_one_event_with_its_rule_and_the_control_it_proves(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files(*BOTH))
    case = bank.begin()
    prepare(bank, case, amount=75)

    level_made, card_made = facts(case, "process.decided")
    assert level_made["values"] == {"level": "boss"}
    assert level_made["rules"] == {"权限": ["high"]}
    assert level_made["inputs"] == {"amount": 75}
    assert level_made["parameters"] == {"review.line": 60}
    assert card_made["values"] == {"points": 60, "grade": "A", "reasons": []}
    assert card_made["rules"] == {"points": ["amount.1"]}
    (control,) = facts(case, "process.control_executed")
    assert (control["control"], control["result"], control["element"]) == ("K1", "met", "decide")
    named = {
        (item.type, item.id)
        for row in stream_rows(f"case:{case}")
        for fact in row.recorded()
        if fact.kind == "process.decided"
        for item in fact.objects
    }
    assert named == {
        ("decision", "level"),
        ("clause", "APR-02"),
        ("decision", "points"),
        ("clause", "APR-03"),
    }
    assert column("decision", "process_decision", case) == ["level", "points"]
    assert column("rules", "process_decision", case, "decision = 'level'") == ['{"权限":["high"]}']
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_no_result_is_an_incident_and_its_control_is_not_judged(tmp_path: Path) -> None:
    bank = found_small_bank(tmp_path, files(*BOTH))
    case = bank.begin()
    prepare(bank, case)

    (made,) = facts(case, "process.decided")
    assert made["undecided"] is True
    assert made["values"] == {"level": None}
    (control,) = facts(case, "process.control_executed")
    assert control["result"] == "not_judged"
    (incident,) = facts(case, "process.incident_raised")
    assert (incident["element"], incident["code"]) == ("decide", "process.undecided")
    assert column("undecided", "process_decision", case)[0] in (True, 1)
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_replay_asks_no_decision(tmp_path: Path) -> None:
    """The table is gone; what it decided is made again from the journal."""
    bank = found_small_bank(tmp_path, files(*BOTH))
    case = bank.begin()
    prepare(bank, case, amount=1)
    (made,) = [item for item in facts(case, "process.decided") if item["decision"] == "level"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM packs_content WHERE sha256 = %s", (made["sha256"],))
    content.cache_clear()

    assert replay()["process_decision"].differences == 0
    assert made["values"] == {"level": "clerk"}
