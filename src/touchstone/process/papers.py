"""The files that an act refers to: they lie in the store, and are what their fields ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from touchstone.evidence.actions import Stored, adopt_within, keep_within
from touchstone.evidence.sniffing import EXTENSIONS
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact
from touchstone.kernel.forms import Field
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.forms import Form


def keep_papers(
    unit: UnitOfWork,
    subject: str,
    form: Form | None,
    values: Mapping[str, Any],
    evidence: Mapping[str, str],
    *,
    inbox: str | None = None,
) -> Mapping[str, Stored]:
    """Every file that checked ``values`` and ``evidence`` name, by digest.

    ``inbox`` is the subject that they were handed in for before the case existed.

    Raises:
        Refusal: ``evidence.not_stored``, ``process.wrong_file``.
    """
    named = list(_files(form.fields, values)) if form else []
    digests = {*evidence.values(), *(digest for _, digest in named)}
    if not digests:
        return {}
    found = (
        keep_within(unit, subject, digests)
        if inbox is None
        else adopt_within(unit, inbox, subject, digests)
    )
    for field, digest in named:
        _fits(field, found[digest])
    return found


def evidence_facts(
    evidence: Mapping[str, str], stored: Mapping[str, Stored], **more: str
) -> tuple[Fact, ...]:
    """One fact for each document filed."""
    return tuple(
        Fact(
            "process.evidence_added",
            {"evidence": name, "sha256": digest, **stored[digest].as_data(), **more},
        )
        for name, digest in sorted(evidence.items())
    )


def _files(fields: Sequence[Field], values: Mapping[str, Any]) -> Iterator[tuple[Field, str]]:
    for field in fields:
        value = values.get(field.name)
        if value is None:
            continue
        if field.kind == "file":
            yield field, str(value)
        elif field.kind == "group":
            yield from _files(field.fields, value)
        elif field.kind == "rows":
            for row in value:
                yield from _files(field.fields, row)


def _fits(field: Field, stored: Stored) -> None:
    rule = field.file
    if rule is None:
        return
    if rule.types and stored.media_type not in rule.types:
        wanted = ", ".join(EXTENSIONS.get(item, item).upper() for item in rule.types)
        raise _wrong(field, f"须为 {wanted}", f"it has to be {wanted}")
    if rule.max_bytes is not None and stored.size > rule.max_bytes:
        most = rule.max_bytes // 1024
        raise _wrong(field, f"不得超过 {most} KB", f"it has at most {most} KB")


def _wrong(field: Field, zh: str, en: str) -> Refusal:
    return refuse(
        "process.wrong_file",
        f"「{field.title.zh}」的文件不符合要求：{zh}",
        f"The file for “{field.title.en}” does not fit: {en}",
        remedy_zh="请重新上传",
        remedy_en="Upload another one",
    )
