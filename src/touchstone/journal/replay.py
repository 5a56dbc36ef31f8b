"""Replay: fold every projection from the journal again and compare it with the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from touchstone.journal.projections import Key, Values, folds_of, projections
from touchstone.journal.reading import rows
from touchstone.journal.session import snapshot


@dataclass(slots=True)
class TableReplay:
    """One projection: rows folded, and the keys whose stored row differs (first few)."""

    rows: int = 0
    differences: int = 0
    examples: list[str] = field(default_factory=list)


def folded(progress: Callable[[int], None] | None = None) -> dict[str, dict[Key, Values]]:
    """Every projection's rows as the journal alone gives them."""
    tables: dict[str, dict[Key, Values]] = {table: {} for table in projections()}
    for count, row in enumerate(rows(), start=1):
        for recorded in row.recorded():
            for name, keys, fold in folds_of(recorded.kind):
                table = tables[name]
                for key in keys(recorded):
                    after = fold(table.get(key), recorded)
                    if after is None:
                        table.pop(key, None)
                    else:
                        table[key] = after
        if progress and count % 5000 == 0:
            progress(count)
    return tables


def replay(progress: Callable[[int], None] | None = None) -> dict[str, TableReplay]:
    """Compare every projection with its table, as both were at one instant, whoever writes meanwhile."""
    with snapshot():
        return _compared(progress)


def _compared(progress: Callable[[int], None] | None) -> dict[str, TableReplay]:
    results: dict[str, TableReplay] = {}
    for table, expected in folded(progress).items():
        projection = projections()[table]
        result = results[table] = TableReplay(rows=len(expected))
        with connection.chunked_cursor() as cursor:
            cursor.execute(projection.select)
            while batch := cursor.fetchmany(2000):
                for stored in batch:
                    found = projection.decode(stored)
                    key = projection.key_of(found)
                    if expected.pop(key, None) != found:
                        result.differences += 1
                        result.examples.append(str(key))
        result.differences += len(expected)
        result.examples = (result.examples + [str(key) for key in expected])[:5]
    return results
