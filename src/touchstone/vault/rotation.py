"""Changing keys and ciphers (密钥轮换): new wrapping key, and new data keys where the cipher changed.

Safe while people work: a value sealed meanwhile under a subject's earlier data key still opens. The
earlier key is dropped by the next rotation that finds no value left under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.time import day_of
from touchstone.vault.actions import SUBJECT_KEY, new_data_key
from touchstone.vault.cipher import (
    NONCE_BYTES,
    KeyRing,
    SealBroken,
    add_key,
    cipher_of,
    decrypt,
    decrypt_with_any,
    encrypt,
    join_keys,
    split_keys,
)

_PAGE = 500


def rotate(context: ActContext) -> int:
    """Add a wrapping key for the configured cipher, wrap every subject's data key anew, and seal
    anew what was sealed by another cipher; how many subjects were wrapped.

    Raises:
        Refusal: ``identity.not_permitted``; nothing is changed.
    """
    require(directory(), context.actor, "vault.erase", day_of(context.clock.now()))
    ring = add_key(Path(settings.KEYS), settings.CIPHER)
    subjects = _subjects()
    unfit: list[str] = []
    for page in _pages(subjects) or [[]]:
        unfit += _wrap(context.with_key(None), ring, page)
    if unfit:
        references = _references(set(unfit))
        for subject in unfit:
            _seal_anew(context.with_key(None), ring, subject, references.get(subject, ()))
    return len(subjects)


def _subjects() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject FROM vault_subject_key ORDER BY subject")
        return [str(row[0]) for row in cursor.fetchall()]


def _pages(subjects: Sequence[str]) -> list[Sequence[str]]:
    return [subjects[start : start + _PAGE] for start in range(0, len(subjects), _PAGE)]


def _references(subjects: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT reference FROM vault_value ORDER BY reference")
        while batch := cursor.fetchmany(2000):
            for (reference,) in batch:
                subject = reference.split("/")[0]
                if subject in subjects:
                    found.setdefault(subject, []).append(reference)
    return found


def _wrap(context: ActContext, ring: KeyRing, subjects: Sequence[str]) -> list[str]:
    """Wrap the data keys of ``subjects`` anew; those that are not of the configured cipher alone."""

    def work(unit: UnitOfWork) -> list[str]:
        unfit: list[str] = []
        wrapped = 0
        for subject in subjects:
            stored = unit.read(SUBJECT_KEY, (subject,))
            if not stored:
                continue
            joined = decrypt(ring.keys[stored[0][0]], bytes(stored[0][1]), subject)
            keys = split_keys(joined)
            if len(keys) > 1 or cipher_of(keys[0]) != settings.CIPHER:
                unfit.append(subject)
            _store(unit, ring, subject, joined)
            wrapped += 1
        data = {"key": ring.current, "cipher": settings.CIPHER, "subjects": wrapped}
        unit.record("vault", Fact("vault.keys_rotated", data))
        return unfit

    return perform("vault.rotate", context, work)


def _store(unit: UnitOfWork, ring: KeyRing, subject: str, joined: bytes) -> None:
    nonce = unit.context.chance.token_bytes(NONCE_BYTES)
    unit.execute(
        "UPDATE vault_subject_key SET wrapped_by = %s, wrapped = %s WHERE subject = %s",
        (ring.current, encrypt(ring.keys[ring.current], nonce, joined, subject), subject),
    )


def _seal_anew(context: ActContext, ring: KeyRing, subject: str, references: Sequence[str]) -> None:
    """Bring a subject's values under one data key of the configured cipher."""

    def work(unit: UnitOfWork) -> None:
        stored = unit.read(SUBJECT_KEY, (subject,))
        if not stored:
            return
        keys = split_keys(decrypt(ring.keys[stored[0][0]], bytes(stored[0][1]), subject))
        if cipher_of(keys[0]) != settings.CIPHER:
            keys = (new_data_key(unit.context.chance), *keys)
        moved = sum(_move(unit, keys, reference) for reference in references)
        if not moved:
            keys = keys[:1]
        _store(unit, ring, subject, join_keys(keys))
        data = {"values": moved, "keys": len(keys), "cipher": settings.CIPHER}
        fact = Fact("vault.values_sealed_anew", data, (ObjectRef("subject", subject),))
        unit.record(f"subject:{subject}", fact)

    perform("vault.seal_anew", context, work)


def _move(unit: UnitOfWork, keys: Sequence[bytes], reference: str) -> int:
    """Seal a value under the first of ``keys`` where another one opens it; 1 where it was moved."""
    stored = unit.read("SELECT sealed FROM vault_value WHERE reference = %s", (reference,))
    if not stored:
        return 0
    sealed = bytes(stored[0][0])
    try:
        decrypt(keys[0], sealed, reference)
    except SealBroken:
        plain = decrypt_with_any(keys[1:], sealed, reference)
        nonce = unit.context.chance.token_bytes(NONCE_BYTES)
        anew = encrypt(keys[0], nonce, plain, reference)
        unit.execute("UPDATE vault_value SET sealed = %s WHERE reference = %s", (anew, reference))
        return 1
    return 0
