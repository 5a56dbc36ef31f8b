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
from touchstone.kernel.chance import Chance
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.vault.cipher import (
    KEY_BYTES,
    MOST_KEY_BYTES,
    NONCE_BYTES,
    KeyRing,
    SealBroken,
    decrypt,
    decrypt_with_any,
    encrypt,
    open_ring,
    split_keys,
)


def _ring() -> KeyRing:
    return open_ring(Path(settings.KEYS), settings.CIPHER)


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


def index(
    unit: UnitOfWork,
    subject: str,
    field: str,
    value: str,
    *,
    sole: bool = False,
    instead_of: str | None = None,
) -> None:
    """Let ``subject`` be found by ``value`` later, without storing the value.

    ``sole``: no other subject may be indexed under it; an act that comes second begins anew and
    finds the first. ``instead_of``: reference of the value it was found by until now.
    """
    ring = _ring()
    digest = ring.blind(field, value)
    if instead_of is not None:
        before = ring.blind(field, _open(unit, subject, instead_of))
        if before == digest:
            return
        unit.execute(
            "DELETE FROM vault_index WHERE digest = %s AND subject = %s", (before, subject)
        )
    unit.execute(
        "INSERT INTO vault_index (digest, subject, is_sole) VALUES (%s, %s, %s)",
        (digest, subject, sole),
    )


def subjects_with(unit: UnitOfWork, field: str, value: str) -> tuple[str, ...]:
    """Subjects indexed under ``value``."""
    digest = _ring().blind(field, value)
    found = unit.read("SELECT subject FROM vault_index WHERE digest = %s", (digest,))
    return tuple(sorted({row[0] for row in found}))


SUBJECT_KEY = "SELECT wrapped_by, wrapped FROM vault_subject_key WHERE subject = %s"
"""How the wrapped key of a subject is read; an act may hand its answer to ``know_read``."""


def _data_key(unit: UnitOfWork, subject: str) -> bytes:
    ring = _ring()
    stored = _wrapped_keys(unit, subject)
    if stored:
        return split_keys(decrypt(ring.keys[stored[0][0]], bytes(stored[0][1]), subject))[0]
    key = new_data_key(unit.context.chance)
    nonce = unit.context.chance.token_bytes(NONCE_BYTES)
    wrapped = encrypt(ring.keys[ring.current], nonce, key, subject)
    unit.execute(
        "INSERT INTO vault_subject_key (subject, wrapped_by, wrapped) VALUES (%s, %s, %s)",
        (subject, ring.current, wrapped),
    )
    unit.know_read(SUBJECT_KEY, (subject,), [(ring.current, wrapped)])
    return key


def _wrapped_keys(unit: UnitOfWork, subject: str) -> list[tuple[Any, ...]]:
    """The subject's wrapped key as this act knows it: one that it just made is not written yet."""
    stored = unit.read(SUBJECT_KEY, (subject,))
    if stored:
        unit.know_read(SUBJECT_KEY, (subject,), stored)
    return stored


def new_data_key(chance: Chance) -> bytes:
    """A data key for the configured cipher; every cipher takes as much chance as any other."""
    return chance.token_bytes(MOST_KEY_BYTES)[: KEY_BYTES[settings.CIPHER]]


def reseal(unit: UnitOfWork, reference: str, subject: str, field: str, *, version: int) -> str:
    """Seal a value for another subject too, without showing it to anybody; the new reference.

    Raises:
        Refusal: ``vault.no_such_value``.
    """
    value = _open(unit, reference.split("/")[0], reference)
    return seal(unit, subject, {field: value}, version=version)[field]


def remove_within(unit: UnitOfWork, reference: str) -> None:
    """Remove a value that nothing refers to any more."""
    unit.execute("DELETE FROM vault_value WHERE reference = %s", (reference,))


def seal_aside(unit: UnitOfWork, subject: str, value: Any, bound_to: str) -> bytes:
    """``value`` under the subject's key for a delivery table of the caller's; bound to its place."""
    nonce = unit.context.chance.token_bytes(NONCE_BYTES)
    return encrypt(_data_key(unit, subject), nonce, canonical_bytes(value), bound_to)


def open_aside(unit: UnitOfWork, subject: str, sealed: bytes, bound_to: str) -> Any:
    """What ``seal_aside`` sealed; None where the subject was erased or it is not from this place."""
    keys = _wrapped_keys(unit, subject)
    if not keys:
        return None
    ring = _ring()
    try:
        joined = decrypt(ring.keys[keys[0][0]], bytes(keys[0][1]), subject)
        return json.loads(decrypt_with_any(split_keys(joined), sealed, bound_to))
    except (SealBroken, KeyError):
        return None


def reveal(context: ActContext, reference: str, reason: str) -> Any:
    """Show a sealed value; that it was shown, to whom and why is an event.

    Raises:
        Refusal: ``vault.no_reason``, ``vault.no_such_value``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> Any:
        require(directory(), context.actor, "vault.reveal", day_of(unit.now))
        return reveal_within(unit, reference, reason)

    return perform("vault.reveal", context, work)


def reveal_within(unit: UnitOfWork, reference: str, reason: str) -> Any:
    """Show as part of a wider act, whose own rule has said that the actor may see the value.

    Raises:
        Refusal: ``vault.no_reason``, ``vault.no_such_value``.
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


def open_within(unit: UnitOfWork, reference: str) -> Any:
    """A sealed value for the house itself, which shows it to nobody but its own subject.

    The act must say in an event of its own what it did with the value.

    Raises:
        Refusal: ``vault.no_such_value``, ``vault.seal_broken``.
    """
    return _open(unit, reference.split("/")[0], reference)


def _open(unit: UnitOfWork, subject: str, reference: str) -> Any:
    stored = unit.read("SELECT sealed FROM vault_value WHERE reference = %s", (reference,))
    keys = _wrapped_keys(unit, subject)
    if not stored or not keys:
        raise refuse(
            "vault.no_such_value", "该信息不存在或已删除", "The value does not exist or was erased"
        )
    ring = _ring()
    try:
        joined = decrypt(ring.keys[keys[0][0]], bytes(keys[0][1]), subject)
        return json.loads(decrypt_with_any(split_keys(joined), bytes(stored[0][0]), reference))
    except SealBroken:
        raise refuse(
            "vault.seal_broken", "密文校验失败，已拒绝显示", "The sealed value was tampered with"
        ) from None


def erase(context: ActContext, subject: str, reason: str) -> None:
    """Destroy a subject's key: its values can never be read again, and the chain still holds.

    Raises:
        Refusal: ``vault.no_reason``, ``identity.not_permitted``.
    """
    perform("vault.erase", context, lambda unit: erase_within(unit, subject, reason))


def erase_within(unit: UnitOfWork, subject: str, reason: str) -> None:
    """Erase as part of a wider act; the same refusals as ``erase``."""
    if len(reason.strip()) < 4:
        raise refuse("vault.no_reason", "删除须说明理由", "Erasure needs a reason")
    require(directory(), unit.context.actor, "vault.erase", day_of(unit.now))
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
