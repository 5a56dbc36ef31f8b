"""A small bank that decides requests and tells its customers by letter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, found_small_bank
from tests.process.small_pack import OPINION, bpmn, parameter, procedure, step, user
from touchstone.records.actions.customers import register_customer
from touchstone.service.actions import delivering

NAME, TELEPHONE = "欧阳清和", "10012345678"
LETTER = """title: {zh: 决定, en: Decision}
clause: APR-02
to: customer
uses:
  variables: [opinion, number]
  clocks: [told]
  limits: [review.limit]
  clauses: [APR-02]
words:
  opinion: {approve: {zh: 同意, en: granted}, reject: {zh: 不同意, en: refused}}
subject: {zh: "结果 {case.number}", en: "Result {case.number}"}
body:
  zh: |
    {recipient.name}:
    您的申请结果为：{opinion}。
    编号 {number?}。
    最迟 {clock.told?} 送达，时限 {limit.review.limit}。
    {clause.APR-02}
    {unit.name} {institution.name} {case.title} {today}
  en: |
    {recipient.name},
    your request was {opinion}.
    Number {number?}.
    To be delivered by {clock.told?}, within {limit.review.limit}.
    {clause.APR-02}
    {unit.name}, {institution.name}, {case.title}, {today}
"""
STAFF_LETTER = """title: {zh: 通知, en: Notice}
clause: APR-02
to: {posts: [branch_head], unit: branch}
subject: {zh: "知悉 {case.number}", en: "For your attention {case.number}"}
body: {zh: "{recipient.name}：请知悉。", en: "{recipient.name}, please note."}
"""
MORNING = """title: {zh: 今日到期, en: Today}
clause: APR-02
purpose: morning
to: everybody
subject: {zh: "今日 {total} 项", en: "{total} today"}
body:
  zh: "{recipient.name}\\n{tasks}\\n--\\n{may_take}\\n--\\n{clocks}\\n--\\n{matters}"
  en: "{recipient.name}\\n{tasks}\\n--\\n{may_take}\\n--\\n{clocks}\\n--\\n{matters}"
"""
WEEKLY = """title: {zh: 每周, en: Week}
clause: APR-02
purpose: weekly
to: {posts: [outlet_head, branch_head]}
subject: {zh: "{unit.name} {total}", en: "{unit.name} {total}"}
body:
  zh: "{from} {to}\\n{breaches}\\n--\\n{overdue}\\n--\\n{escalations}"
  en: "{from} {to}\\n{breaches}\\n--\\n{overdue}\\n--\\n{escalations}"
"""
CLOCKS = """clocks:
  - id: decide
    title: {zh: 决定时限, en: Time to decide}
    clause: APR-02
    limit: review.limit
    starts: {entered: decide}
    stops: {completed: decide}
    escalate_to: supervisor
  - id: told
    title: {zh: 告知时限, en: Time to tell}
    clause: APR-02
    limit: review.limit
    starts: {entered: tell}
    stops: {delivered: tell}
    escalate_to: supervisor
"""


def notice_files() -> dict[str, str]:
    """The procedure ``notice``: decide, then tell the customer; and ``word``: tell him face to face."""
    tell = "  tell:\n    title: {zh: 告知, en: Telling}\n    clause: APR-02\n    letter: decision\n"
    form = json.dumps(OPINION, ensure_ascii=False)
    word = step("tell", "clerk").replace(
        "    clause",
        '    letter: {id: decision, told_when: "opinion = \\"approve\\""}\n    clause',
    )
    inform = step("tell", "clerk").replace("    clause", "    letter: attention\n    clause")
    told = CLOCKS[CLOCKS.index("  - id: told") :]
    return {
        "procedures/notice/procedure.yaml": procedure(
            "P91",
            "notice",
            step("decide", "clerk") + tell.replace("    letter", "    handler: notify\n    letter"),
            CLOCKS,
        ),
        "procedures/notice/notice.bpmn": bpmn(
            "notice", user("decide"), '<bpmn:serviceTask id="tell" name="tell"/>'
        ),
        "procedures/notice/forms/opinion.schema.json": form,
        "procedures/word/procedure.yaml": procedure("P92", "word", word, "clocks:\n" + told),
        "procedures/word/word.bpmn": bpmn("word", user("tell")),
        "procedures/word/forms/opinion.schema.json": form,
        "procedures/inform/procedure.yaml": procedure("P93", "inform", inform),
        "procedures/inform/inform.bpmn": bpmn("inform", user("tell")),
        "procedures/inform/forms/opinion.schema.json": form,
        "parameters/review/limit.yaml": parameter("limit", "2wd", "APR-02"),
        "parameters/messages/max_attempts.yaml": parameter("count", "3", "APR-02"),
        "letters/decision.yaml": LETTER,
        "letters/attention.yaml": STAFF_LETTER,
        "letters/morning.yaml": MORNING,
        "letters/weekly.yaml": WEEKLY,
    }


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "pack", notice_files())


@pytest.fixture
def customer(bank: SmallBank) -> str:
    values = {
        "kind": "personal",
        "risk_grade": "low",
        "name": NAME,
        "identity_number": "990001199001010018",
        "telephone": TELEPHONE,
    }
    return register_customer(bank.by("system:setup"), values, unit="o1")


@pytest.fixture
def decided(bank: SmallBank, customer: str) -> Callable[..., str]:
    """Begin a case for the customer, decide it, and let the machines queue the letter."""
    from touchstone.process.actions.cases import start_case

    def begin(**values: object) -> str:
        given = {"opinion": "approve", "number": "N-7", "remark": "私密备注", **values}
        case = start_case(bank.by("ann"), "notice", unit="o1", values=given, customer=customer)
        bank.complete(case, "decide", "ann", **values)
        bank.machines()
        return case

    return begin


@pytest.fixture
def send(bank: SmallBank) -> Callable[[], int]:
    """Let the worker send what is due."""

    def run() -> int:
        return delivering.run_due(replace(bank.context, actor="system:worker"))

    return run
