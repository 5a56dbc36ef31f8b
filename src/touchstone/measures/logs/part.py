"""The common shape in which every reader hands over a log: two Arrow tables, joined at the end.

``events`` has one row per event in file order, ``cases`` one per case. Columns are named by the
keys of the source; ``CASE`` holds the running number of the case, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

CASE = "\0case"
INSTANT = pa.timestamp("us", tz="UTC")
CORE = ("case_id", "activity", "timestamp", "resource", "lifecycle")


@dataclass(frozen=True)
class Part:
    """A piece of a log, as read."""

    events: pa.Table
    cases: pa.Table


@dataclass(frozen=True)
class EventLog:
    """A whole log.

    Attributes:
        events: ``case_id, activity, timestamp (µs UTC), resource, lifecycle`` and one column
            ``event:<key>`` per further attribute; cases in file order, events in file order.
        cases: ``case_id`` and one column ``case:<key>`` per attribute; also cases without events.
        case_numbers: the number of its case for each event, as an array of integers.
    """

    events: pa.Table
    cases: pa.Table
    case_numbers: pa.Array


def _alike(tables: list[pa.Table]) -> pa.Table:
    """The tables below one another; a column that differs in type between them becomes text."""
    if len(tables) == 1:
        return tables[0]
    types: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for field in table.schema:
            if not pa.types.is_null(field.type):
                types.setdefault(field.name, set()).add(field.type)
    mixed = {name for name, kinds in types.items() if len(kinds) > 1}
    if mixed:
        tables = [_with_text(table, mixed) for table in tables]
    return pa.concat_tables(tables, promote_options="default")


def _with_text(table: pa.Table, names: set[str]) -> pa.Table:
    for name in names & set(table.column_names):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table.column(name).cast(pa.string()))
    return table


def _coded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def _unique_ids(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids of cases: a missing one becomes its number, a repeated one gets ``#2``, ``#3`` …"""
    if ids.null_count == 0 and pc.count_distinct(ids).as_py() == len(ids):
        return ids
    seen: dict[str, int] = {}
    unique = []
    for number, value in enumerate(ids.to_pylist()):
        name = value or f"case-{number + 1}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return pa.chunked_array([pa.array(unique, pa.string())])


def join(parts: Iterable[Part], core: Mapping[str, str], case_key: str) -> EventLog:
    """One log out of the parts.

    Args:
        core: column of ``CORE`` -> key of the event that holds it; ``case_id`` excepted.
        case_key: key of the case that holds its id.
    """
    pieces = list(parts)
    events = _alike([part.events for part in pieces]).combine_chunks()
    cases = _alike([part.cases for part in pieces]).combine_chunks()
    nothing = pa.chunked_array([pa.nulls(cases.num_rows, pa.string())])
    known = cases.column(case_key) if case_key in cases.column_names else nothing
    ids = _unique_ids(known.cast(pa.string()))
    numbers = events.column(CASE).combine_chunks()
    columns: dict[str, pa.ChunkedArray | pa.Array] = {
        "case_id": pa.DictionaryArray.from_arrays(numbers.cast(pa.int32()), ids.combine_chunks())
    }
    for name in CORE[1:]:
        key = core.get(name, "")
        if key in events.column_names:
            columns[name] = _coded(events.column(key))
        else:
            columns[name] = pa.nulls(events.num_rows, pa.string())
    used = {core[name] for name in CORE[1:] if name in core} | {CASE}
    for key in sorted(set(events.column_names) - used):
        columns[f"event:{key}"] = _coded(events.column(key))
    facts: dict[str, pa.ChunkedArray | pa.Array] = {"case_id": ids}
    for key in sorted(set(cases.column_names) - {case_key, CASE}):
        facts[f"case:{key}"] = _coded(cases.column(key))
    return EventLog(pa.table(columns), pa.table(facts), numbers)
