"""Numbers in expressions: limits run out by the calendar, and what an expression asks for must exist."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, column, facts, found_small_bank, holds, local
from tests.process.small_pack import (
    OPINION,
    bpmn,
    parameter,
    procedure,
    review_files,
    step,
    user,
    write_pack,
)
from touchstone.kernel import feel
from touchstone.kernel.time import to_microseconds
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.process.deployment import functions_of
from touchstone.process.diagram import Program, compile_diagram

TIMER = (
    '<bpmn:intermediateCatchEvent id="later"><bpmn:timerEventDefinition>'
    "<bpmn:timeDate>={}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


def files(timer: str) -> dict[str, str]:
    """A procedure that waits for a timer between its two steps."""
    steps = step("prepare", "clerk") + step("check", "approver")
    diagram = bpmn("slow", user("prepare"), TIMER.format(timer), user("check"))
    return {
        **review_files(),
        "procedures/slow/procedure.yaml": procedure("P94", "slow", steps),
        "procedures/slow/slow.bpmn": diagram,
        "procedures/slow/forms/opinion.schema.json": json.dumps(OPINION, ensure_ascii=False),
        "parameters/slow/pause.yaml": parameter("limit", "2wd"),
        "parameters/slow/share.yaml": parameter("percent", "20"),
    }


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_timer_waits_until_a_limit_of_the_standard_has_run_out(tmp_path: Path) -> None:
    bank: SmallBank = found_small_bank(tmp_path, files('deadline("slow.pause")'))
    bank.at("03-06")  # a Friday: the second working day after it ends on Tuesday at midnight
    case = bank.begin("slow")
    bank.complete(case, "prepare", "ann")

    assert column("next_at", "process_wait", case) == [to_microseconds(local("03-11", "00:00"))]
    bank.at("03-10", "23:59")
    bank.machines()
    assert column("id", "process_task", case, "element = 'check'") == []
    bank.at("03-11", "00:00")
    bank.machines()
    assert len(column("id", "process_task", case, "element = 'check'")) == 1
    assert facts(case, "process.incident_raised") == []
    assert holds()


@pytest.mark.parametrize(
    ("timer", "code"),
    [
        ('deadline("slow.nothing")', "process.no_parameter"),
        ('deadline("slow.share")', "process.not_a_limit"),
        ("if parameter('slow.gone') &gt; 1 then 1 else 2", "process.no_parameter"),
    ],
)
def test_an_expression_that_asks_for_what_is_not_there_is_named(
    tmp_path: Path, timer: str, code: str
) -> None:
    found = lint(read(write_pack(tmp_path, files(timer))))

    assert code in [item.code for item in found]
    (problem,) = [item for item in found if item.code == code]
    assert (problem.file, problem.line) == ("procedures/slow/slow.bpmn", 1)


@pytest.mark.django_db
def test_a_limit_begins_at_an_instant_and_is_none_without_one() -> None:
    now = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    functions = functions_of({})

    for text in ('deadline("a.b")', 'deadline("a.b", "yesterday")', "deadline(1)"):
        compiled = feel.compile(text, names={}, functions=functions)
        assert isinstance(compiled, feel.Expression)
        found = compiled.evaluate({}, now=now)
        assert found.value is None
        assert found.problems


def test_a_diagram_knows_no_function_it_was_not_given() -> None:
    xml = files('deadline("slow.pause")')["procedures/slow/slow.bpmn"].encode()

    assert not isinstance(compile_diagram(xml, file="slow.bpmn", names={}), Program)
