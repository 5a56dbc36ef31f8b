"""Chance as a port: ids, nonces and keys come from here, so a simulated year repeats exactly."""

from __future__ import annotations

import random
import secrets
from typing import Protocol

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Chance(Protocol):
    """The port for chance."""

    def token_bytes(self, length: int) -> bytes:
        """``length`` unpredictable bytes (predictable only in a simulation)."""
        ...


class SystemChance:
    """The machine's secure randomness; made only at the edge."""

    def token_bytes(self, length: int) -> bytes:
        """Secure bytes."""
        return secrets.token_bytes(length)


class SeededChance:
    """Repeatable bytes from a seed; never used for a real institution."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point

    def token_bytes(self, length: int) -> bytes:
        """The next bytes of the seeded sequence."""
        return self._random.randbytes(length)


def new_id(chance: Chance) -> str:
    """A new 16-character id, 80 bits of chance, without letters that look like digits."""
    number = int.from_bytes(chance.token_bytes(10))
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -5, -5))
