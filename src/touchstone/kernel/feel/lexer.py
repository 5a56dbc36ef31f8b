"""FEEL text as tokens, one at a time: which name stands at a place depends on the names known there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
    ]
)


class SyntaxProblem(Exception):
    """The text is not FEEL; carries the offset and what is wrong, in both languages."""

    def __init__(
        self, offset: int, text: str, chinese: str = "", code: str = "feel.syntax"
    ) -> None:
        super().__init__(text)
        self.offset = offset
        self.text = text
        self.chinese = chinese or text
        self.code = code


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is number, string, at, name, keyword, end, or the operator itself."""

    kind: str
    value: str
    offset: int
    end: int


# The characters of names are those of DMN 1.5, clause 10.3.1.2, rules 28 and 29, without its white space.
_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u167F\u1681-\u180D"
    r"\u180F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFEFE"
    r"\uFF00-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F\u2040"
_WHITE = r"\s\u180E\u200B\uFEFF"
_SPACE = re.compile(rf"(?:[{_WHITE}]+|//[^\n\r]*|/\*.*?\*/)+", re.DOTALL)
_WORD = re.compile(rf"[{_START}][{_PART}]*")
_IS_PART = re.compile(rf"[{_PART}]")
_NAME_TOKEN = re.compile(rf"[{_PART}]+|[^{_PART}{_WHITE}]")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r'|(?P<at>@"(?:\\.|[^"\\])*")'
    r'|(?P<string>"(?:\\.|[^"\\])*")'
    r"|(?P<operator>\*\*|\.\.|->|<=|>=|!=|[=<>+\-*/()\[\]{},:.])",
    re.DOTALL | re.ASCII,
)
_LONG_NAME = rf"[{_START}](?:[{_PART}./\-'+*]|[{_WHITE}])*?"
_ENDED_BY = {
    ":": re.compile(rf"({_LONG_NAME})[{_WHITE}]*(?=:)"),
    "in": re.compile(rf"({_LONG_NAME})[{_WHITE}]+(?=in(?![{_PART}]))"),
    "parameter": re.compile(rf"({_LONG_NAME})[{_WHITE}]*(?=[:,)])"),
}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_SURROGATE = re.compile(r"[\uD800-\uDFFF]")


def unescape(text: str) -> str:
    """The value of a string literal without its quotes."""
    if "\\" not in text:
        return text

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "uU" and len(code) > 1:
            point = int(code[1:], 16)
            return chr(point) if point < 0x110000 else "\ufffd"
        return _SIMPLE.get(code, "\\" + code)

    value = _ESCAPE.sub(one, text)
    if _SURROGATE.search(value):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


_Spelling = tuple[tuple[str, ...], str]
_Long = dict[str, tuple[_Spelling, ...]]


@lru_cache(maxsize=512)
def _long_names(names: tuple[str, ...]) -> _Long:
    """The names that a single word does not spell, by their first word, longest first.

    A name is a row of words and signs, so white space around a sign does not count. Kept, because the
    cells of a table all know the same names.
    """
    found: dict[str, list[_Spelling]] = {}
    for name in names:
        first = _WORD.match(name)
        if first and first.end() != len(name):
            found.setdefault(first[0], []).append((tuple(_NAME_TOKEN.findall(name)), name))
    return {first: tuple(sorted(same, key=_length)) for first, same in found.items()}


def _length(spelling: _Spelling) -> int:
    return -sum(map(len, spelling[0]))


class NameTable:
    """The names of one scope."""

    __slots__ = ("_long", "names")

    def __init__(self, names: Iterable[str] = ()) -> None:
        known = tuple(names)
        self.names: set[str] = set(known)
        self._long = _long_names(known) if known else {}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def add(self, name: str) -> None:
        """Make a name known."""
        self.names.add(name)
        for first, spelled in _long_names((name,)).items():
            same = sorted({*self._long.get(first, ()), *spelled}, key=_length)
            self._long = {**self._long, first: tuple(same)}

    def longest(self, text: str, place: int, first: str) -> tuple[str, int] | None:
        """The longest name of several words at ``place``, and where it ends."""
        for tokens, name in self._long.get(first, ()):
            end = _spelled(text, place, tokens)
            if end:
                return name, end
        return None


def _spelled(text: str, place: int, tokens: tuple[str, ...]) -> int:
    """Where ``tokens`` end in ``text`` when they stand at ``place``; 0 when they do not."""
    end = place
    for number, token in enumerate(tokens):
        begin = skip_space(text, end)
        word = _IS_PART.match(token)
        if number and begin == end and word and _IS_PART.match(text, end - 1):
            return 0
        if not text.startswith(token, begin):
            return 0
        end = begin + len(token)
    if _IS_PART.match(text, end - 1) and _IS_PART.match(text, end):
        return 0
    return end


def skip_space(text: str, place: int) -> int:
    """The first place that is neither white space nor comment."""
    found = _SPACE.match(text, place)
    return found.end() if found else place


def token_at(text: str, place: int, tables: Iterable[NameTable]) -> Token:
    """The token at ``place`` where the names of ``tables`` are known.

    Raises:
        SyntaxProblem: a character that begins no token, or an open string.
    """
    place = skip_space(text, place)
    if place >= len(text):
        return Token("end", "", len(text), len(text))
    word = _WORD.match(text, place)
    if word:
        return _word_at(text, place, word[0], tables)
    found = _TOKEN.match(text, place)
    if found is None:
        raise SyntaxProblem(
            place, f"unexpected character {text[place]!r}", f"此处不能有字符{text[place]!r}"
        )
    kind, value = str(found.lastgroup), found[0]
    if kind == "operator":
        return Token(value, value, place, found.end())
    if kind == "string":
        value = unescape(value[1:-1])
    elif kind == "at":
        value = unescape(value[2:-1])
    return Token(kind, value, place, found.end())


def _word_at(text: str, place: int, first: str, tables: Iterable[NameTable]) -> Token:
    best: tuple[str, int] | None = None
    for table in tables:
        found = table.longest(text, place, first)
        if found and (best is None or found[1] > best[1]):
            best = found
    if best:
        return Token("name", best[0], place, best[1])
    kind = "keyword" if first in KEYWORDS else "name"
    return Token(kind, first, place, place + len(first))


def new_name(text: str, place: int, ended_by: str) -> tuple[str, int, int] | None:
    """A name that is being introduced: its spelling, where it begins and where it ends.

    Args:
        text: the whole text.
        place: where to look.
        ended_by: ``:``, ``in`` or ``parameter`` (``:``, ``,`` or a closing parenthesis).
    """
    place = skip_space(text, place)
    found = _ENDED_BY[ended_by].match(text, place)
    if found is None or "/*" in found[1] or "//" in found[1]:
        return None
    return " ".join(found[1].split()), place, found.end(1)


def following_words(text: str, place: int) -> tuple[str, int] | None:
    """The words after a name that no scope knows, up to a keyword: two names in a row are one."""
    words: list[str] = []
    end = place
    while True:
        begin = skip_space(text, end)
        word = _WORD.match(text, begin)
        if begin == end or word is None or word[0] in KEYWORDS:
            return (" ".join(words), end) if words else None
        words.append(word[0])
        end = word.end()
