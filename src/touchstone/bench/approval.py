"""A generated pack with one approval procedure of any length, for benches and tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.text import Text
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read

_FLOW = '<bpmn:sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}"/>'
_TASK = '<bpmn:userTask id="{id}" name="第{number}级审批"/>'
_OPINION = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["opinion"],
    "properties": {
        "opinion": {
            "type": "string",
            "enum": ["approve", "reject"],
            "x-labels": {
                "approve": {"zh": "同意", "en": "Approve"},
                "reject": {"zh": "不同意", "en": "Reject"},
            },
            "x-title": {"zh": "意见", "en": "Opinion"},
        },
        "amount": {"type": "integer", "x-title": {"zh": "金额", "en": "Amount"}},
        "remark": {"type": "string", "maxLength": 500, "x-title": {"zh": "备注", "en": "Remark"}},
    },
    "additionalProperties": False,
}


def approval_bpmn(steps: int, slug: str = "approval") -> str:
    """BPMN of ``steps`` user tasks in a row."""
    names = ["start", *(f"step{number}" for number in range(1, steps + 1)), "end"]
    tasks = "".join(_TASK.format(id=f"step{n}", number=n) for n in range(1, steps + 1))
    flows = "".join(
        _FLOW.format(id=f"f{place}", source=source, target=target)
        for place, (source, target) in enumerate(pairwise(names))
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
        ' targetNamespace="https://touchstone.example/approval">'
        f'<bpmn:process id="{slug}" name="审批" isExecutable="true"><bpmn:startEvent id="start"/>'
        f'{tasks}<bpmn:endEvent id="end"/>{flows}</bpmn:process></bpmn:definitions>'
    )


def approval_procedure(steps: int, identity: str = "P90") -> str:
    """Its YAML: every step with one post, one form, and duty separation between the first two."""
    lines = [
        f"id: {identity}",
        "title: {zh: 逐级审批, en: Approval in steps}",
        "owner: operations",
        "clauses: [APR-01]",
        "bpmn: approval.bpmn",
        "start: {form: opinion, posts: [clerk]}",
        "variables: {}",
        "steps:",
    ]
    for number in range(1, steps + 1):
        lines += [
            f"  step{number}:",
            f"    title: {{zh: 第{number}级审批, en: Approval {number}}}",
            "    posts: [approver]" if number > 1 else "    posts: [clerk]",
            "    unit: case",
            "    form: opinion",
            "    clause: APR-01",
        ]
        if number > 1:
            lines.append(f"    back_to: [step{number - 1}]")
    if steps > 1:
        lines += [
            "separation:",
            "  - {id: two_people, steps: [step1, step2], clause: APR-01}",
        ]
    lines += [
        "controls:",
        f"  - id: {identity}-KCP-1",
        "    title: {zh: 意见明确, en: A clear opinion}",
        "    clause: APR-01",
        "    kind: condition",
        "    at: {step: step1}",
        "    mode: block",
        "    condition: 'values.opinion = \"approve\"'",
    ]
    return "\n".join(lines) + "\n"


def slug_of(steps: int) -> str:
    """The procedure of another length beside ``approval``."""
    return f"approval{steps}"


def write_approval_pack(folder: Path, steps: int = 10, also: Sequence[int] = ()) -> Path:
    """Write the pack into ``folder``; the folder. ``also``: lengths of further procedures."""
    chapter = "# 1 审批\n\n## 1.1 审批\n\n### 1.1.1 逐级审批 {#APR-01}\n\n```yaml\nkind: N\nowner: operations\n```\n\n业务须逐级审批。\n"
    english = "# 1 Approval\n\n### 1.1.1 Approval in steps {#APR-01}\n\nBusiness is approved step by step.\n"
    files = {
        "pack.yaml": "id: approval\nversion: 1.0.0\ntitle: {zh: 审批, en: Approval}\n"
        "in_force_from: 2026-01-01\nlicence: Apache-2.0\nlanguage: zh\n",
        "roles.yaml": "functions: {operations: {title: {zh: 运营, en: Operations}}}\nposts:\n"
        "  clerk: {title: {zh: 经办, en: Clerk}, function: operations, level: outlet}\n"
        "  approver: {title: {zh: 审批, en: Approver}, function: operations, level: outlet}\n"
        "incompatible: []\n",
        "standard/01-approval.md": chapter,
        "standard/en/01-approval.md": english,
    }
    lengths = {"approval": steps, **{slug_of(other): other for other in also}}
    for number, (slug, length) in enumerate(lengths.items(), start=90):
        form = json.dumps(_OPINION, ensure_ascii=False)
        files[f"procedures/{slug}/procedure.yaml"] = approval_procedure(length, f"P{number}")
        files[f"procedures/{slug}/approval.bpmn"] = approval_bpmn(length, slug)
        files[f"procedures/{slug}/forms/opinion.schema.json"] = form
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def open_approval_bank(
    setup: ActContext, folder: Path, steps: int = 10, also: Sequence[int] = ()
) -> None:
    """A bank of one outlet that approves in ``steps``: a clerk ``ann``, approvers ``bob``, ``cat``."""
    apply_pack(setup, read(write_approval_pack(folder, steps, also)))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
    open_unit(setup, "o1", Text("一支行", "Outlet one"), "outlet", "b1")
    for person, post in (("ann", "clerk"), ("bob", "approver"), ("cat", "approver")):
        join_person(setup, person, Text(person, person))
        grant_post(setup, person, post, "o1")
