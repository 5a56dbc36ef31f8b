"""The API is tried in the simulated bank, by people with tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.bank import as_person, bank, holder, made_bank, simulated_bank, static_folder
from touchstone.identity.tokens import SCOPES, issue_token
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.simulation.run import Simulation

__all__ = ["as_person", "bank", "holder", "made_bank", "simulated_bank", "static_folder"]


@dataclass
class Caller:
    """Somebody who calls the API with a token."""

    person: str
    token: str
    client: Client

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", query or {}, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        return self.client.post(
            f"/api/v1{path}",
            content,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def delete(self, path: str, **headers: str) -> Any:
        return self.client.delete(f"/api/v1{path}", headers=self._headers(headers))

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return {"Authorization": f"Bearer {self.token}", **named}


Calling = Callable[..., Caller]


@pytest.fixture
def calling(bank: Simulation) -> Calling:
    """A caller with a new token, by default of every scope."""

    def call(person: str, *scopes: str) -> Caller:
        context = ActContext(person, SystemClock(), SystemChance())
        issued = issue_token(context, person, scopes or tuple(SCOPES), name="test")
        return Caller(person, issued.secret, Client(raise_request_exception=False))

    return call


def open_task(calling: Calling, bank: Simulation) -> tuple[Caller, dict[str, Any]]:
    """Somebody with an open task that he may take."""
    for person in bank.people.staff:
        caller = calling(person.id)
        for task in caller.get("/tasks").json():
            if (
                task["state"] == "open"
                and caller.post(f"/tasks/{task['id']}/claim").status_code == 200
            ):
                caller.post(f"/tasks/{task['id']}/release")
                return caller, task
    raise AssertionError("nobody has an open task")
