"""Imports a log file: read it, keep it as Parquet, record in the journal what was imported."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import file_digest
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import from_microseconds
from touchstone.measures.logs import store
from touchstone.measures.logs.delimited import Mapping, read_delimited
from touchstone.measures.logs.ocel import is_ocel, read_ocel
from touchstone.measures.logs.part import EventLog
from touchstone.measures.logs.problems import LogBroken, as_refusal
from touchstone.measures.logs.store import LogNote
from touchstone.measures.logs.xes import read_xes

Progress = Callable[[int], None]


def _in_order(log: EventLog) -> tuple[np.ndarray, np.ndarray]:
    """Case number and activity code of each event, case by case, by time, then as in the file."""
    activity = log.events.column("activity")
    codes = pc.dictionary_encode(activity.cast(pa.string())).combine_chunks().indices.to_numpy()
    instants = log.events.column("timestamp").cast(pa.int64()).to_numpy()
    cases = log.case_numbers.to_numpy()
    order = np.lexsort((instants, cases))
    return cases[order], codes[order]


def describe(log: EventLog, name: str, file: str, sha256: str) -> LogNote:
    """Counts of a log."""
    cases, codes = _in_order(log)
    count = int(codes.max()) + 1
    same = cases[1:] == cases[:-1]
    pairs = np.unique(codes[:-1][same].astype(np.int64) * count + codes[1:][same])
    cuts = np.flatnonzero(~same) + 1
    bounds = [0, *cuts.tolist(), len(codes)]
    variants = {codes[a:b].tobytes() for a, b in pairwise(bounds)}
    empty = log.cases.num_rows > len(bounds) - 1
    span = pc.min_max(log.events.column("timestamp").cast(pa.int64())).as_py()
    return LogNote(
        log=name,
        file=file,
        sha256=sha256,
        cases=log.cases.num_rows,
        events=log.events.num_rows,
        activities=count,
        variants=len(variants) + empty,
        directly_follows_pairs=len(pairs),
        first=from_microseconds(span["min"]).isoformat(),
        last=from_microseconds(span["max"]).isoformat(),
    )


def read_log(
    path: Path,
    mapping: Mapping | None = None,
    case_type: str | None = None,
    zone: ZoneInfo | None = None,
    progress: Progress = lambda _: None,
) -> EventLog:
    """The log in the file at ``path``, by its kind: XES, OCEL 2.0, or CSV with a mapping.

    Raises:
        LogBroken: what is wrong in the file, with lines.
        Refusal: the file is missing, or its kind is not known.
    """
    if not path.is_file():
        raise refuse("log.no_file", f"没有文件 {path}", f"there is no file {path}")
    kinds = [suffix.lower() for suffix in path.suffixes]
    if mapping is not None:
        return read_delimited(path, mapping)
    if is_ocel(path):
        return read_ocel(path, case_type, zone)
    if ".csv" in kinds or ".tsv" in kinds:
        raise refuse(
            "log.mapping_needed",
            "CSV 日志需要 --mapping，说明各列含义",
            "a CSV log needs --mapping, which says what its columns mean",
            remedy_zh="写一个 YAML：case、activity、timestamp 各为列名，可加 resource、format、zone",
            remedy_en="Write YAML with the columns for case, activity, timestamp; resource, format, zone if any",
        )
    return read_xes(path, progress)


def import_log(
    context: ActContext,
    path: Path,
    *,
    mapping: Mapping | None = None,
    case_type: str | None = None,
    zone: ZoneInfo | None = None,
    name: str | None = None,
    progress: Progress = lambda _: None,
) -> LogNote:
    """Import the file at ``path``; a log of the same id is replaced, which the journal shows.

    Args:
        case_type: type of object that is the case, for OCEL.
        zone: zone of times without an offset, for OCEL (a CSV's mapping names its own).
        name: id of the log; by default made from the file's name.

    Raises:
        Refusal: the file cannot be read; nothing has changed.
    """
    try:
        log = read_log(path, mapping, case_type, zone, progress)
    except LogBroken as broken:
        raise as_refusal(broken.problems) from None
    if not log.events.num_rows:
        raise refuse("log.empty", "日志中没有事件", "there are no events in the log")
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    note = describe(log, store.log_id(name or path.name), path.name, sha256)

    def work(unit: UnitOfWork) -> None:
        data = {
            "log": note.log,
            "file": note.file,
            "sha256": note.sha256,
            "cases": note.cases,
            "events": note.events,
            "activities": note.activities,
            "first": note.first,
            "last": note.last,
        }
        unit.record(f"log:{note.log}", Fact("measures.log_imported", data))

    with store.replacing(log, note):
        perform("measures.import_log", context, work)
    return note
