"""Reads an XES log (IEEE 1849, also gzipped), in pieces, so that memory holds columns and not XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from touchstone.measures.logs.opening import chunks_of
from touchstone.measures.logs.part import EventLog, Part, join
from touchstone.measures.logs.problems import Problems
from touchstone.measures.logs.xes_parse import parse
from touchstone.measures.logs.xes_scan import END, NotPlain, scan

CORE = {
    "activity": "concept:name",
    "timestamp": "time:timestamp",
    "resource": "org:resource",
    "lifecycle": "lifecycle:transition",
}
CASE_KEY = "concept:name"
_LONGEST_TRACE = 64 << 20


def _prolog_is_plain(head: bytes) -> bool:
    """Whether everything before the first trace is UTF-8 XML without a document type.

    Where it is, it holds only the log's own attributes, which are not kept.
    """
    parser = expat.ParserCreate()
    seen: list[str] = []
    open_elements: list[str] = []

    def start(name: str, _: object) -> None:
        open_elements.append(name)

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
            seen.append("encoding")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("doctype")
    try:
        parser.Parse(head, False)
    except (expat.ExpatError, LookupError):
        return False
    return not seen and open_elements == ["log"]


def _scanned(chunks: Iterator[bytes], progress: Callable[[int], None]) -> Iterator[Part]:
    """The log by whole columns.

    Raises:
        NotPlain: the parser has to read it.
    """
    text, cases, begun = b"", 0, False
    for chunk in chunks:
        text += chunk
        if not begun:
            start = text.find(b"<trace>")
            if start < 0:
                if len(text) > _LONGEST_TRACE:
                    raise NotPlain
                continue
            if not _prolog_is_plain(text[:start]):
                raise NotPlain
            text, begun = text[start:], True
        end = text.rfind(END)
        if end >= 0:
            part = scan(text[: end + len(END)], cases)
            text = text[end + len(END) :].lstrip()
            cases += part.cases.num_rows
            yield part
            progress(cases)
        elif len(text) > _LONGEST_TRACE:
            raise NotPlain
    if not begun or text.strip() != b"</log>":
        raise NotPlain


def read_xes(path: Path, progress: Callable[[int], None] = lambda _: None) -> EventLog:
    """The log at ``path``.

    Raises:
        LogBroken: what is wrong, with lines.
    """
    problems = Problems(path.name)
    try:
        parts = list(_scanned(chunks_of(path, problems), progress))
    except NotPlain:
        parts = list(parse(chunks_of(path, problems), problems))
    log = join(parts, CORE, CASE_KEY)
    for name, zh in (("activity", "活动名称"), ("timestamp", "时间")):
        missing = log.events.column(name).null_count
        if missing:
            raise problems.fail(
                0,
                f"log.no_{name}",
                f"{missing} 个事件没有{zh}（{CORE[name]}）",
                f"{missing} events have no {name} ({CORE[name]})",
            )
    return log
