"""The journal as Parquet: one row per fact, the event log that measures read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchstone.journal.export.rows import (
    Row,
    Summary,
    facts_of,
    in_place_of,
    objects_of,
    stream_object,
)
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.facts import ObjectRef, Recorded

_INSTANT = pa.timestamp("us", tz="UTC")
_OBJECT = pa.struct([("type", pa.string()), ("id", pa.string()), ("qualifier", pa.string())])
SCHEMA = pa.schema(
    [
        ("stream", pa.string()),
        ("stream_type", pa.string()),
        ("stream_id", pa.string()),
        ("position", pa.int64()),
        ("index", pa.int32()),
        ("act", pa.string()),
        ("actor", pa.string()),
        ("on_behalf_of", pa.string()),
        ("occurred_at", _INSTANT),
        ("recorded_at", _INSTANT),
        ("kind", pa.string()),
        ("version", pa.int32()),
        ("data", pa.string()),
        ("objects", pa.list_(_OBJECT)),
    ]
)
_GROUP = 50_000


def _batch(facts: list[Recorded]) -> pa.RecordBatch:
    owners = [stream_object(fact.stream) for fact in facts]
    columns = [
        [fact.stream for fact in facts],
        [owner.type for owner in owners],
        [owner.id for owner in owners],
        [fact.position for fact in facts],
        [fact.index for fact in facts],
        [fact.act for fact in facts],
        [fact.actor for fact in facts],
        [fact.on_behalf_of for fact in facts],
        [fact.occurred_at for fact in facts],
        [fact.recorded_at for fact in facts],
        [fact.kind for fact in facts],
        [fact.version for fact in facts],
        [canonical_text(fact.data) for fact in facts],
        [
            [{"type": o.type, "id": o.id, "qualifier": o.qualifier} for o in fact.objects]
            for fact in facts
        ],
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.record_batch(arrays, schema=SCHEMA)


def write_parquet(rows: Iterable[Row], path: Path) -> Summary:
    """Write one file; ``path`` without an ending is a folder for ``facts.parquet``."""
    if not path.suffix:
        path.mkdir(parents=True, exist_ok=True)
        path = path / "facts.parquet"
    facts = facts_of(rows)
    seen: set[ObjectRef] = set()
    events = 0
    with (
        in_place_of(path) as fresh,
        pq.ParquetWriter(fresh, SCHEMA, compression="zstd", compression_level=1) as writer,
    ):
        while group := list(islice(facts, _GROUP)):
            writer.write_batch(_batch(group))
            events += len(group)
            for fact in group:
                seen.update(ObjectRef(o.type, o.id) for o in objects_of(fact))
    return Summary((path,), events, len(seen))
