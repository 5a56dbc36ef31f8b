"""A small pack for tests: whatever procedures a test writes, with the posts and clauses they need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

POSTS = {
    "clerk": "outlet",
    "approver": "outlet",
    "supervisor": "outlet",
    "outlet_head": "outlet",
    "branch_head": "branch",
    "quality_officer": "head",
    "security_auditor": "head",
}
OPINION = {
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
        "number": {"type": "string", "x-open": True, "x-title": {"zh": "编号", "en": "Number"}},
        "remark": {"type": "string", "x-title": {"zh": "备注", "en": "Remark"}},
    },
    "additionalProperties": False,
}
# A form that asks for the open field ``number``.
NUMBER_FORM = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["number"],
  "properties": {"number": {"type": "string", "x-open": true, "x-title": {"zh": "编号", "en": "Number"}}}
}
"""
_CLAUSES = "".join(
    f"### 1.1.{number} 条款 {{#APR-0{number}}}\n\n```yaml\nkind: N\nowner: operations\n```\n\n须如此办理。\n\n"
    for number in range(1, 10)
)
_ENGLISH = "".join(
    f"### 1.1.{number} Clause {{#APR-0{number}}}\n\nIt is done so.\n\n" for number in range(1, 10)
)


def bpmn(slug: str, *elements: str, extra: str = "") -> str:
    """A process of ``elements`` in a row; each is a whole BPMN element whose id comes first."""
    names = [element.split('id="', 1)[1].split('"', 1)[0] for element in elements]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{place}" sourceRef="{source}" targetRef="{target}"/>'
        for place, (source, target) in enumerate(pairwise(["start", *names, "end"]))
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"'
        f' targetNamespace="https://touchstone.example/{slug}">{extra}'
        f'<bpmn:process id="{slug}" name="{slug}" isExecutable="true">'
        f'<bpmn:startEvent id="start"/>{"".join(elements)}<bpmn:endEvent id="end"/>{flows}'
        "</bpmn:process></bpmn:definitions>"
    )


def user(name: str) -> str:
    """A user task."""
    return f'<bpmn:userTask id="{name}" name="{name}"/>'


def step(name: str, post: str) -> str:
    """Its entry in ``procedure.yaml``."""
    return (
        f"  {name}:\n    title: {{zh: {name}, en: {name}}}\n    posts: [{post}]\n"
        "    unit: case\n    form: opinion\n    clause: APR-01\n"
    )


def procedure(number: str, slug: str, steps: str, more: str = "") -> str:
    """A ``procedure.yaml``."""
    return (
        f"id: {number}\ntitle: {{zh: {slug}, en: {slug}}}\nowner: operations\nclauses: [APR-01]\n"
        f"bpmn: {slug}.bpmn\nstart: {{form: opinion, posts: [clerk]}}\nsteps:\n{steps}{more}"
    )


def parameter(unit: str, value: str, clause: str = "APR-09") -> str:
    """A parameter with one value."""
    return (
        f"title: {{zh: 参数, en: Parameter}}\nunit: {unit}\nclause: {clause}\n"
        f"values:\n  - {{from: 2020-01-01, value: {value}, source: test}}\n"
    )


REVIEW_CLOCKS = """clocks:
  - id: check
    title: {zh: 复核, en: Check}
    clause: APR-02
    limit: review.limit
    starts: {entered: check}
    stops: {completed: check}
    escalate_to: supervisor
"""
SEPARATION = "separation:\n  - {id: two, steps: [prepare, check], clause: APR-01}\n"


def review_files() -> dict[str, str]:
    """The procedure ``review``: prepare, then check by another person within two working days."""
    steps = step("prepare", "clerk") + step("check", "approver")
    return {
        "procedures/review/procedure.yaml": procedure(
            "P90", "review", steps, REVIEW_CLOCKS + SEPARATION
        ),
        "procedures/review/review.bpmn": bpmn("review", user("prepare"), user("check")),
        "procedures/review/forms/opinion.schema.json": json.dumps(OPINION, ensure_ascii=False),
        "parameters/review/limit.yaml": parameter("limit", "2wd", "APR-02"),
    }


def write_pack(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a pack of ``files`` with posts and clauses into ``folder``; the folder."""
    posts = "".join(
        f"  {post}: {{title: {{zh: {post}, en: {post}}}, function: operations, level: {level}}}\n"
        for post, level in POSTS.items()
    )
    written = {
        "pack.yaml": "id: small\nversion: 1.0.0\ntitle: {zh: 小包, en: Small}\n"
        "in_force_from: 2026-01-01\nlicence: Apache-2.0\nlanguage: zh\n",
        "roles.yaml": "functions: {operations: {title: {zh: 运营, en: Operations}}}\nposts:\n"
        f"{posts}incompatible: []\n",
        "standard/01-one.md": f"# 1 总则\n\n## 1.1 总则\n\n{_CLAUSES}",
        "standard/en/01-one.md": f"# 1 General\n\n{_ENGLISH}",
        **files,
    }
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
