"""What may be read of sealed values without a reason: their masks, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection

from touchstone.vault.cipher import SealBroken, decrypt, decrypt_with_any, open_ring, split_keys
from touchstone.vault.masking import Mask, masked


def masked_values(
    subject: str, references: Mapping[str, str], masks: Mapping[str, Mask]
) -> dict[str, str]:
    """Field -> mask of its value; a field that was erased or does not open is left out."""
    if not references:
        return {}
    marks = ", ".join(["%s"] * len(references))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wrapped_by, wrapped FROM vault_subject_key WHERE subject = %s", (subject,)
        )
        wrapped = cursor.fetchone()
        cursor.execute(
            f"SELECT reference, sealed FROM vault_value WHERE reference IN ({marks})",
            sorted(references.values()),
        )
        stored = {reference: bytes(sealed) for reference, sealed in cursor.fetchall()}
    if wrapped is None:
        return {}
    ring = open_ring(Path(settings.KEYS))
    found: dict[str, str] = {}
    try:
        # Between two ciphers a subject has a key for each; whichever opens a value is its own.
        keys = split_keys(decrypt(ring.keys[wrapped[0]], bytes(wrapped[1]), subject))
        for field, reference in references.items():
            value = json.loads(decrypt_with_any(keys, stored[reference], reference))
            found[field] = masked(str(value), masks.get(field, "text"))
    except (SealBroken, KeyError):
        return {}
    return found
