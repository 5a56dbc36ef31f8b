"""The business says no: a value with code, text, clause and remedy, raised to the edge.

An ``assert`` means that we were wrong; a refusal means that the request was.
"""

from __future__ import annotations

from touchstone.kernel.text import Text


class Refusal(Exception):
    """A clear answer to an act that may not happen; nothing has changed when it is raised.

    Attributes:
        code: stable name ``module.because``, searched for in the source (``process.same_person``).
        text: what was refused and why, in both languages.
        clause: id of the clause that demands it, where there is one.
        remedy: what the person can do now.
    """

    def __init__(
        self, code: str, text: Text, *, clause: str | None = None, remedy: Text | None = None
    ) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
        self.clause = clause
        self.remedy = remedy

    def as_dict(self) -> dict[str, object]:
        """The refusal as plain data, for pages, the API and ``--json``."""
        return {
            "code": self.code,
            "text": self.text.as_dict(),
            "clause": self.clause,
            "remedy": self.remedy.as_dict() if self.remedy else None,
        }


def refuse(
    code: str,
    zh: str,
    en: str,
    *,
    clause: str | None = None,
    remedy_zh: str | None = None,
    remedy_en: str | None = None,
) -> Refusal:
    """Build a refusal from plain strings; the caller raises it."""
    remedy = Text(remedy_zh, remedy_en) if remedy_zh and remedy_en else None
    return Refusal(code, Text(zh, en), clause=clause, remedy=remedy)
