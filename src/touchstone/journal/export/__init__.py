"""The journal for the outside: Parquet for measuring, XES 1.0 and OCEL 2.0 for other tools.

The same rows give the same bytes. Never writes the journal, never opens a sealed value: what is
exported holds vault references as the facts do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from touchstone.journal.export.rows import Row, Summary
from touchstone.kernel.refusal import refuse

Format = Literal["parquet", "xes", "ocel"]

__all__ = ["Format", "Row", "Summary", "export"]


def export(rows: Iterable[Row], format: str, path: Path) -> Summary:
    """Write ``rows``, which come stream by stream and by position, to ``path``.

    Args:
        format: ``parquet``: one row per fact. ``xes``: one trace per ``case:`` stream, gzipped where
            the name ends in ``.gz``. ``ocel``: JSON, XML or SQLite by the name's ending
            (``.jsonocel``, ``.xmlocel``, ``.sqlite`` …); any other path is a folder for all three.

    Raises:
        Refusal: an unknown format, or the path cannot be written.
    """
    if format not in get_args(Format):
        known = ", ".join(get_args(Format))
        raise refuse(
            "export.unknown_format",
            f"未知格式 {format}：{known}",
            f"unknown format {format}: {known}",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if format == "parquet":
            from touchstone.journal.export.parquet import write_parquet

            return write_parquet(rows, path)
        if format == "xes":
            from touchstone.journal.export.xes import write_xes

            return write_xes(rows, path)
        from touchstone.journal.export.ocel import write_ocel

        return write_ocel(rows, path)
    except OSError as error:
        raise refuse(
            "export.not_writable", f"无法写入 {path}：{error.strerror}", f"{path}: {error.strerror}"
        ) from None
