"""The events of an imported log one by one, with the attributes of event and case beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from touchstone.measures.logs.part import CORE
from touchstone.measures.logs.store import CASES, connect, events_path

_EVENTS = """
    SELECT e.* EXCLUDE (timestamp, file_row_number), epoch_us(e.timestamp) AS "timestamp",
           c.* EXCLUDE (case_id)
    FROM read_parquet(?, file_row_number = true) e LEFT JOIN read_parquet(?) c USING (case_id)
    ORDER BY e.case_id, e.timestamp, e.file_row_number
"""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event of a log.

    Attributes:
        at: microseconds since the epoch.
        columns: every column of event and case that has a value (``event:amount``, ``case:branch``).
    """

    case: str
    activity: str
    at: int
    lifecycle: str | None
    resource: str | None
    columns: Mapping[str, Any]


def columns_of(log: str) -> frozenset[str]:
    """The columns of the log called ``log``, as ``LoggedEvent.columns`` names them.

    Raises:
        Refusal: there is no such log (``log.unknown``).
    """
    path = events_path(log)
    names: set[str] = set()
    for file in (path, path.with_name(CASES)):
        schema: pa.Schema = pq.read_schema(file)
        names.update(schema.names)
    return frozenset(names - {"timestamp"})


def events_of(log: str) -> Iterator[LoggedEvent]:
    """The events of the log called ``log``, case by case, by time and then as in the file.

    Raises:
        Refusal: there is no such log (``log.unknown``).
    """
    path = events_path(log)
    with connect() as database:
        found = database.execute(_EVENTS, [str(path), str(path.with_name(CASES))])
        names = [item[0] for item in found.description or ()]
        while rows := found.fetchmany(10_000):
            for row in rows:
                values = {
                    name: value for name, value in zip(names, row, strict=True) if value is not None
                }
                at = int(values.pop("timestamp"))
                core = {name: values.get(name) for name in CORE}
                yield LoggedEvent(
                    str(core["case_id"]),
                    str(core["activity"]),
                    at,
                    core["lifecycle"],
                    core["resource"],
                    values,
                )
