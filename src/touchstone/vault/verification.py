"""Deep verification: every sealed value opens under the reference it is stored by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from touchstone.vault.cipher import SealBroken, decrypt, open_ring


@dataclass(frozen=True, slots=True)
class BrokenValue:
    """A stored value that does not hold."""

    reference: str
    reason: str


def verify_values() -> BrokenValue | None:
    """The first value that was swapped, rolled back or damaged; erased subjects are passed over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, wrapped_by, wrapped FROM vault_subject_key")
        wrapped = {row[0]: (row[1], bytes(row[2])) for row in cursor.fetchall()}
    if not wrapped:
        return None
    ring = open_ring(Path(settings.KEYS))
    keys: dict[str, bytes] = {}
    for subject, (name, sealed) in sorted(wrapped.items()):
        try:
            keys[subject] = decrypt(ring.keys[name], sealed, subject)
        except (SealBroken, KeyError):
            return BrokenValue(subject, "the subject's key does not open")
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT reference, sealed FROM vault_value ORDER BY reference")
        while batch := cursor.fetchmany(1000):
            for reference, sealed in batch:
                key = keys.get(reference.split("/")[0])
                if key is None:
                    continue
                try:
                    decrypt(key, bytes(sealed), reference)
                except SealBroken:
                    return BrokenValue(reference, "the value is not the one that was sealed here")
    return None
