"""What is wrong in a log file, with its line; a reader collects these and then stops."""

from __future__ import annotations

from collections.abc import Sequence

from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text

MOST = 50


class LogBroken(Exception):
    """The file cannot be imported.

    Attributes:
        problems: everything found before reading stopped, at most ``MOST``.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.file}:{p.line}: {p.text_en}" for p in problems))
        self.problems = problems


class Problems:
    """Collects problems of one file and gives up when there are too many."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Problem] = []

    def add(self, line: int, code: str, zh: str, en: str, element: str | None = None) -> None:
        """Note one problem.

        Raises:
            LogBroken: the file has ``MOST`` problems: more would help nobody.
        """
        self._found.append(Problem(self.file, line, code, en, zh, element))
        if len(self._found) >= MOST:
            self.stop()

    def fail(self, line: int, code: str, zh: str, en: str) -> LogBroken:
        """The exception for a problem after which reading cannot go on."""
        return LogBroken(*self._found, Problem(self.file, line, code, en, zh))

    def stop(self) -> None:
        """Raise what was found, if anything.

        Raises:
            LogBroken: something was found.
        """
        if self._found:
            raise LogBroken(*self._found)


def as_refusal(problems: Sequence[Problem], shown: int = 5) -> Refusal:
    """The answer to a person: the first problems with file and line."""
    lines_en = [f"{p.file}:{p.line}: {p.text_en}" for p in problems[:shown]]
    lines_zh = [f"{p.file}:{p.line}: {p.text.zh}" for p in problems[:shown]]
    if len(problems) > shown:
        lines_en.append(f"and {len(problems) - shown} more")
        lines_zh.append(f"另有 {len(problems) - shown} 处")
    return Refusal(problems[0].code, Text("; ".join(lines_zh), "; ".join(lines_en)))
