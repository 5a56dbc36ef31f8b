"""Reads a log from CSV, with a mapping that says what the columns mean.

The mapping is YAML: ``case``, ``activity``, ``timestamp`` name columns; ``resource`` and
``lifecycle`` may; ``format`` is a strptime pattern (ISO 8601 without it), ``zone`` the zone of
times without an offset (UTC without it), ``delimiter`` and ``encoding`` as in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from touchstone.measures.logs.opening import is_gzip
from touchstone.measures.logs.part import CASE, INSTANT, EventLog, Part, join
from touchstone.measures.logs.problems import Problems
from touchstone.measures.logs.values import instant

_CASE_ID = "\0id"


@dataclass(frozen=True)
class Mapping:
    """What the columns of a CSV mean."""

    case: str
    activity: str
    timestamp: str
    resource: str = ""
    lifecycle: str = ""
    format: str = ""
    zone: str = "UTC"
    delimiter: str = ","
    encoding: str = "utf-8-sig"

    @property
    def core(self) -> dict[str, str]:
        """Column of the log -> column of the file."""
        named = {"activity": self.activity, "timestamp": self.timestamp}
        return named | {
            k: v for k, v in (("resource", self.resource), ("lifecycle", self.lifecycle)) if v
        }


def read_mapping(path: Path) -> Mapping:
    """The mapping in the YAML file at ``path``.

    Raises:
        LogBroken: it is not YAML, lacks a key or has one too many, or names an unknown zone.
    """
    problems = Problems(path.name)
    try:
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (MarkedYAMLError, OSError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise problems.fail(
            line,
            "log.mapping_unreadable",
            f"映射文件无法读取：{error}",
            f"the mapping cannot be read: {error}",
        ) from None
    known = {field.name for field in fields(Mapping)}
    given = found if isinstance(found, dict) else {}
    for key in sorted({"case", "activity", "timestamp"} - set(given)):
        problems.add(
            0, "log.mapping_incomplete", f"映射缺少 {key}", f"the mapping lacks {key}", key
        )
    for key in sorted(str(key) for key in set(given) - known):
        problems.add(
            0,
            "log.mapping_unknown_key",
            f"映射中的 {key} 无意义",
            f"the mapping has no key {key}",
            key,
        )
    zone = str(given.get("zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        problems.add(
            0, "log.unknown_zone", f"没有时区 {zone}", f"there is no time zone {zone}", "zone"
        )
    problems.stop()
    return Mapping(**{key: str(value) for key, value in given.items()})


def _rows(path: Path, mapping: Mapping, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    opened = gzip.open if is_gzip(path) else open
    with opened(path, "rt", encoding=mapping.encoding, newline="") as text:
        reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        try:
            for row in reader:
                yield reader.line_num, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise problems.fail(
                reader.line_num + 1,
                "log.csv_broken",
                f"CSV 有误：{error}",
                f"the CSV is broken: {error}",
            ) from None
        except (EOFError, OSError) as error:
            raise problems.fail(
                0,
                "log.truncated_archive",
                f"压缩文件不完整：{error}",
                f"the gzip file is damaged: {error}",
            ) from None


def read_delimited(path: Path, mapping: Mapping) -> EventLog:
    """The log in the CSV file at ``path``; rows keep their order within the case.

    Raises:
        LogBroken: every row that cannot be read, with its line.
    """
    problems = Problems(path.name)
    zone = ZoneInfo(mapping.zone)
    rows = _rows(path, mapping, problems)
    _, header = next(rows, (1, []))
    needed = [mapping.case, *mapping.core.values()]
    for column in needed:
        if column not in header:
            problems.add(
                1, "log.no_column", f"没有列“{column}”", f"there is no column {column!r}", column
            )
    problems.stop()
    place = {name: header.index(name) for name in header}
    case_place, time_place = place[mapping.case], place[mapping.timestamp]
    activity_place = place[mapping.activity]
    numbers: dict[str, int] = {}
    case_of: list[int] = []
    instants: list[dt.datetime | None] = []
    columns: list[list[str | None]] = [[] for _ in header]
    for line, row in rows:
        if not row:
            continue
        if len(row) != len(header):
            problems.add(
                line,
                "log.wrong_width",
                f"有 {len(row)} 列，应为 {len(header)} 列",
                f"{len(row)} columns, not {len(header)}",
            )
            continue
        if not row[case_place] or not row[activity_place]:
            problems.add(
                line, "log.no_activity", "缺少案例或活动", "the case or the activity is missing"
            )
            continue
        instants.append(_instant(row[time_place], mapping, zone, line, problems))
        case_of.append(numbers.setdefault(row[case_place], len(numbers)))
        for values, value in zip(columns, row, strict=True):
            values.append(value or None)
    problems.stop()
    skipped = {case_place, time_place}
    events = {
        name: pa.array(columns[i], pa.string()) for name, i in place.items() if i not in skipped
    }
    events[mapping.timestamp] = pa.array(instants, INSTANT)
    cases = pa.table({CASE: pa.array(range(len(numbers)), pa.int64()), _CASE_ID: list(numbers)})
    part = Part(pa.table({CASE: pa.array(case_of, pa.int64()), **events}), cases)
    return join([part], mapping.core, _CASE_ID)


def _instant(
    text: str, mapping: Mapping, zone: ZoneInfo, line: int, problems: Problems
) -> dt.datetime | None:
    try:
        if not mapping.format:
            return instant(text, zone)
        moment = dt.datetime.strptime(text, mapping.format)  # noqa: DTZ007 - the zone follows
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        problems.add(
            line,
            "log.wrong_type",
            f"“{text[:80]}”不是时间",
            f"{text[:80]!r} is not a time",
            mapping.timestamp,
        )
        return None
