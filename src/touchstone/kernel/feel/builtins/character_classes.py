"""Character classes and escapes of XPath's regular expressions, written for the library ``regex``."""

from __future__ import annotations

import regex

_CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
_LAST = 0x10FFFF
_NAME_START = (
    (0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF),
    (0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF),
    (0x3001, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
_NAME = tuple(
    sorted(
        (*_NAME_START, (0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
    )
)
_SINGLE = {"n": "\n", "r": "\r", "t": "\t"}
_BLOCKS = {
    "greek": "GreekAndCoptic",
    "combiningmarksforsymbols": "CombiningDiacriticalMarksForSymbols",
}


class PatternProblem(Exception):
    """The pattern is not of XPath's grammar."""


def _written(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(rf"\U{low:08X}-\U{high:08X}" for low, high in ranges)


def _rest(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    found, begin = [], 0
    for low, high in ranges:
        if begin < low:
            found.append((begin, low - 1))
        begin = high + 1
    return (*found, (begin, _LAST))


# The parts of a set; the case flag does not reach those of the second kind.
_SETS = {
    "s": r" \t\n\r",
    "S": _written(_rest(((0x9, 0xA), (0xD, 0xD), (0x20, 0x20)))),
    "i": _written(_NAME_START),
    "I": _written(_rest(_NAME_START)),
    "c": _written(_NAME),
    "C": _written(_rest(_NAME)),
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}",
}


def _block(name: str) -> str:
    plain = name.lower().replace("-", "").replace(" ", "").replace("_", "")
    known = _BLOCKS.get(plain, name)
    try:
        regex.compile(rf"\p{{Block={known}}}")
    except regex.error:
        raise PatternProblem from None
    return f"Block={known}"


class ClassReader:
    """Reads classes and escapes; ``fold`` says that case does not count."""

    def __init__(self, fold: bool) -> None:
        self._fold = fold

    def escape(self, text: str, place: int) -> tuple[str, int]:
        """The escape at ``place`` outside of a class, and where it ends."""
        char, members, end = self._escaped(text, place)
        if char is not None:
            return regex.escape(char, literal_spaces=True), end
        return self._set([], [members], negated=False), end

    def _escaped(self, text: str, place: int) -> tuple[str | None, str, int]:
        """A single character, or the members of a set; and where the escape ends."""
        following = text[place + 1 : place + 2]
        if following in _SETS and following:
            return None, _SETS[following], place + 2
        if following in ("p", "P"):
            close = text.find("}", place)
            if text[place + 2 : place + 3] != "{" or close < 0:
                raise PatternProblem
            name = text[place + 3 : close]
            if name.startswith("Is"):
                name = _block(name[2:])
            elif name not in _CATEGORIES:
                raise PatternProblem
            return None, rf"\{following}{{{name}}}", close + 1
        if following in _SINGLE:
            return _SINGLE[following], "", place + 2
        if following and following in "\\|.?*+(){}-[]^$":
            return following, "", place + 2
        raise PatternProblem

    def read(self, text: str, place: int) -> tuple[str, int]:
        """The class that opens at ``place``, and where it ends."""
        place += 1
        negated = text.startswith("^", place)
        place += negated
        folding: list[str] = []
        exact: list[str] = []
        without = ""
        first = True
        while not text.startswith("]", place):
            if place >= len(text):
                raise PatternProblem
            if not first and text.startswith("-[", place):
                without, place = self.read(text, place + 1)
                if not text.startswith("]", place):
                    raise PatternProblem
                break
            place = self._member(text, place, folding, exact)
            first = False
        if first:
            raise PatternProblem
        found = self._set(folding, exact, negated=negated)
        return (f"(?:(?!{without}){found})" if without else found), place + 1

    def _member(self, text: str, place: int, folding: list[str], exact: list[str]) -> int:
        char, members, end = self._character(text, place)
        if char is None:
            exact.append(members)
            return end
        follows = text[end : end + 1] == "-" and text[end + 1 : end + 2] not in ("]", "[", "")
        if not follows:
            folding.append(_literal(char))
            return end
        last, _, end = self._character(text, end + 1)
        if last is None or last < char:
            raise PatternProblem
        folding.append(f"{_literal(char)}-{_literal(last)}")
        return end

    def _character(self, text: str, place: int) -> tuple[str | None, str, int]:
        char = text[place]
        if char == "\\":
            return self._escaped(text, place)
        if char in "[]":
            raise PatternProblem
        return char, "", place + 1

    def _set(self, folding: list[str], exact: list[str], *, negated: bool) -> str:
        sign = "^" if negated else ""
        if not self._fold or not exact:
            return f"[{sign}{''.join(folding + exact)}]"
        kept = f"(?-i:[{''.join(exact)}])"
        if folding:
            kept = f"(?:[{''.join(folding)}]|{kept})"
        return rf"(?:(?!{kept})[\s\S])" if negated else kept


def _literal(char: str) -> str:
    return rf"\U{ord(char):08X}"
