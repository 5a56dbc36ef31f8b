"""Deep verification: every sealed value opens under the reference it is stored by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from touchstone.vault.cipher import (
    SealBroken,
    cipher_of,
    decrypt,
    decrypt_with_any,
    open_ring,
    split_keys,
)


@dataclass(frozen=True, slots=True)
class BrokenValue:
    """A stored value that does not hold."""

    reference: str
    reason: str


def data_keys() -> Iterator[tuple[str, tuple[bytes, ...] | None]]:
    """Every subject with its data keys, the current one first; None where they do not open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, wrapped_by, wrapped FROM vault_subject_key ORDER BY subject"
        )
        stored = [(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]
    if not stored:
        return
    ring = open_ring(Path(settings.KEYS), settings.CIPHER)
    for subject, name, sealed in stored:
        try:
            yield subject, split_keys(decrypt(ring.keys[name], sealed, subject))
        except (SealBroken, KeyError):
            yield subject, None


def ciphers_in_use() -> dict[str, int]:
    """Cipher -> how many subjects still have a data key of it."""
    counted: dict[str, int] = {}
    for _, keys in data_keys():
        for name in {cipher_of(key) for key in keys or ()}:
            counted[name] = counted.get(name, 0) + 1
    return counted


def verify_values() -> BrokenValue | None:
    """The first value that was swapped, rolled back or damaged; erased subjects are passed over."""
    known: dict[str, tuple[bytes, ...]] = {}
    for subject, keys in data_keys():
        if keys is None:
            return BrokenValue(subject, "the subject's key does not open")
        known[subject] = keys
    if not known:
        return None
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT reference, sealed FROM vault_value ORDER BY reference")
        while batch := cursor.fetchmany(1000):
            for reference, sealed in batch:
                keys = known.get(reference.split("/")[0])
                if keys is None:
                    continue
                try:
                    decrypt_with_any(keys, bytes(sealed), reference)
                except SealBroken:
                    return BrokenValue(reference, "the value is not the one that was sealed here")
    return None
