"""What an export reads of the journal: rows, their facts, and the objects each fact is about."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from touchstone.kernel.facts import ObjectRef, Recorded


class Row(Protocol):
    """One row of the journal; ``journal.reading.EventRow`` is one."""

    @property
    def stream(self) -> str:
        """``type:id``, or one word."""
        ...

    def recorded(self) -> Iterator[Recorded]:
        """The row's facts, each with its place."""
        ...


@dataclass(frozen=True)
class Summary:
    """What was written.

    Attributes:
        files: in the order written.
        events: facts, not journal rows.
        objects: distinct objects the facts are about.
    """

    files: tuple[Path, ...]
    events: int
    objects: int


def facts_of(rows: Iterable[Row]) -> Iterator[Recorded]:
    """All facts of ``rows`` in their order."""
    for row in rows:
        yield from row.recorded()


def stream_object(stream: str) -> ObjectRef:
    """The object that a stream belongs to; a stream of one word is an object of type ``stream``."""
    type, colon, id = stream.partition(":")
    return ObjectRef(type, id) if colon else ObjectRef("stream", stream)


def _person(actor: str, qualifier: str) -> ObjectRef:
    type, colon, id = actor.partition(":")
    return ObjectRef(type, id, qualifier) if colon else ObjectRef("person", actor, qualifier)


def objects_of(recorded: Recorded) -> list[ObjectRef]:
    """Every object of a fact: the stream's own, those named, the actor; none twice."""
    found = [stream_object(recorded.stream), *recorded.objects]
    found.append(_person(recorded.actor, "actor"))
    if recorded.on_behalf_of:
        found.append(_person(recorded.on_behalf_of, "on_behalf_of"))
    return list(dict.fromkeys(found))


@contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of ``path`` only when everything was written."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
