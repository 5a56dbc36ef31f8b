"""``touchstone messages`` tells what went out and what failed, without a word of any letter."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.service.conftest import NAME
from touchstone.cli.main import main

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def test_messages_are_listed(
    decided: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    case = decided()
    capsys.readouterr()

    assert main(["messages", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == {"waiting": 1}
    assert [item["case"] for item in said["messages"]] == [case]

    assert main(["messages"]) == 0
    text = capsys.readouterr().out
    assert "decision" in text
    assert NAME not in text

    assert main(["messages", "--state", "failed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["messages"] == []
