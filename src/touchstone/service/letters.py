"""A standard letter: content of the standard with named places, filled in without running anything. Pure.

A place is ``{name}``; a line with a place ``{name?}`` that has no value is left out. Nothing else is
understood, so neither a template nor a value can do more than stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.text import Language, Text

Purpose = Literal["case", "morning", "weekly"]
_PLACE = re.compile(r"\{([^{}\n]{1,80})\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
LANGUAGES: tuple[Language, Language] = ("zh", "en")

# Names that every letter of a purpose may use without saying so.
GIVEN: Mapping[Purpose, frozenset[str]] = {
    "case": frozenset(
        {"recipient.name", "case.number", "case.title", "unit.name", "institution.name", "today"}
    ),
    "morning": frozenset(
        {"recipient.name", "today", "total", "tasks", "may_take", "clocks", "matters"}
    ),
    "weekly": frozenset(
        {"recipient.name", "today", "unit.name", "from", "to", "total"}
        | {"breaches", "overdue", "escalations"}
    ),
}


class MissingValue(Exception):
    """Places of a letter that must have a value have none."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets a letter.

    Attributes:
        kind: the customer of the case, holders of posts, or everybody who works here.
        posts: for holders.
        place: where the posts are held, seen from the case's unit.
    """

    kind: Literal["customer", "posts", "everybody"]
    posts: tuple[str, ...] = ()
    place: Literal["case", "branch", "head"] = "case"


@dataclass(frozen=True, slots=True)
class Letter:
    """A standard letter.

    Attributes:
        variables, clocks, limits, clauses: what it uses of the case and the standard; clocks give
            promised dates, limits are parameters, clauses their wording.
        words: variable -> value -> how it is said.
    """

    id: str
    title: Text
    clause: str
    purpose: Purpose
    to: Recipients
    variables: tuple[str, ...]
    clocks: tuple[str, ...]
    limits: tuple[str, ...]
    clauses: tuple[str, ...]
    words: Mapping[str, Mapping[str, Text]]
    subject: Text
    body: Text

    def names(self) -> frozenset[str]:
        """Every name its places may use."""
        return frozenset(
            {
                *GIVEN[self.purpose],
                *self.variables,
                *(f"clock.{clock}" for clock in self.clocks),
                *(f"limit.{limit}" for limit in self.limits),
                *(f"clause.{clause}" for clause in self.clauses),
            }
        )

    def places(self, language: Language) -> frozenset[str]:
        """Every name its text uses in one language."""
        text = f"{self.subject.in_language(language)}\n{self.body.in_language(language)}"
        return frozenset(name for name, _ in _places(text))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as it goes out, in both languages."""

    subject: Text
    body: Text

    def as_data(self) -> dict[str, dict[str, str]]:
        """Plain data for the vault."""
        return {"subject": self.subject.as_dict(), "body": self.body.as_dict()}

    @classmethod
    def from_data(cls, data: Mapping[str, Mapping[str, str]]) -> Rendered:
        """Read what ``as_data`` wrote."""
        return cls(Text.from_mapping(data["subject"]), Text.from_mapping(data["body"]))


def read_letter(identity: str, raw: Mapping[str, Any]) -> Letter:
    """The letter of parsed YAML that its schema has accepted."""
    uses = raw.get("uses") or {}
    return Letter(
        id=identity,
        title=Text.from_mapping(raw["title"]),
        clause=raw["clause"],
        purpose=raw.get("purpose", "case"),
        to=_recipients(raw["to"]),
        variables=tuple(uses.get("variables") or ()),
        clocks=tuple(uses.get("clocks") or ()),
        limits=tuple(uses.get("limits") or ()),
        clauses=tuple(uses.get("clauses") or ()),
        words={
            variable: {value: Text.from_mapping(text) for value, text in said.items()}
            for variable, said in (raw.get("words") or {}).items()
        },
        subject=Text.from_mapping(raw["subject"]),
        body=Text.from_mapping(raw["body"]),
    )


def _recipients(raw: Any) -> Recipients:
    if raw in ("customer", "everybody"):
        return Recipients(raw)
    return Recipients("posts", tuple(raw["posts"]), raw.get("unit", "case"))


def render(letter: Letter, values: Mapping[str, Text]) -> Rendered:
    """The letter with its places filled.

    Raises:
        MissingValue: a place without ``?`` has no value.
    """
    missing = sorted(
        name
        for language in LANGUAGES
        for text in (letter.subject, letter.body)
        for name, optional in _places(text.in_language(language))
        if not optional and not _value(values, name, language)
    )
    if missing:
        raise MissingValue(tuple(dict.fromkeys(missing)))
    subjects = [_filled(letter.subject, values, language).strip() for language in LANGUAGES]
    bodies = [_filled(letter.body, values, language).strip() + "\n" for language in LANGUAGES]
    return Rendered(Text(*(" ".join(text.split()) for text in subjects)), Text(*bodies))


def _filled(text: Text, values: Mapping[str, Text], language: Language) -> str:
    lines = []
    for line in text.in_language(language).splitlines():
        left_out = any(
            optional and not _value(values, name, language) for name, optional in _places(line)
        )
        if not left_out:
            lines.append(
                _PLACE.sub(lambda found: _value(values, _name(found[1])[0], language), line)
            )
    return "\n".join(lines)


def _value(values: Mapping[str, Text], name: str, language: Language) -> str:
    found = values.get(name)
    return _CONTROL.sub(" ", found.in_language(language)) if found else ""


def _places(text: str) -> Iterator[tuple[str, bool]]:
    for found in _PLACE.finditer(text):
        yield _name(found[1])


def _name(written: str) -> tuple[str, bool]:
    name = written.strip()
    return (name[:-1].strip(), True) if name.endswith("?") else (name, False)
