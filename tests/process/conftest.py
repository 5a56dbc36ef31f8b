"""A small bank with one approval procedure, set up by the acts of the house."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from touchstone.bench.approval import open_approval_bank
from touchstone.identity.actions import grant_post
from touchstone.journal.unit_of_work import ActContext


@dataclass(frozen=True)
class Bank:
    """The bank and its clock."""

    context: ActContext

    def by(self, person: str, key: str | None = None) -> ActContext:
        """The context of a person's act."""
        return replace(self.context, actor=person, key=key)


@pytest.fixture
def bank(context: ActContext, tmp_path: Path, nothing_cached: None) -> Bank:
    setup = replace(context, actor="system:setup")
    open_approval_bank(setup, tmp_path / "pack", steps=3)
    grant_post(setup, "ann", "approver", "o1")
    return Bank(context)
