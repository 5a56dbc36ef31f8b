"""The three forms of OCEL 2.0 on disk."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

from touchstone.journal.export.ocel import Event, Gathered
from touchstone.journal.export.xes import quoted, writable

_BEGINNING = "1970-01-01T00:00:00.000000+00:00"
_SQL_TYPES = {"string": "TEXT", "integer": "INTEGER", "boolean": "BOOLEAN"}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _listed(text: TextIO, name: str, items: Iterable[object], end: str) -> None:
    text.write(f'"{name}":[')
    for number, item in enumerate(items):
        text.write(",\n" if number else "\n")
        text.write(_json(item))
    text.write(f"]{end}\n")


def _json_event(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "type": event.type,
        "time": event.time,
        "attributes": [{"name": name, "value": value} for name, value in event.attributes.items()],
        "relationships": [
            {"objectId": id, "qualifier": qualifier} for id, qualifier in event.links
        ],
    }


def write_json(log: Gathered, path: Path) -> None:
    """OCEL 2.0 JSON."""
    with path.open("w", encoding="utf-8", newline="\n") as text:
        text.write("{")
        types = ({"name": name, "attributes": []} for name in log.object_types())
        _listed(text, "objectTypes", types, ",")
        event_types = (
            {"name": name, "attributes": [{"name": n, "type": t} for n, t in sorted(kinds.items())]}
            for name, kinds in sorted(log.event_types.items())
        )
        _listed(text, "eventTypes", event_types, ",")
        objects = ({"id": id, "type": type} for id, type in sorted(log.objects.items()))
        _listed(text, "objects", objects, ",")
        _listed(text, "events", map(_json_event, log.events()), "}")


def _xml_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return escape(writable(str(value)), {"\r": "&#13;"})


def _xml_name(type: str, attribute: str) -> str:
    # The schema of the standard wants names of attributes unique over all event types.
    return f"{type}:{attribute}"


def _xml_event(event: Event, types: Mapping[str, str]) -> str:
    attributes = "".join(
        f"<attribute name={quoted(_xml_name(event.type, name))}>{_xml_text(value)}</attribute>"
        for name, value in event.attributes.items()
    )
    return (
        f"<event id={quoted(event.id)} type={quoted(event.type)} time={quoted(event.time)}>"
        f"<attributes>{attributes}</attributes><objects>{_xml_links(event, types)}</objects></event>\n"
    )


def _xml_links(event: Event, types: Mapping[str, str]) -> str:
    # The schema asks for the type here as well, though examples leave it out.
    return "".join(
        f"<object object-id={quoted(id)} qualifier={quoted(qualifier)} type={quoted(types[id])}/>"
        for id, qualifier in event.links
    )


def write_xml(log: Gathered, path: Path) -> None:
    """OCEL 2.0 XML."""
    with path.open("w", encoding="utf-8", newline="\n") as text:
        text.write('<?xml version="1.0" encoding="UTF-8"?>\n<log>\n<object-types>\n')
        for name in log.object_types():
            text.write(f"<object-type name={quoted(name)}><attributes/></object-type>\n")
        text.write("</object-types>\n<event-types>\n")
        for name, kinds in sorted(log.event_types.items()):
            attributes = "".join(
                f'<attribute name={quoted(_xml_name(name, n))} type="{t}"/>'
                for n, t in sorted(kinds.items())
            )
            text.write(
                f"<event-type name={quoted(name)}><attributes>{attributes}</attributes></event-type>\n"
            )
        text.write("</event-types>\n<objects>\n")
        for id, type in sorted(log.objects.items()):
            text.write(f"<object id={quoted(id)} type={quoted(type)}><attributes/></object>\n")
        text.write("</objects>\n<events>\n")
        for event in log.events():
            text.write(_xml_event(event, log.objects))
        text.write("</events>\n</log>\n")


def _table_names(types: Iterable[str]) -> dict[str, str]:
    """Type -> the part of its table's name: letters and digits, told apart without regard to case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for type in types:
        bare = "".join(
            word[:1].upper() + word[1:] for word in re.findall(r"\w+", type.replace("_", " "))
        )
        name, number = bare or "Type", 1
        while name.lower() in taken:
            number += 1
            name = f"{bare}{number}"
        taken.add(name.lower())
        names[type] = name
    return names


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type(ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type(ocel_type));
CREATE TABLE event_object (ocel_event_id TEXT REFERENCES event(ocel_id), ocel_object_id TEXT REFERENCES object(ocel_id),
  ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (ocel_source_id TEXT REFERENCES object(ocel_id), ocel_target_id TEXT REFERENCES object(ocel_id),
  ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""


def _insert_objects(database: sqlite3.Connection, log: Gathered) -> None:
    tables = _table_names(log.object_types())
    database.executemany("INSERT INTO object_map_type VALUES (?, ?)", tables.items())
    for table in tables.values():
        database.execute(
            f"CREATE TABLE {_column('object_' + table)} (ocel_id TEXT REFERENCES object(ocel_id),"
            " ocel_time TIMESTAMP, ocel_changed_field TEXT)"
        )
    for id, type in sorted(log.objects.items()):
        database.execute("INSERT INTO object VALUES (?, ?)", (id, type))
        table = _column("object_" + tables[type])
        database.execute(f"INSERT INTO {table} VALUES (?, ?, NULL)", (id, _BEGINNING))


def _insert_events(database: sqlite3.Connection, log: Gathered) -> None:
    tables = _table_names(sorted(log.event_types))
    database.executemany("INSERT INTO event_map_type VALUES (?, ?)", tables.items())
    statements: dict[str, tuple[str, list[str]]] = {}
    for type, kinds in sorted(log.event_types.items()):
        table, names = _column("event_" + tables[type]), sorted(kinds)
        columns = "".join(f", {_column(name)} {_SQL_TYPES[kinds[name]]}" for name in names)
        database.execute(
            f"CREATE TABLE {table} (ocel_id TEXT PRIMARY KEY REFERENCES event(ocel_id),"
            f" ocel_time TIMESTAMP{columns})"
        )
        statements[type] = (f"INSERT INTO {table} VALUES (?, ?{', ?' * len(names)})", names)
    for event in log.events():
        sql, names = statements[event.type]
        database.execute("INSERT INTO event VALUES (?, ?)", (event.id, event.type))
        database.execute(sql, (event.id, event.time, *map(event.attributes.get, names)))
        database.executemany(
            "INSERT INTO event_object VALUES (?, ?, ?)", ((event.id, *link) for link in event.links)
        )


def write_sqlite(log: Gathered, path: Path) -> None:
    """OCEL 2.0 SQLite."""
    with closing(sqlite3.connect(path)) as database:
        # Written to a name of its own and put in place at the end: no crash can leave half a file.
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        _insert_objects(database, log)
        _insert_events(database, log)
        database.commit()


WRITERS: Mapping[str, Callable[[Gathered, Path], None]] = {
    "json": write_json,
    "xml": write_xml,
    "sqlite": write_sqlite,
}
