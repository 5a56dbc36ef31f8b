"""What somebody sends with a form: files are stored and named by digest, everything else read strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import samples
from tests.process.small_bank import SmallBank, facts, found_small_bank, refused
from tests.process.small_pack import OPINION, review_files
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.filling import AtTask, load_draft, save_draft
from touchstone.process.actions.tasks import complete_task
from touchstone.process.deployment import deployment
from touchstone.process.forms import Form
from touchstone.process.procedure import Evidence
from touchstone.ui.forms.answer import Answer, Upload, answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PROOF = (Evidence("proof", Text("证明", "Proof"), required=True),)


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    files = review_files()
    paper = {"type": "string", "x-file": True, "x-title": {"zh": "附件", "en": "Paper"}}
    properties: dict[str, Any] = {**OPINION["properties"], "paper": paper}  # type: ignore[dict-item]
    files["procedures/review/forms/opinion.schema.json"] = json.dumps(
        {**OPINION, "properties": properties}
    )
    return found_small_bank(tmp_path / "pack", files)


@pytest.fixture
def desk(bank: SmallBank) -> AtTask:
    return AtTask(bank.task(bank.begin(), "prepare"))


def form() -> Form:
    return deployment(catalogue().version, "review").forms["opinion"]


def send(bank: SmallBank, desk: AtTask, *, person: str = "ann", **sent: Any) -> Answer:
    uploads = {
        name.replace("__", "."): Upload(*item)
        for name, item in sent.items()
        if isinstance(item, tuple)
    }
    post = {name.replace("__", "."): [item] for name, item in sent.items() if isinstance(item, str)}
    return answer(bank.by(person), desk, form(), post, uploads, evidence=PROOF)


def test_files_and_values_go_into_the_act(bank: SmallBank, desk: AtTask) -> None:
    found = send(
        bank,
        desk,
        opinion="approve",
        paper=("a.png", samples.picture("PNG")),
        _evidence__proof=("b.pdf", samples.PDF),
    )

    assert found.errors == {}
    complete_task(bank.by("ann"), desk.task, found.values, evidence=found.evidence)
    case = desk.task.partition(".")[0]
    assert [item["evidence"] for item in facts(case, "process.evidence_added")] == ["proof"]


def test_a_file_that_is_not_taken_is_an_error_of_its_field_and_the_rest_stays(
    bank: SmallBank, desk: AtTask
) -> None:
    found = send(
        bank,
        desk,
        opinion="approve",
        paper=("a.html", b"<html>"),
        _evidence__proof=("b.pdf", samples.PDF),
        other=("c.pdf", samples.PDF),
    )

    assert set(found.errors) == {"paper", "other"}
    assert found.errors["paper"].en == "Files of this kind are not taken"
    again = send(bank, desk, opinion="approve", _evidence__proof=found.evidence["proof"])
    assert (again.errors, again.evidence) == ({}, found.evidence)


def test_a_draft_keeps_what_was_uploaded(bank: SmallBank, desk: AtTask) -> None:
    found = send(bank, desk, opinion="ap", _evidence__proof=("b.pdf", samples.PDF))

    save_draft(bank.by("ann"), desk, found.typed, 0)

    draft = load_draft(bank.by("ann"), desk)
    assert draft is not None
    assert draft.typed == {"opinion": "ap", "_evidence": dict(found.evidence)}


def test_who_may_not_act_stores_nothing(bank: SmallBank, desk: AtTask) -> None:
    with refused("process.not_permitted"):
        send(bank, desk, person="bob", opinion="approve", paper=("b.pdf", samples.PDF))


def test_a_digest_made_up_is_refused_by_the_act(bank: SmallBank, desk: AtTask) -> None:
    found = send(bank, desk, opinion="approve", _evidence__proof="0" * 64)

    with refused("evidence.not_stored"):
        complete_task(bank.by("ann"), desk.task, found.values, evidence=found.evidence)
    assert send(bank, desk, opinion="approve", _evidence__proof="../../x").evidence == {}
