"""Reads an OCEL 2.0 log (JSON, XML or SQLite), seen from one type of object as the case.

An event that concerns several objects of that type stands in each of their cases; one that
concerns none is left out. Times without an offset are taken in ``zone``.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pyarrow as pa
from lxml import etree

from touchstone.kernel.refusal import refuse
from touchstone.measures.logs.part import CASE, INSTANT, EventLog, Part, join
from touchstone.measures.logs.problems import LogBroken, Problems
from touchstone.measures.logs.values import instant

_ID, _ACTIVITY, _TIME, _RESOURCE = "\0id", "\0activity", "\0time", "\0resource"
_RESOURCE_KEYS = ("org:resource", "resource", "actor")
_SQLITE = (".sqlite", ".db", ".sqlite3")


@dataclass
class _Event:
    """One event; ``line`` is 0 where the form has no lines."""

    id: str
    type: str
    time: str
    line: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)


@dataclass
class _Log:
    """What all three forms hold. ``objects``: id -> type; ``values``: id -> first values."""

    events: list[_Event] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def is_ocel(path: Path) -> bool:
    """Whether the file looks like OCEL 2.0, by its ending or, for ``.xml``, its beginning."""
    kind = path.suffix.lower()
    if kind == ".xml":
        with path.open("rb") as file:
            return b"<object-types" in file.read(1 << 16)
    return kind in {".jsonocel", ".xmlocel", ".json", *_SQLITE}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_json(path: Path, problems: Problems) -> _Log:
    try:
        found = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise problems.fail(
            error.lineno,
            "log.json_broken",
            f"JSON 有误：{error.msg}",
            f"the JSON is broken: {error.msg}",
        ) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise problems.fail(
            0, "log.json_broken", "JSON 无法读取", f"the JSON cannot be read: {error}"
        ) from None
    log = _Log()
    try:
        for item in found["objects"]:
            log.objects[item["id"]] = item["type"]
            values = log.values.setdefault(item["id"], {})
            for value in item.get("attributes", ()):
                values.setdefault(value["name"], _text(value["value"]))
        for item in found["events"]:
            attributes = {
                value["name"]: _text(value["value"]) for value in item.get("attributes", ())
            }
            objects = [link["objectId"] for link in item.get("relationships", ())]
            log.events.append(
                _Event(item["id"], item["type"], item["time"], 0, attributes, objects)
            )
    except (KeyError, TypeError, AttributeError) as error:
        raise _not_ocel(problems, f"{type(error).__name__}: {error}") from None
    return log


def _not_ocel(problems: Problems, reason: str) -> LogBroken:
    return problems.fail(
        0, "log.not_ocel", f"不是 OCEL 2.0 日志：{reason}", f"this is not an OCEL 2.0 log: {reason}"
    )


def _from_xml(path: Path, problems: Problems) -> _Log:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        raise problems.fail(
            error.lineno or 0,
            "log.not_well_formed",
            "XML 不完整或有误",
            f"the XML is broken: {error.msg}",
        ) from None
    if tree.docinfo.doctype:
        raise problems.fail(
            1,
            "log.doctype_refused",
            "不接受带文档类型声明（DOCTYPE）的日志",
            "a log with a document type (DOCTYPE) is not read; take the declaration out",
        )
    log = _Log()
    try:
        for item in tree.getroot().iterfind("objects/object"):
            log.objects[item.attrib["id"]] = item.attrib["type"]
            values = log.values.setdefault(item.attrib["id"], {})
            for value in item.iterfind("attributes/attribute"):
                values.setdefault(value.attrib["name"], value.text or "")
        for item in tree.getroot().iterfind("events/event"):
            attributes = {
                v.attrib["name"]: v.text or "" for v in item.iterfind("attributes/attribute")
            }
            links = [*item.iterfind("objects/object"), *item.iterfind("objects/relationship")]
            objects = [link.attrib["object-id"] for link in links]
            place = item.attrib
            log.events.append(
                _Event(
                    place["id"],
                    place["type"],
                    place["time"],
                    item.sourceline or 0,
                    attributes,
                    objects,
                )
            )
    except KeyError as error:
        raise _not_ocel(problems, f"attribute {error} is missing") from None
    if tree.getroot().find("events") is None:
        raise _not_ocel(problems, "there is no element events")
    return log


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _from_sqlite(path: Path, problems: Problems) -> _Log:
    log = _Log()
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
        ) as db:
            db.row_factory = sqlite3.Row
            events: dict[str, _Event] = {}
            for name, suffix in db.execute("SELECT ocel_type, ocel_type_map FROM event_map_type"):
                for row in db.execute(f"SELECT * FROM {_quoted('event_' + suffix)}"):  # noqa: S608 - quoted
                    events[row["ocel_id"]] = _Event(
                        row["ocel_id"], name, row["ocel_time"], 0, _own(row)
                    )
            for (suffix,) in db.execute("SELECT ocel_type_map FROM object_map_type").fetchall():
                rows = db.execute(f"SELECT * FROM {_quoted('object_' + suffix)} ORDER BY ocel_time")  # noqa: S608 - quoted
                for row in rows:
                    values = log.values.setdefault(row["ocel_id"], {})
                    for key, value in _own(row).items():
                        values.setdefault(key, value)
            log.objects.update(
                (row[0], row[1]) for row in db.execute("SELECT ocel_id, ocel_type FROM object")
            )
            for row in db.execute("SELECT ocel_event_id, ocel_object_id FROM event_object"):
                if row[0] in events:
                    events[row[0]].objects.append(row[1])
            log.events.extend(
                events[row[0]] for row in db.execute("SELECT ocel_id FROM event ORDER BY rowid")
            )
    except (sqlite3.Error, KeyError, IndexError) as error:
        raise _not_ocel(problems, str(error)) from None
    return log


def _own(row: sqlite3.Row) -> dict[str, str]:
    return {
        key: _text(row[key])
        for key in row.keys()  # noqa: SIM118 - a Row iterates values
        if not key.startswith("ocel_") and row[key] is not None
    }


def _case_type(log: _Log, wanted: str | None) -> str:
    """The type asked for, else the one that most events are about, the first of equals."""
    known = sorted(set(log.objects.values()))
    if wanted in known:
        return str(wanted)
    if wanted is None and known:
        return max(known, key=lambda kind: sum(kind in _types(log, event) for event in log.events))
    raise refuse(
        "log.case_type_needed",
        "请用 --case-type 指明以哪类对象为案例：" + "、".join(known),
        "Say with --case-type which type of object is the case: " + ", ".join(known),
    )


def _types(log: _Log, event: _Event) -> set[str]:
    return {log.objects[name] for name in event.objects if name in log.objects}


def _form(path: Path) -> Callable[[Path, Problems], _Log]:
    kind = path.suffix.lower()
    if kind in _SQLITE:
        return _from_sqlite
    return _from_json if kind in {".json", ".jsonocel"} else _from_xml


def read_ocel(path: Path, case_type: str | None = None, zone: ZoneInfo | None = None) -> EventLog:
    """The log at ``path`` with the objects of ``case_type`` as cases.

    Where no type is named, it is the one that most events are about.

    Raises:
        LogBroken: it is not OCEL 2.0, or a time cannot be read.
        Refusal: there is no such type of object (``log.case_type_needed``).
    """
    problems = Problems(path.name)
    log = _form(path)(path, problems)
    kind = _case_type(log, case_type)
    numbers = {name: n for n, name in enumerate(i for i, t in log.objects.items() if t == kind)}
    rows: list[tuple[int, dt.datetime, _Event]] = []
    for event in log.events:
        try:
            moment = instant(str(event.time), zone)
        except (ValueError, OverflowError):
            problems.add(
                event.line,
                "log.wrong_type",
                f"事件 {event.id} 的时间无法读取",
                f"event {event.id}: {event.time!r} is not a time",
                event.id,
            )
            continue
        rows.extend(
            (numbers[name], moment, event)
            for name in dict.fromkeys(event.objects)
            if name in numbers
        )
    problems.stop()
    rows.sort(key=lambda row: row[:2])
    return join(
        [_part(rows, numbers, log.values)],
        {"activity": _ACTIVITY, "timestamp": _TIME, "resource": _RESOURCE},
        _ID,
    )


def _part(
    rows: list[tuple[int, dt.datetime, _Event]],
    numbers: Mapping[str, int],
    values: Mapping[str, dict[str, str]],
) -> Part:
    keys = dict.fromkeys(key for _, _, event in rows for key in event.attributes)
    resource = next((key for key in _RESOURCE_KEYS if key in keys), None)
    events: dict[str, Any] = {
        CASE: pa.array([row[0] for row in rows], pa.int64()),
        _ACTIVITY: pa.array([row[2].type for row in rows], pa.string()),
        _TIME: pa.array([row[1] for row in rows], INSTANT),
        "id": pa.array([row[2].id for row in rows], pa.string()),
    }
    for key in keys:
        column = pa.array([row[2].attributes.get(key) for row in rows], pa.string())
        events[_RESOURCE if key == resource else key] = column
    cases: dict[str, Any] = {
        CASE: pa.array(range(len(numbers)), pa.int64()),
        _ID: pa.array(list(numbers), pa.string()),
    }
    for key in dict.fromkeys(key for name in numbers for key in values.get(name, ())):
        cases[key] = pa.array([values.get(name, {}).get(key) for name in numbers], pa.string())
    return Part(pa.table(events), pa.table(cases))
