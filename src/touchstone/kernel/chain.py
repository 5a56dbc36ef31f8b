"""Hashes that hold a stream together, and the Merkle root over all stream heads.

A link is SHA-256 over the previous hash and the canonical text of the row, both length-free
because the previous hash has a fixed length (32 bytes; zeroes before the first row).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

GENESIS = bytes(32)


def link(previous: bytes, text: str) -> bytes:
    """The hash of a row whose canonical text is ``text`` after ``previous`` (32 bytes)."""
    assert len(previous) == 32
    return sha256(previous + text.encode()).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Root over ``leaves`` in the given order (RFC 6962 hashing: 0x00 leaf, 0x01 node).

    An odd node is carried up unchanged, so no leaf counts twice. No leaves: hash of nothing.
    """
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        paired = [
            sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]
