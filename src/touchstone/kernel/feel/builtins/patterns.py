"""Regular expressions as XPath has them, run by ``regex`` within a budget of time.

The pattern is read by XPath's grammar and written anew for the library, so what XPath does not know
(look-around, possessive quantifiers, inline flags) is refused, and what it means otherwise than Python
(``.``, ``$``, ``\\w``, ``\\i``, class subtraction, case and categories) means what XPath says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any

import regex

from touchstone.kernel.feel.builtins.character_classes import ClassReader, PatternProblem
from touchstone.kernel.feel.limits import MAX_PATTERN, MAX_RANGE, MAX_REPEAT, MAX_TEXT
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.values import Exhausted, FeelError

_META = frozenset(".\\?*+{}()[]|^$")
_WHITE = " \t\n\r"
_PART = 16  # characters of a class that count as one part: its ranges are held for each repetition


class _Translation:
    """One pattern on its way from XPath's grammar to the library's."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._text = "".join(_without_white(pattern)) if "x" in flags else pattern
        self._place = 0
        self._dot_all, self._lines = "s" in flags, "m" in flags
        self._classes = ClassReader("i" in flags)
        self._open: list[int] = []
        self._sizes = [0]
        self._groups = 0
        self._closed: set[int] = set()

    def written(self) -> str:
        """The pattern for the library."""
        parts: list[str] = []
        while self._place < len(self._text):
            parts.append(self._piece())
        if self._open:
            raise PatternProblem
        return "".join(parts)

    def _piece(self) -> str:
        char = self._text[self._place]
        if char == "|":
            self._place += 1
            return "|"
        if char == "(":
            return self._group()
        if char == ")":
            if not self._open:
                raise PatternProblem
            self._place += 1
            group = self._open.pop()
            if group:
                self._closed.add(group)
            return ")" + self._quantifier(self._sizes.pop() or 1)
        atom = self._atom(char)
        return atom + self._quantifier(1 + len(atom) // _PART)

    def _group(self) -> str:
        self._place += 1
        self._sizes.append(0)
        if self._text.startswith("?:", self._place):
            self._place += 2
            self._open.append(0)
            return "(?:"
        if self._text.startswith("?", self._place):
            raise PatternProblem
        self._groups += 1
        self._open.append(self._groups)
        return "("

    def _atom(self, char: str) -> str:
        if char == "\\":
            return self._escape()
        if char == "[":
            written, self._place = self._classes.read(self._text, self._place)
            return written
        self._place += 1
        if char == ".":
            return r"[\s\S]" if self._dot_all else r"[^\n\r]"
        if char == "^":
            return r"(?:\A|(?<=\n)(?!\Z))" if self._lines else r"(?:\A)"
        if char == "$":
            return r"(?:(?=\n)|\Z)" if self._lines else r"(?:\Z)"
        if char in _META:
            raise PatternProblem
        return str(regex.escape(char, literal_spaces=True))

    def _escape(self) -> str:
        following = self._text[self._place + 1 : self._place + 2]
        if following.isdigit() and following.isascii():
            return self._reference()
        written, self._place = self._classes.escape(self._text, self._place)
        return written

    def _reference(self) -> str:
        """A back-reference: as many digits as there are groups; to nothing it matches nothing."""
        end = self._place + 2
        while (
            self._text[end : end + 1].isdigit()
            and int(self._text[self._place + 1 : end + 1]) <= self._groups
        ):
            end += 1
        number = int(self._text[self._place + 1 : end])
        if number not in self._closed:
            raise PatternProblem
        self._place = end
        return rf"(?:(?({number})\{number}|))"

    def _quantifier(self, size: int) -> str:
        """The quantifier of an atom of that size, which may be none."""
        char = self._text[self._place : self._place + 1]
        if char and char in "?*+":
            self._place += 1
            written = char
        elif char == "{":
            found = regex.compile(r"\{(\d{1,9})(?:(,)(\d{0,9}))?\}").match(self._text, self._place)
            if not found:
                raise PatternProblem
            low, high = int(found[1]), int(found[3]) if found[3] else None
            if high is not None and high < low:
                raise PatternProblem
            size *= max(low, high or 0, 1)
            self._place = found.end()
            written = found[0]
        else:
            written = ""
        self._sizes[-1] += size
        if self._sizes[-1] > MAX_REPEAT:
            raise PatternProblem
        if not written:
            return ""
        if self._text.startswith("?", self._place):
            self._place += 1
            written += "?"
        if self._text[self._place : self._place + 1] in ("?", "*", "+", "{"):
            raise PatternProblem
        return written


def _without_white(pattern: str) -> Any:
    """The pattern without white space outside of classes, as the flag ``x`` asks."""
    depth, escaped = 0, False
    for char in pattern:
        if char in _WHITE and not depth:
            continue
        yield char
        if escaped:
            escaped = False
            continue
        escaped = char == "\\"
        depth += (char == "[") - (char == "]" and depth > 0)


@lru_cache(maxsize=128)
def _compiled(pattern: str, flags: str) -> Any:
    try:
        if "q" in flags:
            written = regex.escape(pattern, literal_spaces=True)
        else:
            written = _Translation(pattern, flags).written()
        return regex.compile(written, regex.V0 | (regex.I if "i" in flags else 0))
    except (PatternProblem, regex.error, RecursionError, OverflowError):
        return None


def compiled(pattern: str, flags: str) -> Any:
    """The pattern, ready to run.

    Raises:
        FeelError: the pattern or a flag is none of XPath's.
    """
    if set(flags) - set("smixq"):
        raise FeelError(f"unknown flags {flags!r}", f"未知标志{flags!r}")
    found = _compiled(pattern, flags) if len(pattern) <= MAX_PATTERN else None
    if found is None:
        raise FeelError("no regular expression of XPath", "不是XPath的正则表达式")
    return found


def timed(run: Run, call: Callable[[float], Any]) -> Any:
    """What ``call`` gives within the time that is left for patterns.

    Raises:
        Exhausted: the time is used up.
    """
    begun = time.perf_counter()
    try:
        return call(max(run.pattern_seconds, 0.001))
    except TimeoutError:
        raise Exhausted("a regular expression takes too long", "正则表达式耗时过长") from None
    finally:
        run.pattern_seconds -= time.perf_counter() - begun


def matches_in(run: Run, text: str, pattern: Any) -> list[Any]:
    """Every match, from left to right.

    Raises:
        Exhausted: there are too many, or they take too long.
    """

    def found(seconds: float) -> list[Any]:
        return list(islice(pattern.finditer(text, timeout=seconds), MAX_RANGE + 1))

    matches: list[Any] = timed(run, found)
    if len(matches) > MAX_RANGE:
        raise Exhausted("a pattern matches too often", "模式匹配次数过多")
    return matches


def replaced(run: Run, text: str, pattern: Any, replacement: str, *, literal: bool) -> str:
    """``text`` with every match replaced; ``$1`` stands for a group and ``\\$`` for a dollar.

    Raises:
        FeelError: the pattern matches nothing at all, or the replacement is none of XPath's.
    """
    if timed(run, lambda seconds: pattern.search("", timeout=seconds)):
        raise FeelError("the pattern matches an empty string", "模式可匹配空串")
    parts = [replacement] if literal else _replacement(replacement, pattern.groups)
    made: list[str] = []
    length = end = 0
    for found in matches_in(run, text, pattern):
        made.append(text[end : found.start()])
        made += [part if isinstance(part, str) else found[part] or "" for part in parts]
        length += sum(len(item) for item in made[-len(parts) - 1 :])
        run.charge(1 + len(parts))
        if length > MAX_TEXT:
            raise Exhausted("a string grows too long", "字符串过长")
        end = found.end()
    return "".join(made) + text[end:]


def _replacement(text: str, groups: int) -> list[str | int]:
    """A replacement in its literal parts and the numbers of groups."""
    parts: list[str | int] = []
    literal: list[str] = []
    place = 0
    while place < len(text):
        char, following = text[place], text[place + 1 : place + 2]
        if char == "$":
            if not (following.isdigit() and following.isascii()):
                raise FeelError("a dollar needs a number after it", "美元号后须为数字")
            end = place + 2
            while text[end : end + 1].isdigit() and int(text[place + 1 : end + 1]) <= groups:
                end += 1
            number = int(text[place + 1 : end])
            parts += ["".join(literal), number if number <= groups else ""]
            literal = []
            place = end
            continue
        if char == "\\":
            if following not in ("\\", "$") or not following:
                raise FeelError("a backslash needs \\ or $ after it", "反斜线后须为\\或$")
            char = following
            place += 1
        literal.append(char)
        place += 1
    return [part for part in (*parts, "".join(literal)) if part != ""]
