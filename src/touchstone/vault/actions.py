"""Sealing, showing, erasing; the only writers of the vault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.canonical import canonical_bytes
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.vault.cipher import (
    KEY_BYTES,
    NONCE_BYTES,
    KeyRing,
    SealBroken,
    add_key,
    decrypt,
    encrypt,
    open_ring,
)


def _ring() -> KeyRing:
    return open_ring(Path(settings.KEYS))


def reference_of(subject: str, field: str, version: int) -> str:
    """The reference that stands for a sealed value everywhere outside the vault."""
    return f"{subject}/{field}/{version}"


def seal(
    unit: UnitOfWork, subject: str, values: Mapping[str, Any], *, version: int
) -> dict[str, str]:
    """Seal ``values`` of ``subject`` within the act; field -> reference.

    ``version`` is the position of the row that will carry the references, so ids need no chance.
    """
    if not values:
        return {}
    key = _data_key(unit, subject)
    references: dict[str, str] = {}
    for field, value in sorted(values.items()):
        reference = reference_of(subject, field, version)
        nonce = unit.context.chance.token_bytes(NONCE_BYTES)
        sealed = encrypt(key, nonce, canonical_bytes(value), reference)
        unit.execute(
            "INSERT INTO vault_value (reference, sealed) VALUES (%s, %s)", (reference, sealed)
        )
        references[field] = reference
    return references


def index(unit: UnitOfWork, subject: str, field: str, value: str) -> None:
    """Let ``subject`` be found by ``value`` later, without storing the value."""
    digest = _ring().blind(field, value)
    unit.execute("INSERT INTO vault_index (digest, subject) VALUES (%s, %s)", (digest, subject))


def subjects_with(unit: UnitOfWork, field: str, value: str) -> tuple[str, ...]:
    """Subjects indexed under ``value``."""
    digest = _ring().blind(field, value)
    found = unit.read("SELECT subject FROM vault_index WHERE digest = %s", (digest,))
    return tuple(sorted({row[0] for row in found}))


SUBJECT_KEY = "SELECT wrapped_by, wrapped FROM vault_subject_key WHERE subject = %s"
"""How the wrapped key of a subject is read; an act may hand its answer to ``know_read``."""


def _data_key(unit: UnitOfWork, subject: str) -> bytes:
    ring = _ring()
    stored = unit.read(SUBJECT_KEY, (subject,))
    if stored:
        return decrypt(ring.keys[stored[0][0]], bytes(stored[0][1]), subject)
    key = unit.context.chance.token_bytes(KEY_BYTES)
    nonce = unit.context.chance.token_bytes(NONCE_BYTES)
    wrapped = encrypt(ring.keys[ring.current], nonce, key, subject)
    unit.execute(
        "INSERT INTO vault_subject_key (subject, wrapped_by, wrapped) VALUES (%s, %s, %s)",
        (subject, ring.current, wrapped),
    )
    return key


def reveal(context: ActContext, reference: str, reason: str) -> Any:
    """Show a sealed value; that it was shown, to whom and why is an event.

    Raises:
        Refusal: ``vault.no_reason``, ``vault.no_such_value``, ``identity.not_permitted``.
    """
    if len(reason.strip()) < 4:
        raise refuse(
            "vault.no_reason",
            "查看敏感信息须说明理由",
            "Showing a sealed value needs a reason",
            remedy_zh="请填写查看理由",
            remedy_en="State why you need to see it",
        )
    subject = reference.split("/")[0]

    def work(unit: UnitOfWork) -> Any:
        require(directory(), context.actor, "vault.reveal", day_of(unit.now))
        value = _open(unit, subject, reference)
        unit.record(
            f"subject:{subject}",
            Fact(
                "vault.value_shown",
                {"reference": reference, "reason": reason.strip()[:500]},
                (ObjectRef("subject", subject),),
            ),
        )
        return value

    return perform("vault.reveal", context, work)


def _open(unit: UnitOfWork, subject: str, reference: str) -> Any:
    stored = unit.read("SELECT sealed FROM vault_value WHERE reference = %s", (reference,))
    keys = unit.read(SUBJECT_KEY, (subject,))
    if not stored or not keys:
        raise refuse(
            "vault.no_such_value", "该信息不存在或已删除", "The value does not exist or was erased"
        )
    ring = _ring()
    try:
        key = decrypt(ring.keys[keys[0][0]], bytes(keys[0][1]), subject)
        return json.loads(decrypt(key, bytes(stored[0][0]), reference))
    except SealBroken:
        raise refuse(
            "vault.seal_broken", "密文校验失败,已拒绝显示", "The sealed value was tampered with"
        ) from None


def erase(context: ActContext, subject: str, reason: str) -> None:
    """Destroy a subject's key: its values can never be read again, and the chain still holds.

    Raises:
        Refusal: ``vault.no_reason``, ``identity.not_permitted``.
    """
    if len(reason.strip()) < 4:
        raise refuse("vault.no_reason", "删除须说明理由", "Erasure needs a reason")

    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, "vault.erase", day_of(unit.now))
        unit.record(
            f"subject:{subject}",
            Fact(
                "vault.subject_erased",
                {"reason": reason.strip()[:500]},
                (ObjectRef("subject", subject),),
            ),
        )
        unit.execute("DELETE FROM vault_subject_key WHERE subject = %s", (subject,))
        unit.execute("DELETE FROM vault_index WHERE subject = %s", (subject,))

    perform("vault.erase", context, work)


def rotate(context: ActContext) -> int:
    """Add a wrapping key and wrap every subject's key anew; how many were wrapped."""
    ring = add_key(Path(settings.KEYS))

    def work(unit: UnitOfWork) -> int:
        require(directory(), context.actor, "vault.erase", day_of(unit.now))
        stored = unit.read("SELECT subject, wrapped_by, wrapped FROM vault_subject_key")
        for subject, wrapped_by, wrapped in stored:
            key = decrypt(ring.keys[wrapped_by], bytes(wrapped), subject)
            nonce = context.chance.token_bytes(NONCE_BYTES)
            unit.execute(
                "UPDATE vault_subject_key SET wrapped_by = %s, wrapped = %s WHERE subject = %s",
                (ring.current, encrypt(ring.keys[ring.current], nonce, key, subject), subject),
            )
        unit.record("vault", Fact("vault.keys_rotated", {"key": ring.current}))
        return len(stored)

    return perform("vault.rotate", context, work)
