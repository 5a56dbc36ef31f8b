"""The timeline of a case: every fact with its place, who, when, and one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.kernel.facts import Recorded
from touchstone.kernel.text import Text
from touchstone.process.course.names import Names
from touchstone.process.course.wording import Tone, sentence, tone


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact.

    Attributes:
        stream, position, index: its place in the journal.
        act: the act that recorded it.
        occurred_at, recorded_at: microseconds since the epoch; they differ in a later entry.
        text: what happened, in one sentence.
        tone: ``quiet`` entries are routine; a page may fold them.
        element: the step concerned, or None.
        clause: the clause it serves, or None.
    """

    stream: str
    position: int
    index: int
    kind: str
    act: str
    actor: str
    actor_name: Text
    on_behalf_of: str | None
    occurred_at: int
    recorded_at: int
    text: Text
    tone: Tone
    element: str | None
    clause: str | None


def timeline(facts: Iterable[Recorded], names: Names) -> tuple[Entry, ...]:
    """The facts of a case as entries, the newest first."""
    entries = [_entry(recorded, names) for recorded in facts]
    entries.reverse()
    return tuple(entries)


def _entry(recorded: Recorded, names: Names) -> Entry:
    return Entry(
        stream=recorded.stream,
        position=recorded.position,
        index=recorded.index,
        kind=recorded.kind,
        act=recorded.act,
        actor=recorded.actor,
        actor_name=names.person(recorded.actor),
        on_behalf_of=recorded.on_behalf_of,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        text=sentence(recorded, names),
        tone=tone(recorded),
        element=recorded.data.get("element"),
        clause=recorded.data.get("clause"),
    )
