"""The journal as OCEL 2.0: which facts are about which objects, in JSON, XML and SQLite.

Facts are gathered first into a file beside the target, because the forms begin with all types.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from touchstone.journal.export.rows import Row, Summary, facts_of, in_place_of, objects_of
from touchstone.journal.export.xes import iso
from touchstone.kernel.facts import Recorded

Attributes = dict[str, "bool | int | str"]


@dataclass(frozen=True)
class Event:
    """One fact in the terms of OCEL; ``links`` are object id and qualifier."""

    id: str
    type: str
    time: str
    attributes: Attributes
    links: tuple[tuple[str, str], ...]


@dataclass
class Gathered:
    """Everything that a form needs.

    Attributes:
        event_types: kind -> attribute -> ``string|integer|boolean``.
        objects: id -> type; an id is ``type:id``, because OCEL knows ids without their type.
    """

    spool: IO[str]
    event_types: dict[str, dict[str, str]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def events(self) -> Iterator[Event]:
        """The events in journal order; an attribute of several types is text throughout."""
        self.spool.seek(0)
        for line in self.spool:
            id, type, time, attributes, links = json.loads(line)
            kinds = self.event_types[type]
            for name, value in attributes.items():
                if kinds[name] == "string" and not isinstance(value, str):
                    attributes[name] = json.dumps(value)
            yield Event(id, type, time, attributes, tuple((a, b) for a, b in links))

    def object_types(self) -> list[str]:
        """Types of objects, in order of name."""
        return sorted(set(self.objects.values()))


def _flat(value: Any) -> bool | int | str:
    if isinstance(value, bool | int | str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _kind(value: bool | int | str) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "string"


def _attributes(recorded: Recorded) -> Attributes:
    # The act's own names come second: data cannot take their place.
    found = {f"data.{key}": _flat(v) for key, v in sorted(recorded.data.items()) if v is not None}
    return {**found, "act": recorded.act, "actor": recorded.actor, "position": recorded.position}


def _gather(rows: Iterable[Row], spool: IO[str]) -> Gathered:
    gathered = Gathered(spool)
    for recorded in facts_of(rows):
        attributes = _attributes(recorded)
        kinds = gathered.event_types.setdefault(recorded.kind, {})
        for name, value in attributes.items():
            kind = _kind(value)
            if kinds.setdefault(name, kind) != kind:
                kinds[name] = "string"
        links = []
        for ref in objects_of(recorded):
            id = f"{ref.type}:{ref.id}"
            gathered.objects[id] = ref.type
            links.append((id, ref.qualifier))
        id = f"{recorded.stream}#{recorded.position}.{recorded.index}"
        line = [id, recorded.kind, iso(recorded.occurred_at), attributes, links]
        spool.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        gathered.count += 1
    return gathered


def _targets(path: Path) -> list[tuple[Path, str]]:
    forms = {".json": "json", ".jsonocel": "json", ".xml": "xml", ".xmlocel": "xml"}
    forms |= {".sqlite": "sqlite", ".db": "sqlite"}
    form = forms.get(path.suffix.lower())
    if form:
        return [(path, form)]
    path.mkdir(parents=True, exist_ok=True)
    names = (("journal.jsonocel", "json"), ("journal.xmlocel", "xml"), ("journal.sqlite", "sqlite"))
    return [(path / name, form) for name, form in names]


def write_ocel(rows: Iterable[Row], path: Path) -> Summary:
    """Write one form by the ending of ``path``, or all three into the folder ``path``."""
    from touchstone.journal.export.ocel_forms import WRITERS

    targets = _targets(path)
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=targets[0][0].parent) as spool:
        gathered = _gather(rows, spool)
        for target, form in targets:
            with in_place_of(target) as fresh:
                WRITERS[form](gathered, fresh)
    files = tuple(target for target, _ in targets)
    return Summary(files, gathered.count, len(gathered.objects))
