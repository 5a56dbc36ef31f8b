"""Two versions of the standard beside each other; the tests put a second one in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock
from touchstone.packs.apply import apply_pack
from touchstone.packs.catalogue import applied_versions, catalogue
from touchstone.packs.lock import LOCK
from touchstone.packs.source import Pack, read, shipped_pack

LogIn = Callable[[str], Client]
Holder = Callable[..., str]


@pytest.fixture
def clerk(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("acceptance_clerk"))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def edited(pack: Pack, path: str, old: str, new: str) -> Pack:
    file = pack.files[path]
    text = file.content.decode()
    assert old in text
    content = text.replace(old, new, 1).encode()
    # An edition in the making: its lock would refuse what was changed under the same version.
    kept = {name: item for name, item in pack.files.items() if name != LOCK}
    return replace(pack, files={**kept, path: replace(file, content=content)})


def test_two_versions_beside_each_other_wording_and_numbers(clerk: Client) -> None:
    first = applied_versions()[0].version
    pack = edited(
        read(shipped_pack()),
        "standard/02-acceptance.md",
        "收件后首先核验客户身份",
        "收件后<b>应先</b>核验客户身份",
    )
    pack = edited(
        pack,
        "parameters/acceptance/initial_review_limit.yaml",
        'source: "S4-2.1.3.1"}',
        'source: "S4-2.1.3.1"}\n  - {from: 2027-01-01, value: 1wd}',
    )
    apply_pack(ActContext("system:setup", SystemClock(), SystemChance()), pack)

    page = page_of(clerk, "/standard/versions/")
    one = page_of(clerk, "/standard/versions/?clause=ACP-06")
    backwards = page_of(clerk, f"/standard/versions/?before={catalogue().version}&after={first}")

    assert "ACP-01" in page
    assert "ACP-06" in page
    assert "<del>首</del>" in page
    assert "<b>应先" not in page
    assert "&lt;" in page
    assert "1 个工作日" in one
    assert "ACP-01" not in one
    assert "ACP-01" in backwards
    assert len(applied_versions()) == 2
