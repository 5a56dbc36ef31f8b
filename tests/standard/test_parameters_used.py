"""Every number of the shipped standard is used where it means something, or is known to wait."""

from __future__ import annotations

import re
from pathlib import Path

import touchstone
from touchstone.packs.source import read, shipped_pack

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_SOURCE = Path(touchstone.__file__).parent

# What is cited by a clause and used by nothing yet -> the procedure that will use it, or why nobody
# ever reads the number itself.
WAITING = {
    "controls.certificate_first_warning": "P16: certificates are kept with courses and exams",
    "controls.certificate_second_warning": "P16: certificates are kept with courses and exams",
    "controls.certificate_last_warning": "P16: certificates are kept with courses and exams",
    "credit.authority_letter_max_term": "P17: letters of authority are kept with appraisal",
    "credit.automatic_first_review_max": "P08: a registered reviewer belongs to a listed product",
    "credit.automatic_first_review_score": "P08: a registered reviewer belongs to a listed product",
    "report_threshold.cash": "P10: cash is reported from the stream of transactions",
    "retention.audit_years": "P12: disposal of files is checked by audit",
    "retention.complaint_years": "P12: disposal of files is checked by audit",
    "retention.credit_file_years": "P12: disposal of files is checked by audit",
    "retention.identity_years": "P05: the end of a relationship is a change of the customer file",
    "retention.transaction_years": "P10: transactions are kept with their stream",
    "revision.review_interval": "P21: documents due for review come from the management review",
    "service.progress_delay": "held by design: progress is read from the case itself, without delay",
}


def _content() -> dict[str, str]:
    """Path -> text of what makes rules: neither the clauses' prose nor the parameters themselves."""
    files = read(shipped_pack()).files
    prose = ("standard/", "parameters/")
    return {
        path: file.content.decode() for path, file in files.items() if not path.startswith(prose)
    }


def _parameters() -> set[str]:
    files = read(shipped_pack()).files
    paths = [Path(path) for path in files if path.startswith("parameters/")]
    return {f"{path.parent.name}.{path.stem}" for path in paths}


def _used() -> set[str]:
    content = {name for text in _content().values() for name in _NAME.findall(text)}
    code = {
        name
        for path in _SOURCE.rglob("*.py")
        for name in re.findall(r'"([a-z0-9_]+\.[a-z0-9_]+)"', path.read_text("utf-8"))
    }
    return content | code


def test_every_parameter_is_used_or_known_to_wait() -> None:
    silent = _parameters() - _used()

    assert silent == WAITING.keys(), "used by nothing and not known to wait, or waiting no more"


def test_what_waits_names_a_procedure_that_is_not_there() -> None:
    numbers = {
        found.group(1)
        for path, text in _content().items()
        if path.endswith("/procedure.yaml") and (found := re.search(r"^id: (P\d\d)", text))
    }
    for parameter, reason in WAITING.items():
        procedure, _, _ = reason.partition(":")
        assert procedure == "held by design" or procedure not in numbers, (
            f"{parameter} waits for {procedure}, which is there"
        )
