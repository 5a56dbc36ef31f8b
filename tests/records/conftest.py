"""A small bank that keeps two registers: one counted at once, one confirmed by a second person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from touchstone.bench.approval import write_approval_pack
from touchstone.identity import queries as identity_queries
from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.text import Text
from touchstone.packs import catalogue as packs_catalogue
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read

VOLUMES = """
id: volumes
title: {zh: 业务量登记簿, en: Volumes}
clause: APR-01
owner: operations
entered_by: [clerk]
columns: [channel, day]
schema:
  type: object
  additionalProperties: false
  required: [day, channel, transactions]
  properties:
    day: {type: string, format: date, x-title: {zh: 业务日期, en: Day}}
    unit: {type: string, x-open: true, x-title: {zh: 机构, en: Unit}}
    channel: {type: string, enum: [counter, online], x-title: {zh: 渠道, en: Channel},
      x-labels: {counter: {zh: 柜面, en: Counter}, online: {zh: 网上, en: Online}}}
    customer: {type: string, x-open: true, x-title: {zh: 客户, en: Customer}}
    transactions: {type: integer, minimum: 0, x-title: {zh: 笔数, en: Transactions}}
"""
ERRORS = """
id: errors
title: {zh: 差错登记簿, en: Errors}
clause: APR-01
owner: operations
entered_by: [clerk, approver]
confirmed_by: [approver]
columns: [severity]
schema:
  type: object
  additionalProperties: false
  required: [severity]
  properties:
    severity: {type: string, enum: [minor, serious], x-title: {zh: 程度, en: Severity},
      x-labels: {minor: {zh: 轻微, en: Minor}, serious: {zh: 严重, en: Serious}}}
    description: {type: string, maxLength: 20, x-title: {zh: 经过, en: What happened}}
"""


@dataclass(frozen=True)
class Bank:
    """The bank and its clock."""

    context: ActContext

    def by(self, person: str, key: str | None = None) -> ActContext:
        """The context of a person's act."""
        return replace(self.context, actor=person, key=key)


def write_pack(folder: Path) -> Path:
    """The approval pack with two registers."""
    write_approval_pack(folder, steps=3)
    (folder / "registers").mkdir()
    (folder / "registers" / "volumes.yaml").write_text(VOLUMES, encoding="utf-8")
    (folder / "registers" / "errors.yaml").write_text(ERRORS, encoding="utf-8")
    return folder


@pytest.fixture
def bank(context: ActContext, tmp_path: Path) -> Bank:
    for forget in (identity_queries.forget, packs_catalogue.forget):
        forget()
    setup = replace(context, actor="system:setup")
    apply_pack(setup, read(write_pack(tmp_path / "pack")))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
    for outlet in ("o1", "o2"):
        open_unit(setup, outlet, Text(outlet, outlet), "outlet", "b1")
    for person, post, unit in (
        ("ann", "clerk", "o1"),
        ("bob", "approver", "o1"),
        ("cat", "approver", "b1"),
        ("dan", "clerk", "o2"),
        ("eve", "acceptance_clerk", "o1"),
        ("fay", "acceptance_clerk", "o2"),
        ("gus", "security_administrator", "head"),
    ):
        join_person(setup, person, Text(person, person))
        grant_post(setup, person, post, unit)
    return Bank(context)
