"""Lettering: how wide a text is without a font at hand, and how it breaks into lines. Pure.

Chinese breaks between any two characters but never before closing punctuation; English at blanks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_NO_START = frozenset("，。、；：？！）》」』】”’%·…)]},.;:?!")
_NO_END = frozenset("（《「『【“‘([{")
_NARROW = frozenset("iljtfrI.,;:!|'()[]·- ")
_BROAD = frozenset("mwMW@%—")
LINE = 1.28  # height of a line in sizes of the letter


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text as it is set: its lines and the size of its letters."""

    lines: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * LINE


def width(text: str, size: float) -> float:
    """About how wide ``text`` is; a little too wide rather than too narrow."""
    return size * sum(_advance(char) for char in text)


def _advance(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in _NARROW:
        return 0.34
    if char in _BROAD:
        return 0.88
    return 0.68 if char.isupper() else 0.57


def _pieces(text: str) -> list[str]:
    """What must stay together: a word with its blank, one Chinese character with its punctuation."""
    pieces: list[str] = []
    for char in text:
        joined = bool(pieces) and (
            char in _NO_START
            or char == " "
            or pieces[-1][-1] in _NO_END
            or (not _is_wide(char) and not _is_wide(pieces[-1][-1]) and pieces[-1][-1] not in " /")
        )
        if joined:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


@lru_cache(maxsize=4096)
def wrap(text: str, size: float, within: float) -> tuple[str, ...]:
    """``text`` in lines no wider than ``within``, about equally long; a word too long is cut."""
    pieces = _pieces(text)
    lines = _fill(pieces, size, within)
    low, high = within / max(1, len(lines)) / 2, within
    for _ in range(8):
        middle = (low + high) / 2
        narrower = _fill(pieces, size, middle)
        if len(narrower) == len(lines) and not _cuts(pieces, size, middle):
            high = middle
        else:
            low = middle
    return tuple(_fill(pieces, size, high))


def _cuts(pieces: Sequence[str], size: float, within: float) -> bool:
    return any(width(piece.rstrip(), size) > within for piece in pieces)


def _fill(pieces: Sequence[str], size: float, within: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width((lines[-1] + piece).rstrip(), size) > within:
            lines.append("")
        rest = piece
        while width(rest.rstrip(), size) > within and len(rest) > 1:
            place = max(
                1,
                next(
                    n for n in range(len(rest), 0, -1) if n == 1 or width(rest[:n], size) <= within
                ),
            )
            lines[-1] += rest[:place]
            lines.append("")
            rest = rest[place:]
        lines[-1] += rest
    return [line.strip() for line in lines if line.strip()] or [""]


@lru_cache(maxsize=4096)
def fit(
    text: str, within: float, height: float, *, largest: float = 12, smallest: float = 8
) -> Lettering:
    """``text`` as large as it fits into a box; what does not fit at the smallest ends in an ellipsis."""
    size = largest
    while True:
        lines = wrap(text, size, within)
        cut = _cuts(_pieces(text), size, within)
        if len(lines) * size * LINE <= height and not cut:
            return Lettering(lines, size)
        if size <= smallest:
            break
        size -= 0.5
    most = max(1, int(height // (size * LINE)))
    if len(lines) > most:
        lines = (*lines[: most - 1], lines[most - 1][:-1].rstrip() + "…")
    return Lettering(lines, size)
