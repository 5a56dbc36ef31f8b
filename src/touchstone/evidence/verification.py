"""Deep verification: every file that an act refers to is there, opens, and is the one it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from touchstone.evidence.actions import opened
from touchstone.vault.cipher import SealBroken, decrypt_with_any
from touchstone.vault.verification import data_keys

_ROWS = (
    "SELECT f.reference, f.subject, f.sha256, f.place, v.sealed FROM evidence_file f"
    " LEFT JOIN vault_value v ON v.reference = f.reference WHERE f.is_kept = %s"
    " ORDER BY f.reference"
)


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that does not hold."""

    reference: str
    reason: str


def verify_files() -> BrokenFile | None:
    """The first kept file that is gone or was changed; those of erased subjects are passed over."""
    return next(_broken(), None)


def _broken() -> Iterator[BrokenFile]:
    known = dict(data_keys())
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [True])
        rows = cursor.fetchall()
    for reference, subject, digest, place, sealed in rows:
        keys = known.get(subject)
        if keys is None:
            continue
        try:
            details = json.loads(decrypt_with_any(keys, bytes(sealed or b""), reference))
        except SealBroken:
            yield BrokenFile(reference, "the file's key does not open")
            continue
        if opened(place, bytes.fromhex(details["key"]), digest) is None:
            yield BrokenFile(reference, "the file is gone or is not the one that was stored")
