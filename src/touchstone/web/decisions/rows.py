"""Decisions made, as rows of a list: the case, what was looked at, what it came to, by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.deciding import PastLine
from touchstone.web.decisions.wording import Reading, value_words
from touchstone.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class PastRow:
    """One decision made; ``inputs`` and ``outputs``: title and value in words."""

    line: PastLine
    procedure: Text
    unit: Text
    inputs: tuple[tuple[Text, Text], ...]
    outputs: tuple[tuple[Text, Text], ...]
    rules: tuple[str, ...]


def past_rows(
    lines: Iterable[PastLine], readings: Mapping[str, Reading], visitor: Visitor
) -> tuple[PastRow, ...]:
    """The rows with everything in words."""
    return tuple(
        PastRow(
            line,
            _procedure(line.content, line.procedure),
            visitor.directory.units[line.unit].name,
            in_words(line.past.inputs, readings),
            in_words(line.past.outputs, readings),
            tuple(dict.fromkeys(rule for ids in line.past.rules.values() for rule in ids)),
        )
        for line in lines
    )


def in_words(
    values: Mapping[str, object], readings: Mapping[str, Reading]
) -> tuple[tuple[Text, Text], ...]:
    """Named values in words; numbers that the journal keeps as text read as numbers."""
    found = []
    for name, value in values.items():
        reading = readings.get(name) or Reading(Text(name, name))
        found.append((reading.title, value_words(value, reading)))
    return tuple(found)


def _procedure(content: int, slug: str) -> Text:
    item = catalogue(content).get("procedure", slug)
    return Text.from_mapping(item.data["title"]) if item else Text(slug, slug)
