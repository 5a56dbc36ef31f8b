"""The class that every table declares: who writes it and whether replay rebuilds it."""

from __future__ import annotations

from enum import StrEnum


class TableClass(StrEnum):
    """What a table is in the laws of the data."""

    JOURNAL = "journal"
    """Events and checkpoints: appended, never changed."""
    PROJECTION = "projection"
    """Folded from events, in the act and in replay alike; compared by ``journal replay``."""
    VAULT = "vault"
    """Ciphertext and wrapped keys; never replayed."""
    CONTENT = "content"
    """Bytes by their sha256; appended, never changed."""
    DELIVERY = "delivery"
    """Cursors, sessions, drafts: no business fact lives only here."""
