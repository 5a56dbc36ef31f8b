"""The events of an imported log one by one, with the attributes of event and case beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from touchstone.measures.logs.part import CORE
from touchstone.measures.logs.store import CASES, connect, events_path
from touchstone.process.observation_mapping import ForeignEvent

_EVENTS = """
    SELECT e.* EXCLUDE (timestamp, file_row_number), epoch_us(e.timestamp) AS "timestamp",
           c.* EXCLUDE (case_id)
    FROM read_parquet(?, file_row_number = true) e LEFT JOIN read_parquet(?) c USING (case_id)
    ORDER BY e.case_id, e.timestamp, e.file_row_number
"""


def columns_of(log: str) -> frozenset[str]:
    """The columns of the log called ``log``, as ``ForeignEvent.columns`` names them.

    Raises:
        Refusal: there is no such log (``log.unknown``).
    """
    path = events_path(log)
    names: set[str] = set()
    for file in (path, path.with_name(CASES)):
        schema: pa.Schema = pq.read_schema(file)
        names.update(schema.names)
    return frozenset(names - {"timestamp"})


def events_of(log: str) -> Iterator[ForeignEvent]:
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
                yield ForeignEvent(
                    str(core["case_id"]),
                    str(core["activity"]),
                    at,
                    core["lifecycle"],
                    core["resource"],
                    values,
                )
