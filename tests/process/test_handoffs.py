"""A link to a procedure that is not there yet: handed off on record, to somebody, until a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.small_bank import (
    SmallBank,
    column,
    facts,
    found_small_bank,
    holds,
    local,
    refused,
)
from tests.process.small_pack import (
    bpmn,
    parameter,
    procedure,
    review_files,
    step,
    user,
    write_pack,
)
from touchstone.kernel.time import to_microseconds
from touchstone.packs.lint import lint
from touchstone.packs.source import read
from touchstone.process.actions.matters import complete_handoff
from touchstone.process.queries import matters

LINK = """  tell:
    title: {zh: 移交风险, en: Hand off to risk}
    clause: APR-03
    handoff: {procedure: P10, post: supervisor, limit: risk.limit}
"""
SERVICE = '<bpmn:serviceTask id="tell" name="tell"/>'


def files(link: str = LINK, number: str = "P90", service: str = SERVICE) -> dict[str, str]:
    """A procedure with a hand-off between its two steps."""
    steps = step("prepare", "clerk") + step("check", "approver") + link
    return {
        **review_files(),
        "procedures/review/procedure.yaml": procedure(number, "review", steps),
        "procedures/review/review.bpmn": bpmn("review", user("prepare"), service, user("check")),
        "parameters/risk/limit.yaml": parameter("limit", "3wd", "APR-03"),
    }


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path, files())


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_case_goes_on_while_the_owner_has_the_hand_off(bank: SmallBank) -> None:
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    bank.machines()
    bank.complete(case, "check", "bob")
    bank.machines()

    (entry,) = matters("sue", ["supervisor@o1"])
    assert (entry.case, entry.kind, entry.subject) == (case, "handoff", "P10")
    assert entry.due_at == to_microseconds(local("03-06", "00:00"))
    assert len(facts(case, "process.case_ended")) == 1

    complete_handoff(bank.by("sue"), entry.matter, "已转风险管理部并取得回执")

    assert column("note", "process_matter", case) == ["已转风险管理部并取得回执"]
    assert matters("sue", ["supervisor@o1"]) == ()
    assert holds()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_only_the_owner_completes_a_hand_off_and_says_how(bank: SmallBank) -> None:
    case = bank.begin()
    bank.complete(case, "prepare", "ann")
    bank.machines()
    (entry,) = matters("sue", ["supervisor@o1"])

    with refused("process.not_permitted"):
        complete_handoff(bank.by("ann"), entry.matter, "已完成")
    with refused("process.reason_needed"):
        complete_handoff(bank.by("sue"), entry.matter, "")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (files(number="P10"), "process.handoff_exists"),
        (files(LINK.replace("post: supervisor", "post: nobody")), "process.no_such_post"),
        (files(LINK.replace("risk.limit", "risk.none")), "process.no_parameter"),
        (files(LINK.replace("procedure: P10", "procedure: risk")), "packs.schema"),
        (files(LINK.replace("handoff: {", "handoffs: {")), "packs.schema"),
        (files(LINK.partition("    handoff")[0] + "    handler: handoff\n"), "process.no_handoff"),
        (files(LINK + "    handler: archive\n"), "process.not_a_handoff"),
        (files(LINK + "    posts: [clerk]\n", service=user("tell")), "process.not_a_handoff"),
        (
            {**files(), "parameters/risk/limit.yaml": parameter("count", "3")},
            "process.not_a_limit",
        ),
    ],
)
def test_a_wrong_link_is_named_by_lint(tmp_path: Path, changed: dict[str, str], code: str) -> None:
    assert code in [problem.code for problem in lint(read(write_pack(tmp_path, changed)))]


def test_a_right_link_is_no_problem(tmp_path: Path) -> None:
    assert lint(read(write_pack(tmp_path, files()))) == []
