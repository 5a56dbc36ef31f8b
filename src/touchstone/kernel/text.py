"""Bilingual text: Chinese is authoritative, English complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in both languages of the product."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The wording in ``language``."""
        return self.zh if language == "zh" else self.en

    def format(self, **values: object) -> Text:
        """Both wordings with the same named places filled."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def as_dict(self) -> dict[str, str]:
        """``{"zh": …, "en": …}``, the form used in content and payloads."""
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def from_mapping(cls, value: Mapping[str, str]) -> Text:
        """Read ``{"zh": …, "en": …}``.

        Raises:
            KeyError: a language is missing.
        """
        return cls(value["zh"], value["en"])
