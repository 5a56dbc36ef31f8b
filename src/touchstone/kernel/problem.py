"""Bad content, returned and never raised: every problem at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from touchstone.kernel.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a text somebody wrote (pack, BPMN, form, FEEL, log, calendar).

    Attributes:
        file: path as the author knows it, relative to the pack or as given.
        line: 1-based line, 0 where the whole file is meant.
        code: stable name ``module.because``.
        text_en: what is wrong and what to do, in English.
        text_zh: the same in Chinese.
        element: id of the BPMN element, form field or key concerned, where there is one.
    """

    file: str
    line: int
    code: str
    text_en: str
    text_zh: str = ""
    element: str | None = None

    @property
    def text(self) -> Text:
        """The statement in both languages."""
        return Text(self.text_zh or self.text_en, self.text_en)

    def as_dict(self) -> dict[str, object]:
        """Plain data for ``pack lint --json``."""
        return {
            "file": self.file,
            "line": self.line,
            "code": self.code,
            "text": self.text_en,
            "text_zh": self.text.zh,
            "element": self.element,
        }
