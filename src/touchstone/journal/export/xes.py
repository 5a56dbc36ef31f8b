"""The journal as XES 1.0 (IEEE 1849): one trace per case, one event per fact.

The activity is the fact's kind and, where it is about an element of a procedure, that element.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

from touchstone.journal.export.rows import Row, Summary, in_place_of, objects_of, stream_object
from touchstone.kernel.facts import ObjectRef, Recorded
from touchstone.kernel.time import from_microseconds

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="org:resource" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000000+00:00"/>
</global>
<classifier name="Activity" keys="concept:name"/>
"""
# What XML 1.0 cannot hold in any spelling.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def writable(text: str) -> str:
    """``text`` with what XML cannot hold replaced by U+FFFD."""
    return _UNWRITABLE.sub("\ufffd", text)


def quoted(text: str) -> str:
    """``text`` as a double-quoted XML attribute value."""
    return f'"{escape(writable(text), _ESCAPED)}"'


def iso(microseconds: int) -> str:
    """An instant as ISO 8601 with microseconds, UTC."""
    return from_microseconds(microseconds).isoformat(timespec="microseconds")


def activity(recorded: Recorded) -> str:
    """The name under which a fact is mined."""
    element = recorded.data.get("element")
    return f"{recorded.kind}: {element}" if isinstance(element, str) and element else recorded.kind


def _attribute(key: str, value: object) -> str:
    name = quoted(key)
    if isinstance(value, bool):
        return f'<boolean key={name} value="{str(value).lower()}"/>\n'
    if isinstance(value, int):
        return f'<int key={name} value="{value}"/>\n'
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"<string key={name} value={quoted(value)}/>\n"


def _event(recorded: Recorded) -> str:
    parts = [
        "<event>\n",
        _attribute("concept:name", activity(recorded)),
        _attribute("org:resource", recorded.actor),
        '<string key="lifecycle:transition" value="complete"/>\n',
        f'<date key="time:timestamp" value="{iso(recorded.occurred_at)}"/>\n',
        _attribute("act", recorded.act),
        _attribute("kind", recorded.kind),
    ]
    if recorded.on_behalf_of:
        parts.append(_attribute("on_behalf_of", recorded.on_behalf_of))
    parts.extend(
        _attribute(f"data:{key}", value)
        for key, value in sorted(recorded.data.items())
        if value is not None
    )
    parts.append("</event>\n")
    return "".join(parts)


@contextmanager
def _text(path: Path, *, packed: bool) -> Iterator[TextIO]:
    if not packed:
        with path.open("w", encoding="utf-8", newline="\n") as text:
            yield text
        return
    # No name and no time in the header, so the same journal gives the same bytes.
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, 0) as file,
        io.TextIOWrapper(file, encoding="utf-8", newline="\n") as text,
    ):
        yield text


def write_xes(rows: Iterable[Row], path: Path) -> Summary:
    """Write the streams ``case:…``; other streams are not cases and stay out."""
    seen: set[ObjectRef] = set()
    events = 0
    with in_place_of(path) as fresh, _text(fresh, packed=path.suffix == ".gz") as text:
        text.write(_HEAD)
        for stream, group in groupby(rows, key=lambda row: row.stream):
            owner = stream_object(stream)
            if owner.type != "case":
                continue
            text.write("<trace>\n" + _attribute("concept:name", owner.id))
            for row in group:
                for recorded in row.recorded():
                    text.write(_event(recorded))
                    events += 1
                    seen.update(ObjectRef(o.type, o.id) for o in objects_of(recorded))
            text.write("</trace>\n")
        text.write("</log>\n")
    return Summary((path,), events, len(seen))
