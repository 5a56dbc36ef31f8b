"""A small bank with one approval procedure, set up by the acts of the house."""

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
from touchstone.process import deployment
from touchstone.standard import parameters


@dataclass(frozen=True)
class Bank:
    """The bank and its clock."""

    context: ActContext

    def by(self, person: str, key: str | None = None) -> ActContext:
        """The context of a person's act."""
        return replace(self.context, actor=person, key=key)


@pytest.fixture
def bank(context: ActContext, tmp_path: Path) -> Bank:
    for forget in (identity_queries.forget, packs_catalogue.forget, deployment.forget):
        forget()
    parameters.parameters.cache_clear()
    setup = replace(context, actor="system:setup")
    apply_pack(setup, read(write_approval_pack(tmp_path / "pack", steps=3)))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    open_unit(setup, "b1", Text("一分行", "Branch one"), "branch", "head")
    open_unit(setup, "o1", Text("一支行", "Outlet one"), "outlet", "b1")
    for person, post in (("ann", "clerk"), ("bob", "approver"), ("cat", "approver")):
        join_person(setup, person, Text(person, person))
        grant_post(setup, person, post, "o1")
    grant_post(setup, "ann", "approver", "o1")
    return Bank(context)
