"""What evidence asks of others: somebody who looks for malicious code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from touchstone.kernel.ports import Port


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner says of a file.

    Attributes:
        result: ``not_scanned`` is said honestly and never taken for ``clean``.
        scanner: its name and the version of what it knows.
    """

    result: Literal["clean", "infected", "not_scanned"]
    scanner: str = ""


class Scanner(Protocol):
    """Looks for malicious code in a file that is otherwise acceptable."""

    def scan(self, content: bytes) -> Verdict:
        """What it found; an error of the scanner's own stops the upload."""
        ...


class NoScanner:
    """Nobody looks: what an installation has until it provides a scanner."""

    def scan(self, content: bytes) -> Verdict:
        """Not scanned."""
        return Verdict("not_scanned")


SCANNER: Port[Scanner] = Port("scanner")
