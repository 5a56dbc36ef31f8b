"""A bank with one procedure in which a step has a control of every mode, a clock and a way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, found_small_bank
from tests.process.small_pack import OPINION, bpmn, parameter, procedure, step, user

MORE = """controls:
  - id: P90-KCP-1
    title: {zh: 编号已填, en: Number given}
    clause: APR-03
    kind: condition
    at: {step: check}
    mode: block
    condition: "values.number != null"
  - id: P90-KCP-2
    title: {zh: 金额在权限内, en: Within authority}
    clause: APR-04
    kind: condition
    at: {step: check}
    mode: hold
    condition: "values.number != \\"hold\\""
    release: supervisor
  - id: P90-KCP-3
    title: {zh: 编号不为零, en: Number is not nought}
    clause: APR-05
    kind: condition
    at: {step: check}
    mode: flag
    condition: "values.number != \\"0\\""
  - id: P90-KCP-4
    title: {zh: 归档前已核, en: Checked before filed}
    clause: APR-06
    kind: order
    at: {step: file}
    mode: block
    after: [check]
clocks:
  - id: check
    title: {zh: 复核, en: Check}
    clause: APR-02
    limit: review.limit
    starts: {entered: check}
    stops: {completed: check}
    escalate_to: supervisor
separation:
  - {id: two, steps: [prepare, check], clause: APR-01}
"""


@pytest.fixture
def small(tmp_path: Path) -> SmallBank:
    steps = step("prepare", "clerk") + step("check", "approver") + step("file", "clerk")
    steps = steps.replace("  check:\n", "  check:\n    back_to: [prepare]\n", 1).replace(
        "  prepare:\n",
        "  prepare:\n    evidence: [{id: note, title: {zh: 说明, en: Note}, required: false}]\n",
        1,
    )
    return found_small_bank(
        tmp_path,
        {
            "procedures/review/procedure.yaml": procedure("P90", "review", steps, MORE),
            "procedures/review/review.bpmn": bpmn(
                "review", user("prepare"), user("check"), user("file")
            ),
            "procedures/review/forms/opinion.schema.json": json.dumps(OPINION),
            "parameters/review/limit.yaml": parameter("limit", "2wd", "APR-02"),
        },
    )
