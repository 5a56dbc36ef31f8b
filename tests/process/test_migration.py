"""A dry run says which running cases fit a newer version, and why others do not; it moves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_bank import SmallBank, found_small_bank, refused
from tests.process.small_pack import (
    OPINION,
    REVIEW_CLOCKS,
    SEPARATION,
    bpmn,
    procedure,
    review_files,
    step,
    user,
    write_pack,
)
from touchstone.identity.actions import grant_post
from touchstone.journal.queries import journal_size
from touchstone.packs.apply import apply_pack
from touchstone.packs.catalogue import catalogue
from touchstone.packs.source import read
from touchstone.process.actions.tasks import claim_task
from touchstone.process.queries import CaseFit, migration_dry_run

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
STEPS = step("prepare", "clerk") + step("check", "approver")
CONTROL = """controls:
  - id: K1
    title: {zh: 同意, en: Approved}
    clause: APR-04
    kind: condition
    at: {step: prepare}
    mode: block
    condition: values.opinion = "approve"
"""
YAML = "procedures/review/procedure.yaml"
DIAGRAM = "procedures/review/review.bpmn"
FORM = "procedures/review/forms/opinion.schema.json"


def files(more: str = REVIEW_CLOCKS + CONTROL, steps: str = STEPS) -> dict[str, str]:
    """The review with one control and no separation of duties."""
    return {**review_files(), YAML: procedure("P90", "review", steps, more)}


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return found_small_bank(tmp_path / "old", files())


def waiting(bank: SmallBank) -> str:
    """A case at its check."""
    case = bank.begin(number="N-1")
    bank.complete(case, "prepare", "ann")
    return case


def tried(bank: SmallBank, folder: Path, changed: dict[str, str]) -> CaseFit:
    """The fit of the one case with the changed standard."""
    apply_pack(bank.context, read(write_pack(folder / "new", changed)))
    before = journal_size()
    (fit,) = migration_dry_run(procedure="review")
    assert journal_size() == before
    return fit


def kinds(fit: CaseFit) -> list[tuple[str, str]]:
    return [(misfit.kind, misfit.subject) for misfit in fit.misfits]


def test_a_case_fits_where_only_words_changed(bank: SmallBank, tmp_path: Path) -> None:
    case = waiting(bank)
    changed = files(REVIEW_CLOCKS + CONTROL.replace("Approved", "Agreed"))

    fit = tried(bank, tmp_path, changed)

    assert (fit.case, fit.misfits, fit.may_move) == (case, (), True)
    assert (fit.content, fit.to) == (1, catalogue().version)


def test_a_token_at_a_step_that_is_gone_does_not_fit(bank: SmallBank, tmp_path: Path) -> None:
    waiting(bank)
    changed = files(REVIEW_CLOCKS.replace("check}", "verify}") + CONTROL)
    changed[YAML] = changed[YAML].replace("  check:", "  verify:")
    changed[DIAGRAM] = bpmn("review", user("prepare"), user("verify"))

    fit = tried(bank, tmp_path, changed)

    assert kinds(fit) == [("element_gone", "check")]
    assert not fit.may_move


def test_a_token_at_a_step_of_another_kind_does_not_fit(bank: SmallBank, tmp_path: Path) -> None:
    waiting(bank)
    steps = step("prepare", "clerk") + (
        "  check:\n    title: {zh: 归档, en: Archive}\n    handler: archive\n"
    )
    changed = files(REVIEW_CLOCKS + CONTROL, steps)
    changed[DIAGRAM] = bpmn("review", user("prepare"), '<bpmn:serviceTask id="check"/>')

    assert kinds(tried(bank, tmp_path, changed)) == [("kind_changed", "check")]


def form(**fields: object) -> str:
    """The form with ``number`` replaced by ``fields``."""
    properties = {name: item for name, item in OPINION["properties"].items() if name != "number"}  # type: ignore[attr-defined]
    return json.dumps({**OPINION, "properties": {**properties, **fields}}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("schema", "kind", "may_move"),
    [
        (form(), "field_gone", True),
        (
            form(number={"type": "string", "x-title": {"zh": "编号", "en": "Number"}}),
            "field_sealed",
            False,
        ),
        (
            form(number={"type": "integer", "x-title": {"zh": "编号", "en": "Number"}}),
            "field_changed",
            True,
        ),
    ],
)
def test_a_field_the_case_holds_that_changed_is_named(
    bank: SmallBank, tmp_path: Path, schema: str, kind: str, may_move: bool
) -> None:
    waiting(bank)

    fit = tried(bank, tmp_path, {**files(), FORM: schema})

    assert kinds(fit) == [(kind, "number")]
    assert fit.may_move is may_move


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (REVIEW_CLOCKS, [("control_gone", "K1")]),
        (
            REVIEW_CLOCKS + CONTROL.replace("mode: block", "mode: flag"),
            [("control_changed", "K1")],
        ),
        (
            REVIEW_CLOCKS + CONTROL + CONTROL.removeprefix("controls:\n").replace("K1", "K2"),
            [("control_missed", "K2")],
        ),
        (CONTROL, [("clock_gone", "check")]),
    ],
)
def test_a_control_or_clock_already_met_that_changed_is_for_somebody_to_look_at(
    bank: SmallBank, tmp_path: Path, more: str, expected: list[tuple[str, str]]
) -> None:
    waiting(bank)

    fit = tried(bank, tmp_path, files(more))

    assert kinds(fit) == expected
    assert fit.may_move


def test_duties_that_are_to_be_separate_and_were_not_do_not_fit(
    bank: SmallBank, tmp_path: Path
) -> None:
    case = waiting(bank)
    grant_post(bank.context, "ann", "approver", "o1")
    claim_task(bank.by("ann"), bank.task(case, "check"))

    fit = tried(bank, tmp_path, files(REVIEW_CLOCKS + CONTROL + SEPARATION))

    assert kinds(fit) == [("separation_violated", "two")]
    assert not fit.may_move


def test_a_procedure_that_is_gone_is_said_to_be(bank: SmallBank, tmp_path: Path) -> None:
    case = waiting(bank)
    changed = {name: text for name, text in files().items() if not name.startswith("procedures/")}

    fit = tried(bank, tmp_path, changed)

    assert kinds(fit) == [("procedure_gone", "review")]
    assert migration_dry_run(case=case)[0] == fit


def test_ended_cases_and_those_on_the_version_already_are_left_out(
    bank: SmallBank, tmp_path: Path
) -> None:
    case = waiting(bank)
    assert migration_dry_run() == ()
    bank.complete(case, "check", "bob")
    apply_pack(bank.context, read(write_pack(tmp_path / "new", files(CONTROL))))
    later = bank.begin()

    assert migration_dry_run() == ()
    (back,) = migration_dry_run(to=1)
    assert (back.case, back.content, back.to) == (later, 2, 1)
    with refused("packs.no_such_version"):
        migration_dry_run(to=-1)
