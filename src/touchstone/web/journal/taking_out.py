"""A part of the journal as a file: read, written aside, handed over, and gone from this machine."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from django.http import FileResponse

from touchstone.journal.export import Format, export
from touchstone.journal.queries import size_between
from touchstone.journal.reading import rows
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, to_microseconds

MOST = 200_000
"""Rows that a page hands over; more is for the command."""
Choice = Literal["parquet", "xes", "ocel-json", "ocel-xml", "ocel-sqlite"]
# Choice on the page -> format of the export, ending of the file, wording.
CHOICES: dict[str, tuple[str, str, Text]] = {
    "parquet": (
        "parquet",
        ".parquet",
        Text("Parquet:一行一个事实，供分析工具使用", "Parquet: a row per fact, for analysis tools"),
    ),
    "xes": (
        "xes",
        ".xes.gz",
        Text("XES:一笔业务一条轨迹，供流程挖掘", "XES: a trace per case, for process mining"),
    ),
    "ocel-json": (
        "ocel",
        ".jsonocel",
        Text("OCEL 2.0(JSON):以对象为中心", "OCEL 2.0 (JSON): object-centric"),
    ),
    "ocel-xml": ("ocel", ".xmlocel", Text("OCEL 2.0(XML)", "OCEL 2.0 (XML)")),
    "ocel-sqlite": ("ocel", ".sqlite", Text("OCEL 2.0(SQLite)", "OCEL 2.0 (SQLite)")),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: the answer that hands it over, and how many facts it holds."""

    answer: FileResponse
    facts: int


def take_out(choice: str, first: dt.date, last: dt.date) -> Taken:
    """The journal from one day to another, both inclusive, as a download.

    Raises:
        Refusal: ``web.bad_period``, ``web.export_too_large``, ``web.no_such_format``.
    """
    if choice not in CHOICES:
        raise refuse("web.no_such_format", "没有这种格式", "There is no such format")
    if last < first:
        raise refuse("web.bad_period", "止日早于起日", "The last day is before the first")
    day = dt.timedelta(days=1)
    since = to_microseconds(dt.datetime.combine(first, dt.time(), INSTITUTION_ZONE))
    until = to_microseconds(dt.datetime.combine(last, dt.time(), INSTITUTION_ZONE) + day)
    _check_size(since, until)
    format, ending, _ = CHOICES[choice]
    folder = Path(tempfile.mkdtemp(prefix="touchstone-export-"))
    try:
        path = folder / f"journal-{first.isoformat()}-{last.isoformat()}{ending}"
        found = rows("recorded_at >= %s AND recorded_at < %s", (since, until))
        summary = export(found, cast(Format, format), path)
        handle = path.open("rb")
    finally:
        # The open handle keeps the bytes until they are sent; nothing stays behind.
        shutil.rmtree(folder)
    answer = FileResponse(handle, as_attachment=True, filename=path.name)
    answer.headers["Cache-Control"] = "no-store"
    return Taken(answer, summary.events)


def _check_size(since: int, until: int) -> None:
    count = size_between(since, until)
    if count > MOST:
        raise refuse(
            "web.export_too_large",
            f"所选期间有 {count:,} 个事件，超过页面导出上限 {MOST:,}",
            f"The period holds {count:,} events, more than the {MOST:,} that a page exports",
            remedy_zh="请缩短期间，或由系统管理员使用 touchstone journal export",
            remedy_en="Choose a shorter period, or use the command touchstone journal export",
        )
