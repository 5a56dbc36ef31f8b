"""What somebody sent with a form: files are stored first, then everything is read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.forms import Field, FileRule, Form, parse
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.process.actions.filling import EVIDENCE, Desk, hand_in
from touchstone.process.procedure import Evidence

_DIGEST = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: the name is whatever the sender says."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """An answer to a form.

    Attributes:
        values: ready for the act where there are no errors.
        evidence: document -> sha256, for the act.
        typed: for showing the form again and for the draft; files that were stored stay.
        errors: path -> what is wrong; documents under ``_evidence.<id>``.
        reshaped: a row was added or taken away: show the form again.
    """

    values: Mapping[str, Any]
    evidence: Mapping[str, str]
    typed: Mapping[str, Any]
    errors: Mapping[str, Text]
    reshaped: bool


def answer(
    context: ActContext,
    desk: Desk,
    form: Form | None,
    post: Mapping[str, Sequence[str]],
    uploads: Mapping[str, Upload],
    *,
    evidence: Iterable[Evidence] = (),
) -> Answer:
    """Store the ``uploads`` of file fields and documents, then read ``post``.

    Raises:
        Refusal: the person may not act here at all; what is wrong with a file is an error of its field.
    """
    documents = {item.id for item in evidence}
    papers = {f"{EVIDENCE}.{name}" for name in documents}
    file_fields = {item.name for item in form.fields if item.kind == "file"} if form else set()
    stored: dict[str, str] = {}
    wrong: dict[str, Text] = {}
    for name, upload in uploads.items():
        if name not in papers | file_fields:
            wrong[name[:60]] = Text("没有这个字段", "there is no such field")
            continue
        try:
            stored[name] = hand_in(context, desk, upload.name, upload.content).sha256
        except Refusal as refusal:
            if not refusal.code.startswith("evidence."):
                raise
            wrong[name] = refusal.text
    filed = {
        name: digest
        for name in documents
        if (digest := stored.get(f"{EVIDENCE}.{name}") or _earlier(post, name))
    }
    files = {name: digest for name, digest in stored.items() if name in file_fields}
    if form is None:
        return Answer({}, filed, {EVIDENCE: filed}, wrong, reshaped=False)
    parsed = parse(form, post, files=files)
    errors = {**parsed.errors, **wrong}
    typed = {**parsed.typed, EVIDENCE: filed}
    return Answer(parsed.values, filed, typed, errors, parsed.reshaped)


def evidence_field(item: Evidence) -> Field:
    """A document that a step asks for, as a field."""
    return Field(item.id, "file", item.title, required=item.required, file=FileRule(), sealed=True)


def _earlier(post: Mapping[str, Sequence[str]], name: str) -> str | None:
    """The digest of what was uploaded before, which the page sends along."""
    sent = post.get(f"{EVIDENCE}.{name}") or ()
    for text in sent:
        if len(text) == 64 and set(text) <= _DIGEST:
            return text
    return None
