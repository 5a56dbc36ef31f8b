"""FEEL text as tokens. Names with spaces are known from the declared names, longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

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
    """The text is not FEEL; carries the offset and what is wrong."""

    def __init__(self, offset: int, text: str, code: str = "feel.syntax") -> None:
        super().__init__(text)
        self.offset = offset
        self.text = text
        self.code = code


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is number, string, at, name, keyword, end, or the operator itself."""

    kind: str
    value: str
    offset: int


_NAME_START = r"[^\W\d]|[?_]"
_PARTS = {
    "space": r"\s+|//[^\n]*|/\*.*?\*/",
    "number": r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?",
    "at": r'@"(?:\\.|[^"\\])*"',
    "string": r'"(?:\\.|[^"\\])*"',
    "operator": r"\*\*|\.\.|->|<=|>=|!=|[=<>+\-*/()\[\]{},:.]",
}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


def unescape(text: str) -> str:
    """The value of a string literal without its quotes."""

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "uU" and len(code) > 1:
            point = int(code[1:], 16)
            return chr(point) if point < 0x110000 else "\ufffd"
        return _SIMPLE.get(code, "\\" + code)

    return _ESCAPE.sub(one, text)


def _spaced(names: Iterable[str]) -> str:
    """A pattern for names that a plain identifier cannot spell, longest first."""
    special = sorted(
        {name for name in names if not re.fullmatch(r"[^\W\d]\w*", name)}, key=len, reverse=True
    )
    return "|".join(r"\s+".join(re.escape(part) for part in name.split()) for name in special)


def tokens(text: str, names: Iterable[str], functions: Iterable[str]) -> list[Token]:
    """The tokens of ``text``, closed by an ``end`` token.

    Raises:
        SyntaxProblem: a character that begins no token, or an open string.
    """
    parts = dict(_PARTS)
    patterns = [f"(?P<space>{parts['space']})", f"(?P<number>{parts['number']})"]
    patterns += [f"(?P<at>{parts['at']})", f"(?P<string>{parts['string']})"]
    spaced = _spaced(names)
    called = _spaced(functions)
    if spaced:
        patterns.append(rf"(?P<declared>(?:{spaced})(?!\w))")
    if called:
        patterns.append(rf"(?P<called>(?:{called})(?=\s*\())")
    patterns += [rf"(?P<name>(?:{_NAME_START})\w*)", f"(?P<operator>{parts['operator']})"]
    scanner = re.compile("|".join(patterns), re.DOTALL)
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = scanner.match(text, place)
        if match is None:
            raise SyntaxProblem(place, f"unexpected character {text[place]!r}")
        kind, value = str(match.lastgroup), match[0]
        if kind in ("declared", "called"):
            found.append(Token("name", " ".join(value.split()), place))
        elif kind == "name":
            found.append(Token("keyword" if value in KEYWORDS else "name", value, place))
        elif kind == "operator":
            found.append(Token(value, value, place))
        elif kind == "string":
            found.append(Token(kind, unescape(value[1:-1]), place))
        elif kind == "at":
            found.append(Token(kind, unescape(value[2:-1]), place))
        elif kind == "number":
            found.append(Token(kind, value, place))
        place = match.end()
    found.append(Token("end", "", len(text)))
    return found
