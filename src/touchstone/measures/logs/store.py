"""Where imported logs lie: ``logs/<log>/`` under the data directory, two Parquet files and a note."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from django.conf import settings

from touchstone.kernel.refusal import refuse
from touchstone.measures.logs.part import EventLog

EVENTS, CASES, NOTE = "events.parquet", "cases.parquet", "log.json"
_SUFFIXES = (".gz", ".xes", ".csv", ".json", ".xml", ".sqlite", ".jsonocel", ".xmlocel", ".db")


@dataclass(frozen=True)
class LogNote:
    """What is known of an imported log; instants as ISO 8601 in UTC.

    Attributes:
        log: its id.
        file: name of the file it came from.
        sha256: hash of that file.
        directly_follows_pairs: distinct pairs of activities that follow one another.
    """

    log: str
    file: str
    sha256: str
    cases: int
    events: int
    activities: int
    variants: int
    directly_follows_pairs: int
    first: str
    last: str


def log_id(file: str) -> str:
    """The id of the log in a file called ``file``: lower case, without endings, words joined by -."""
    name = file.lower()
    while name.endswith(_SUFFIXES):
        name = name.rpartition(".")[0]
    return re.sub(r"[^\w]+", "-", name).strip("-") or "log"


def folder() -> Path:
    """The folder of all logs."""
    return Path(settings.DATA) / "logs"


@contextmanager
def replacing(log: EventLog, note: LogNote) -> Iterator[Path]:
    """Write a log beside an earlier one of the same id; it takes its place when the block ends well.

    Readers see either, never half; when the block raises, the earlier one stays.
    """
    target = folder() / note.log
    fresh = target.with_name(f".{note.log}.{os.getpid()}.new")
    old = target.with_name(f".{note.log}.{os.getpid()}.old")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        options = {"compression": "zstd", "compression_level": 1}
        pq.write_table(log.events, fresh / EVENTS, **options)
        pq.write_table(log.cases, fresh / CASES, **options)
        text = json.dumps(asdict(note), ensure_ascii=False, indent=1)
        (fresh / NOTE).write_text(text, encoding="utf-8")
        yield fresh
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)


def notes() -> list[LogNote]:
    """Every imported log, by id."""
    paths = sorted(folder().glob("[!.]*/" + NOTE))
    return [_note(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def _note(data: Mapping[str, object]) -> LogNote:
    return LogNote(**data)  # type: ignore[arg-type]


def events_path(log: str) -> Path:
    """The events of the log called ``log``.

    Raises:
        Refusal: there is no such log (``log.unknown``).
    """
    known = [note.log for note in notes()]
    if log not in known and log_id(log) in known:
        log = log_id(log)  # the name of the file, as it was written
    if log not in known:
        raise refuse(
            "log.unknown",
            f"没有名为“{log}”的日志",
            f"there is no log called {log!r}",
            remedy_zh="先用 touchstone log import 导入；已有：" + ("、".join(known) or "无"),
            remedy_en="Import it with touchstone log import; known: "
            + (", ".join(known) or "none"),
        )
    return folder() / log / EVENTS


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that reckons in UTC."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection
